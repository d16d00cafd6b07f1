// Written documents as a table: what they are called, in which formats they are there, when they were written.

import { h } from "./dom.js";
import { formatTime } from "./units.js";

// The first that is there is what the title leads to.
const KINDS = { html: "HTML", md: "Markdown", pdf: "PDF", json: "JSON", csv: "CSV" };
const DOWNLOADED = new Set(["pdf", "csv"]);

// Return where a document is read, or fetched where a browser page cannot show it.
export const address = ({ name, kind }) => `/reports/${DOWNLOADED.has(kind) ? "files/" : ""}${encodeURIComponent(name)}`;

const place = ({ kind }) => Object.keys(KINDS).indexOf(kind);
const stem = ({ name, kind }) => name.slice(0, -kind.length - 1);
const size = ({ bytes }) => `${Math.ceil(bytes / 1024).toLocaleString("en")} kB`;

// Return the documents as reports, each with its formats: those of one name but for the suffix, in the order given.
export function together(documents) {
  const reports = new Map();
  for (const each of documents) reports.set(stem(each), [...(reports.get(stem(each)) || []), each]);
  return [...reports.values()].map((formats) => {
    const sorted = formats.sort((one, other) => place(one) - place(other));
    return { ...sorted[0], formats: sorted, written_at: Math.max(...formats.map((each) => each.written_at)) };
  });
}

const links = ({ formats }) => formats.flatMap((each) => [h("a", { href: address(each), title: size(each) }, KINDS[each.kind]), " "]);

// Return the documents as a table, a row for all formats of one. Further columns are [heading, report -> cell].
export function documentTable(documents, caption, further = []) {
  const columns = [
    ["Title", (each) => h("a", { href: address(each) }, each.title)],
    ...further,
    ["Name", stem],
    ["Formats", links],
    ["Written", (each) => `${formatTime(each.written_at).slice(0, 16)} UTC`],
  ];
  return h("div", { class: "table-scroll" }, h("table", {}, h("caption", { class: "hidden" }, caption),
    h("thead", {}, h("tr", {}, columns.map(([heading]) => h("th", { scope: "col" }, heading)))),
    h("tbody", {}, together(documents).map((each) => h("tr", {}, columns.map(([, cell]) => h("td", {}, cell(each))))))));
}
