// The list of written reports, the newest first, and the way to the postmortems.

import { documentTable, together } from "./documentlist.js";
import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";

function draw(main, { documents }) {
  const reports = documents.filter(({ postmortem }) => !postmortem);
  const postmortems = together(documents.filter(({ postmortem }) => postmortem)).length;
  fill(main, h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Reports"),
    h("p", { class: "lead" }, "SLO reports that were written into the folder of reports.")),
    h("nav", { "aria-label": "More" }, h("a", { href: "/postmortems" }, `Postmortems (${postmortems})`))),
  reports.length === 0 ? h("p", { class: "message empty" }, "Nothing has been written yet. ", h("code", {}, "herald report --period 2026-11 --to .herald/reports"),
    " writes the report of a month.") : documentTable(reports, "Reports, the newest first"));
}

keepCurrent(() => "/api/herald/reports", draw, 60000);
