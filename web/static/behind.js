// The numbers behind a chart: the same frames as a table, and as a CSV file.

import { textOf } from "./fields.js";
import { h } from "./dom.js";
import { formatTime } from "./units.js";

const ROWS_SHOWN = 500;

// Put the frames into the body as tables, the newest row first; return "data" or "empty".
export function tableBehind(body, panel, frames) {
  const filled = frames.filter((fields) => fields[0].values.length > 0);
  if (filled.length === 0) return "empty";
  body.replaceChildren(h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `${panel.title} as a table` },
    filled.map((fields) => frameTable(fields)), h("p", { class: "muted" }, download(filled, panel.title))));
  return "data";
}

function frameTable(fields) {
  const count = fields[0].values.length;
  const rows = Array.from({ length: Math.min(count, ROWS_SHOWN) }, (_, index) => count - 1 - index);
  return h("table", {},
    count > ROWS_SHOWN && h("caption", {}, `The newest ${ROWS_SHOWN} of ${count.toLocaleString("en")} rows; the file has them all`),
    h("thead", {}, h("tr", {}, fields.map((field) => h("th", { scope: "col", class: field.type === "number" ? "number" : null }, field.displayName)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, fields.map((field) => h("td", { class: field.type === "number" ? "number" : null }, cell(field, row)))))));
}

function cell(field, row) {
  const value = field.values[row];
  return value === null || value === undefined ? "–" : textOf(field, value);
}

function download(frames, title) {
  const text = frames.map(csv).join("\n");
  return h("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: `${title}.csv` }, "Download as CSV");
}

// Return a frame as RFC 4180: unrounded numbers, times in UTC.
export function csv(fields) {
  const rows = fields[0].values.map((_, row) => fields.map((field) => raw(field, field.values[row])));
  return [fields.map((field) => field.displayName), ...rows].map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

const raw = (field, value) => (value === null || value === undefined ? "" : field.type === "time" ? `${formatTime(value).replace(" ", "T")}Z` : String(value));
const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
