// Incidents: those that are not resolved first, then the newest.

import { fill, h } from "./dom.js";
import { burning, incidentPill, lasted } from "./incidentlist.js";
import { keepCurrent } from "./shell.js";
import { formatAgo, formatTime } from "./units.js";

const HEAD = ["State", "Incident", "Entities", "Alerts", "Impact since (UTC)", "Detected after", "Open for", "Burn now, 1 h"];

function draw(main, answer) {
  const nowMs = Date.parse(answer.as_of);
  const open = answer.incidents.filter(({ state }) => state !== "resolved");
  const past = answer.incidents.filter(({ state }) => state === "resolved");
  fill(main, h("div", { class: "page-head" }, h("h1", {}, "Incidents"), h("nav", { "aria-label": "More" }, h("a", { href: "/postmortems" }, "Postmortems"))),
    h("section", { "aria-label": "Open" }, h("h2", {}, `Open now (${open.length})`), table(open, nowMs, "No incident is open.")),
    h("section", { "aria-label": "Past" }, h("h2", {}, `Resolved in the past ${answer.days} days (${past.length})`), table(past, nowMs, "No incident was resolved.")));
}

function table(incidents, nowMs, none) {
  if (incidents.length === 0) return h("p", { class: "message empty" }, none);
  return h("div", { class: "table-scroll" }, h("table", { class: "alerts" }, h("thead", {}, h("tr", {}, HEAD.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, incidents.map((incident) => line(incident, nowMs)))));
}

function line(incident, nowMs) {
  return h("tr", { "data-incident-id": incident.id, "data-state": incident.state },
    h("td", {}, incidentPill(incident)),
    h("td", { class: "words" }, h("a", { href: `/incidents/${incident.id}` }, `#${incident.id} ${incident.title}`)),
    h("td", { class: "name" }, incident.entities.join(", ") || "–"),
    h("td", { class: "number" }, String(incident.alerts)),
    h("td", { title: formatAgo(incident.impact_at, nowMs) }, formatTime(incident.impact_at).slice(0, 16)),
    h("td", {}, duration(incident)),
    h("td", {}, lasted(incident, nowMs)),
    h("td", { class: "number" }, burning(incident)));
}

const duration = ({ seconds_to_detect: seconds }) => `${Math.round(seconds / 60)} min`;

keepCurrent(() => `/api/herald/incidents${location.search}`, draw);
