// One big number per field, with a sparkline where the panel wants one.

import { colourOf, numberFields, textOf, timeField } from "../fields.js";
import { asRegExp } from "../colours.js";
import { h } from "../dom.js";
import { reduce } from "../reduce.js";

// Draw the panel; return "data" or "empty".
export function stat(body, panel, frames) {
  const values = reduced(panel, frames).filter(({ value, field }) => value !== null || field.config.mappings?.length);
  if (values.length === 0 || values.every(({ value }) => value === null)) return "empty";
  const { colorMode = "value", graphMode = "none", textMode = "auto" } = panel.options ?? {};
  const named = ["value_and_name", "name"].includes(textMode) || (textMode === "auto" && values.length > 1);
  body.replaceChildren(h("div", { class: "stats" }, values.map((each) => tile(each, { colorMode, graphMode, named, textMode }))));
  return "data";
}

// Return what a panel's `reduceOptions` ask for: [{ name, field, value, time }]. A row is called after its texts.
export function reduced(panel, frames) {
  const { calcs = ["lastNotNull"], fields: wanted = "", values: everyRow = false } = panel.options?.reduceOptions ?? {};
  return frames.flatMap((fields) => choose(fields, wanted).flatMap((field) => {
    const time = timeField(fields);
    if (everyRow) return field.values.map((value, row) => ({ name: textsOf(fields, row) || field.displayName, field, value, time: null }));
    return [{ name: field.displayName, field, value: reduce(field.values, calcs[0]), time }];
  }));
}

const textsOf = (fields, row) => fields.filter(({ type }) => type === "string").map(({ values }) => values[row]).join(" ");

function choose(fields, wanted) {
  if (!wanted) return numberFields(fields);
  const pattern = asRegExp(wanted);
  return fields.filter((field) => field.displayName === wanted || field.name === wanted || pattern?.test(field.displayName));
}

function tile({ name, field, value, time }, { colorMode, graphMode, named, textMode }) {
  const color = colourOf(field, value);
  const filled = colorMode.startsWith("background");
  const style = filled ? { "--fill": color } : colorMode === "value" ? { "--value": color } : {};
  const text = textOf(field, value);
  return h("div", { class: filled ? "stat filled" : "stat", style },
    named && h("span", { class: "stat-name" }, name),
    textMode !== "name" && h("span", { class: `stat-value length-${Math.min(4, Math.ceil(text.length / 6))}` }, text),
    graphMode === "area" && time && sparkline(field.values, color));
}

// Return a small line without axes; it repeats what the number says, so it is hidden from readers.
export function sparkline(values, color) {
  const points = values.map((value, index) => [index, value]).filter(([, value]) => typeof value === "number");
  if (points.length < 2) return null;
  const low = reduce(values, "min"), high = reduce(values, "max"), last = values.length - 1;
  const line = points.map(([x, y]) => `${((x / last) * 100).toFixed(2)},${(26 - ((y - low) / (high - low || 1)) * 24).toFixed(2)}`);
  return h("svg", { class: "sparkline", viewBox: "0 0 100 28", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("polyline", { points: line.join(" "), fill: "none", stroke: color, "stroke-width": "1.5", "vector-effect": "non-scaling-stroke" }));
}
