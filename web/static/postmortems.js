// The list of written postmortems, the newest first, each with the incident that it is about.

import { documentTable } from "./documentlist.js";
import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";

const incident = ({ incident: number }) => (number === null ? "–" : h("a", { href: `/incidents/${number}` }, `#${number}`));

function draw(main, { documents }) {
  const written = documents.filter(({ postmortem }) => postmortem);
  fill(main, h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Postmortems"),
    h("p", { class: "lead" }, "What happened, what it cost and what most likely caused it, as written into the folder of reports.")),
    h("nav", { "aria-label": "More" }, h("a", { href: "/incidents" }, "Incidents"), " ", h("a", { href: "/reports" }, "Reports"))),
  written.length === 0 ? h("p", { class: "message empty" }, "None has been written yet. The page of an incident shows the command that does so.")
    : documentTable(written, "Postmortems, the newest first", [["Incident", incident]]));
}

keepCurrent(() => "/api/herald/reports", draw, 60000);
