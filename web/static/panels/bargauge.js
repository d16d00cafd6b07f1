// One horizontal bar per series or row, coloured by its threshold.

import { colourOf, textOf } from "../fields.js";
import { h } from "../dom.js";
import { reduced } from "./stat.js";

// Draw the panel; return "data" or "empty".
export function bargauge(body, panel, frames) {
  const values = reduced(panel, frames).filter(({ value }) => typeof value === "number");
  if (values.length === 0) return "empty";
  const numbers = values.map(({ value }) => value);
  body.replaceChildren(h("div", { class: "bars" }, values.map((each) => bar(each, numbers))));
  return "data";
}

function bar({ name, field, value }, numbers) {
  const share = shareOf(value, field.config.min ?? Math.min(0, ...numbers), field.config.max ?? Math.max(...numbers));
  const text = textOf(field, value);
  return h("div", { class: "bar-row", role: "img", "aria-label": `${name}: ${text}` },
    h("span", { class: "bar-name" }, name),
    h("span", { class: "bar-track" },
      h("span", { class: "bar-fill", style: { width: `${share * 100}%`, "background-color": colourOf(field, value) } })),
    h("span", { class: "bar-text", style: { "--value": colourOf(field, value) } }, text));
}

// Return where a value lies between two ends, 0..1; a thin rest stays visible.
export function shareOf(value, low, high) {
  if (high <= low) return 1;
  return Math.min(1, Math.max(0.004, (value - low) / (high - low)));
}
