// The legend below a chart: names with their colours, and the calculations that the panel asks for.

import { h } from "./dom.js";
import { colourOfSeries, dashOf, textOf } from "./fields.js";
import { reduce } from "./reduce.js";

const STROKES = { solid: "solid", dot: "dotted", dash: "dashed", dashdot: "dashed", longdash: "dashed" };
const WORDS = { lastNotNull: "last", firstNotNull: "first" };

// Return the legend of these fields; empty where the panel wants none.
export function legend(fields, options = {}) {
  const shown = fields.filter((field) => !field.config.custom.hideFrom?.legend);
  const wanted = options.showLegend ?? options.displayMode !== "hidden";
  if (!wanted || shown.length === 0) return h("div", { class: "legend", hidden: true });
  return h("ul", { class: "legend" }, shown.map((field) => entry(field, options.calcs ?? [])));
}

function entry(field, calcs) {
  const numbers = calcs.map((calc) => `${WORDS[calc] ?? calc} ${textOf({ ...field, config: { ...field.config, mappings: [] } },
    reduce(field.values, calc))}`);
  return h("li", {},
    h("span", { class: "swatch line", style: { "border-top-color": colourOfSeries(field, reduce(field.values)), "border-top-style": STROKES[dashOf(field)] } }),
    field.displayName, numbers.length > 0 && h("span", { class: "calcs" }, numbers.join(" · ")));
}
