// Variables inside texts and links of a dashboard: titles, text panels, data links.

import { formatTime } from "./units.js";
import { textOf } from "./fields.js";

const REFERENCE = /\$\{([\w]+)((?:\.[^:}]+)|(?:\[[^\]]*\]))?(?::([^}]+))?\}|\$(\w+)|\[\[(\w+)\]\]/g;

// Return the text with what is known put in; `cell` is { field, fields, row } for a data link.
export function resolve(text, context, cell) {
  return String(text ?? "").replace(REFERENCE, (whole, name, path, form, plain, bracketed) => {
    const value = lookUp(name ?? plain ?? bracketed, path, form, context, cell);
    return value === null || value === undefined ? whole : value;
  });
}

// Return the address if it is relative or http(s), null for anything that could run code.
export function safeLink(address) {
  try {
    const url = new URL(address, location.href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? address : null;
  } catch {
    return null;
  }
}

function lookUp(name, path, form, context, cell) {
  const { range, asked, variables = [] } = context;
  if (name === "__from") return timeAs(range.from, form);
  if (name === "__to") return timeAs(range.to, form);
  if (name === "__url_time_range") return `from=${encodeURIComponent(asked.from)}&to=${encodeURIComponent(asked.to)}`;
  if (name === "__all_variables") return variables.filter((each) => !each.hidden).map(asQuery).join("&");
  if (cell && name.startsWith("__")) return cellPart(name, keyOf(path), cell);
  const variable = variables.find((each) => each.name === name);
  if (!variable) return null;
  if (form === "queryparam") return asQuery(variable);
  const words = variable.options.filter((option) => variable.chosen.includes(option.value)).map((option) => option.text);
  const shown = variable.chosen.includes(variable.all) ? "All" : words.join(", ");
  return form === "percentencode" || cell ? encodeURIComponent(shown) : shown;
}

function cellPart(name, key, { field, fields, row }) {
  const value = field.values[row];
  if (name === "__value") {
    if (key === "time") return String(fields.find((each) => each.type === "time")?.values[row] ?? "");
    return encodeURIComponent(key === "text" ? textOf(field, value) : value ?? "");
  }
  if (name === "__field") return encodeURIComponent(key === "name" ? field.displayName : field.labels[key?.replace(/^labels\./, "")] ?? "");
  if (name !== "__data") return null;
  const wanted = key?.replace(/^fields\.?/, "").replace(/^\[?["']?|["']?\]?$/g, "");
  const other = fields.find((each) => each.displayName === wanted || each.name === wanted) ?? fields[Number(wanted)];
  return encodeURIComponent(other?.values[row] ?? "");
}

const keyOf = (path) => path?.replace(/^\./, "");

const asQuery = ({ name, chosen }) =>
  chosen.map((value) => `var-${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");

function timeAs(ms, form) {
  if (form === "date:seconds") return String(Math.floor(ms / 1000));
  if (form?.startsWith("date")) return form === "date" || form === "date:iso" ? new Date(ms).toISOString() : formatTime(ms);
  return String(ms);
}

// Plotly reads a few HTML tags in its texts; names from telemetry must not become any.
export const escapeText = (text) =>
  String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
