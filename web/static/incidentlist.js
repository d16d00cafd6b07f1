// What pages of incidents have in common: the state as a pill, and how long things took.

import { h } from "./dom.js";
import { formatLength, formatNumber } from "./units.js";

const LOOKS = { open: "exhausted", acknowledged: "at_risk", mitigated: "at_risk", resolved: "ok" };

// Return the state of an incident as a pill.
export function incidentPill({ state }) {
  return h("span", { class: `pill ${LOOKS[state] ?? ""}` }, state[0].toUpperCase() + state.slice(1));
}

// Return how long an incident has been open, or was.
export function lasted(incident, nowMs) {
  return formatLength((incident.resolved_at ?? nowMs) - incident.detected_at);
}

// Return how fast the worst budget behind an incident burns now.
export function burning({ burn_1h: burn }) {
  return burn === null ? "–" : `${formatNumber(burn, 1)}×`;
}
