// Every alert of the past weeks, the firing ones apart.

import { alertTable } from "./alertlist.js";
import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";

function draw(main, answer) {
  const firing = answer.alerts.filter((alert) => alert.resolved_at === null);
  const nowMs = Date.parse(answer.as_of);
  const past = answer.alerts.filter((alert) => alert.resolved_at !== null);
  fill(main, h("div", { class: "page-head" }, h("h1", {}, "Alerts")),
    h("section", { "aria-label": "Firing" }, h("h2", {}, `Firing now (${firing.length})`), alertTable(firing, { nowMs, none: "Nothing is firing." })),
    h("section", { "aria-label": "Past" }, h("h2", {}, `Resolved in the past ${answer.days} days (${past.length})`), alertTable(past, { nowMs, none: "No alert was resolved." })));
}

keepCurrent(() => `/api/herald/alerts${location.search}`, draw);
