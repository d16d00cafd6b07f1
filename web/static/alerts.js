// Every alert of the past weeks, the firing ones apart.

import { alertTable } from "./alertlist.js";
import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";

function draw(main, answer) {
  const open = answer.alerts.filter((alert) => alert.resolved_at === null);
  const [firing, muting] = [open.filter(({ mutes }) => !mutes), open.filter(({ mutes }) => mutes)];
  const nowMs = Date.parse(answer.as_of);
  const past = answer.alerts.filter((alert) => alert.resolved_at !== null);
  fill(main, h("div", { class: "page-head" }, h("h1", {}, "Alerts")),
    h("section", { "aria-label": "Firing" }, h("h2", {}, `Firing now (${firing.length})`), alertTable(firing, { nowMs, none: "Nothing is firing." })),
    muting.length > 0 && h("section", { "aria-label": "Muting" }, h("h2", {}, `Muting others now (${muting.length})`), alertTable(muting, { nowMs })),
    h("section", { "aria-label": "Past" }, h("h2", {}, `Resolved in the past ${answer.days} days (${past.length})`), alertTable(past, { nowMs, none: "No alert was resolved." }),
      answer.left_out > 0 && h("p", { class: "message unsupported" }, `${answer.left_out} older ones are not listed.`)));
}

keepCurrent(() => `/api/herald/alerts${location.search}`, draw);
