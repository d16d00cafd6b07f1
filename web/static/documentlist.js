// Written documents as a table: what they are called, what they are, when they were written.

import { h } from "./dom.js";
import { formatTime } from "./units.js";

const KINDS = { html: "HTML", md: "Markdown", json: "JSON", pdf: "PDF", csv: "CSV" };
const DOWNLOADED = new Set(["pdf", "csv"]);

// Return where a document is read, or fetched where a browser page cannot show it.
export const address = ({ name, kind }) => `/reports/${DOWNLOADED.has(kind) ? "files/" : ""}${encodeURIComponent(name)}`;

// Return the documents as a table. Further columns are [heading, document -> cell].
export function documentTable(documents, caption, further = []) {
  const columns = [
    ["Title", (each) => h("a", { href: address(each) }, each.title)],
    ...further,
    ["File", ({ name }) => name],
    ["Kind", ({ kind }) => KINDS[kind]],
    ["Written", (each) => `${formatTime(each.written_at).slice(0, 16)} UTC`],
    ["Size", (each) => `${Math.ceil(each.bytes / 1024).toLocaleString("en")} kB`],
  ];
  const classOf = (heading) => (heading === "Size" ? "number" : null);
  return h("div", { class: "table-scroll" }, h("table", {}, h("caption", { class: "hidden" }, caption),
    h("thead", {}, h("tr", {}, columns.map(([heading]) => h("th", { scope: "col", class: classOf(heading) }, heading)))),
    h("tbody", {}, documents.map((each) => h("tr", {}, columns.map(([heading, cell]) => h("td", { class: classOf(heading) }, cell(each))))))));
}
