// Rows and columns, sortable by their headers, with links, mappings and bars in cells.

import { colourOf, textOf } from "../fields.js";
import { h } from "../dom.js";
import { resolve, safeLink } from "../text.js";
import { shareOf } from "./bargauge.js";

// Draw the panel; return "data" or "empty".
export function table(body, panel, frames, context) {
  const fields = (frames[panel.options?.frameIndex ?? 0] ?? []).filter((field) => !field.config.custom.hidden);
  if (fields.length === 0 || fields[0].values.length === 0) return "empty";
  markMissing(fields, panel);
  const state = (panel.sorting ??= initialSorting(panel, fields));
  const redraw = () => table(body, panel, frames, context);
  const rows = sorted(fields, state);
  body.replaceChildren(h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": `Rows of ${panel.title || "the table"}` },
    h("table", {},
      panel.options?.showHeader !== false && h("thead", {}, h("tr", {}, fields.map((field) => header(field, state, redraw)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, fields.map((field) => cell(field, row, fields, context))))))));
  return "data";
}

function initialSorting(panel, fields) {
  const [first] = panel.options?.sortBy ?? [];
  const found = first && fields.find((field) => field.displayName === first.displayName);
  return found ? { name: found.displayName, descending: Boolean(first.desc) } : { name: null, descending: false };
}

function sorted(fields, { name, descending }) {
  const rows = fields[0].values.map((_, row) => row);
  const field = fields.find((each) => each.displayName === name);
  if (!field) return rows;
  const sign = descending ? -1 : 1;
  return rows.sort((a, b) => sign * compare(field.values[a], field.values[b]) || a - b);
}

function compare(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
}

function header(field, state, redraw) {
  const active = state.name === field.displayName;
  const onclick = () => {
    Object.assign(state, { name: field.displayName, descending: active && !state.descending });
    redraw();
  };
  const arrow = active ? (state.descending ? " ↓" : " ↑") : "";
  return h("th", { scope: "col", class: isNumeric(field) ? "number" : null, style: { width: pixels(field.config.custom.width) },
    "aria-sort": active ? (state.descending ? "descending" : "ascending") : null },
  h("button", { type: "button", onclick }, field.displayName + arrow));
}

function cell(field, row, fields, context) {
  const value = field.values[row], text = textOf(field, value);
  const look = field.config.custom.cellOptions?.type ?? "auto";
  const color = look === "auto" ? null : colourOf(field, value);
  const style = look === "color-background" ? { "--fill": color } : look === "color-text" ? { "--value": color } : {};
  const shown = link(field, row, fields, text, context);
  const content = look === "gauge" && typeof value === "number" ? [gauge(field, value), h("span", { class: "beside-bar" }, shown)] : shown;
  const classes = [isNumeric(field) && "number", isShort(text) ? "short" : "long", look === "color-background" && "filled", color && look === "color-text" && "coloured"];
  return h("td", { class: classes.filter(Boolean).join(" ") || null, style }, content);
}

// A missing cell is a dash: the panel's own `noValue` speaks of the whole panel, a column's override of the cell.
function markMissing(fields, panel) {
  const whole = panel.fieldConfig?.defaults?.noValue;
  for (const { config } of fields) if (config.noValue === whole) config.noValue = "–";
}

function gauge(field, value) {
  const numbers = field.values.filter((each) => typeof each === "number");
  const share = shareOf(value, field.config.min ?? Math.min(0, ...numbers), field.config.max ?? Math.max(...numbers));
  return h("span", { class: "bar-track" },
    h("span", { class: "bar-fill", style: { width: `${share * 100}%`, "background-color": colourOf(field, value) } }));
}

function link(field, row, fields, text, context) {
  const [first] = field.config.links ?? [];
  if (!first || !text || missing(field.values[row])) return text;
  const href = safeLink(resolve(first.url, context, { field, fields, row }));
  if (!href) return text;
  return h("a", { href, title: first.title || null, target: first.targetBlank ? "_blank" : null, rel: first.targetBlank ? "noopener" : null }, text);
}

const SHORT = 24, ID = 45;

// A moment or an id that is broken at its hyphens is hard to read; sentences wrap, with a few words beside each other.
const isShort = (text) => text.length <= SHORT || (text.length <= ID && !text.includes(" "));
const missing = (value) => value === null || value === undefined;
const isNumeric = (field) => field.type === "number" && !field.config.unit?.startsWith("dateTime");
const pixels = (width) => (typeof width === "number" ? `${width}px` : null);
