// The list of written reports and postmortems, the newest first.

import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";
import { formatTime } from "./units.js";

const KINDS = { html: "HTML", md: "Markdown", json: "JSON", pdf: "PDF", csv: "CSV" };
const DOWNLOADED = new Set(["pdf", "csv"]);

function draw(main, { documents }) {
  fill(main, h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Reports"),
    h("p", { class: "lead" }, "SLO reports and postmortems that were written into the folder of reports."))),
  documents.length === 0 ? h("p", { class: "message empty" }, "Nothing has been written yet. ", h("code", {}, "herald report --period 2026-11 --to .herald/reports"),
    " writes the report of a month.") : list(documents));
}

function list(documents) {
  return h("div", { class: "table-scroll" }, h("table", {}, h("caption", { class: "hidden" }, "Reports, the newest first"),
    h("thead", {}, h("tr", {}, ["Title", "File", "Kind", "Written", "Size"].map((text) => h("th", { scope: "col", class: text === "Size" ? "number" : null }, text)))),
    h("tbody", {}, documents.map((each) => h("tr", {},
      h("td", {}, h("a", { href: `/reports/${DOWNLOADED.has(each.kind) ? "files/" : ""}${encodeURIComponent(each.name)}` }, each.title)), h("td", {}, each.name), h("td", {}, KINDS[each.kind]),
      h("td", {}, `${formatTime(each.written_at).slice(0, 16)} UTC`), h("td", { class: "number" }, `${Math.ceil(each.bytes / 1024).toLocaleString("en")} kB`))))));
}

keepCurrent(() => "/api/herald/reports", draw, 60000);
