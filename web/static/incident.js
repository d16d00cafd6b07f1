// One incident: its times, its alerts, what was done about it, and the ways to its board and its postmortem.

import { alertTable } from "./alertlist.js";
import { percent } from "./budget.js";
import { documentTable } from "./documentlist.js";
import { fill, h } from "./dom.js";
import { burning, incidentPill, lasted } from "./incidentlist.js";
import { keepCurrent } from "./shell.js";
import { formatTime } from "./units.js";

const number = location.pathname.split("/").at(-1);
const STEPS = ["impact", "detected", "acknowledged", "mitigated", "resolved"];

function draw(main, answer) {
  const { incident, alerts, timeline } = answer;
  const nowMs = Date.parse(answer.as_of);
  document.title = `Incident ${incident.id} · Herald`;
  fill(main,
    h("div", { class: "page-head" }, h("div", {}, h("p", { class: "crumb" }, h("a", { href: "/incidents" }, "Incidents"), ` / #${incident.id}`),
      h("h1", {}, incident.title), h("p", { class: "lead" }, incidentPill(incident), ` for ${lasted(incident, nowMs)}, ${incident.entities.join(", ") || "no entity named"}`)),
      answer.board_url && h("nav", { "aria-label": "Boards" }, h("a", { href: answer.board_url }, "Incident board"))),
    facts(incident),
    h("section", { "aria-label": "Timeline" }, h("h2", {}, "Timeline"), table(timeline)),
    h("section", { "aria-label": "Alerts" }, h("h2", {}, `Alerts (${alerts.length})`), alertTable(alerts, { nowMs, grouped: false, none: "No alert belongs to it." })),
    postmortem(answer));
}

function postmortem({ postmortems, postmortem: command }) {
  const written = postmortems.length > 0;
  return h("section", { class: "prose", "aria-label": "Postmortem" }, h("h2", {}, "Postmortem"),
    written && documentTable(postmortems, "What was written about this incident"),
    h("p", {}, written ? "This writes it anew and keeps what people wrote into it:" : "Nobody has written one yet. This writes down causes, impact and charts of this incident:"),
    h("pre", {}, h("code", {}, command)));
}

function facts(incident) {
  const told = STEPS.filter((step) => incident[`${step}_at`] !== null).map((step) => [step[0].toUpperCase() + step.slice(1), `${formatTime(incident[`${step}_at`]).slice(0, 16)} UTC`]);
  const left = incident.budget_remaining === null ? "–" : percent(incident.budget_remaining, 0);
  const spent = [["Worst budget left", left], ["Burn now, 1 h", burning(incident)]];
  return h("dl", { class: "facts inline" }, [...told, ...spent].map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));
}

function table(timeline) {
  return h("div", { class: "table-scroll" }, h("table", { class: "timeline" },
    h("thead", {}, h("tr", {}, ["At (UTC)", "Kind", "Who", "What"].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, timeline.map(({ at, kind, who, text }) => h("tr", { "data-kind": kind },
      h("td", { class: "short" }, formatTime(at)), h("td", {}, kind), h("td", {}, who || "–"), h("td", { class: "words" }, text))))));
}

keepCurrent(() => `/api/herald/incidents/${number}`, draw);
