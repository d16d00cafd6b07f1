// Bars of counts over buckets that the query has made: `xMin` and `xMax` of each, and one column per series.

import { draw, timeLayout } from "../chart.js";
import { seriesColour } from "../colours.js";
import { numberFields } from "../fields.js";
import { legend } from "../legend.js";
import { escapeText } from "../text.js";
import { formatValue, scaleFor } from "../units.js";
import { reduce } from "../reduce.js";
import { h } from "../dom.js";

// Draw the panel; return "data" or "empty".
export async function histogram(body, panel, frames) {
  const fields = numberFields(frames[0] ?? []);
  const low = fields.find(({ name }) => name === "xMin"), high = fields.find(({ name }) => name === "xMax");
  const counts = fields.filter((field) => field !== low && field !== high);
  if (!low || !high || !counts.some(({ values }) => values.some((value) => value > 0))) return "empty";
  const unit = panel.fieldConfig?.defaults?.unit;
  const scale = scaleFor(unit, reduce(high.values, "max"));
  let chart = body.querySelector(".chart");
  if (!chart) body.replaceChildren(chart = h("div", { class: "chart" }), h("div", { class: "legend" }));
  for (const [index, field] of counts.entries()) Object.assign(field, { index, config: { ...field.config, unit: "short" } });
  body.querySelector(".legend").replaceWith(legend(counts, panel.options?.legend));
  await draw(chart, counts.map((field, index) => bars(field, index, { low, high, unit, scale })), layout(scale));
  return "data";
}

// Buckets of unequal width: each bar is as wide as its bucket. The open last one is drawn as a line's width.
function bars(field, index, { low, high, unit, scale }) {
  const widths = low.values.map((from, row) => (high.values[row] - from) / scale.factor);
  const least = Math.min(...widths.filter((width) => width > 0), Infinity);
  return {
    type: "bar", name: escapeText(field.displayName), y: field.values,
    x: low.values.map((from) => from / scale.factor), width: widths.map((width) => (width > 0 ? width : Number.isFinite(least) ? least / 4 : 1)),
    offset: 0, opacity: 0.8, marker: { color: seriesColour(index), line: { width: 1, color: "rgba(127,127,127,0.6)" } },
    hovertext: field.values.map((count, row) => `<b>${escapeText(field.displayName)}</b>: ${formatValue(count, "short")}<br>`
      + `${escapeText(formatValue(low.values[row], unit))} to ${escapeText(formatValue(high.values[row], unit))}`),
    hoverinfo: "text",
  };
}

function layout({ suffix }) {
  const linear = { type: "linear", range: undefined, autorange: true, hoverformat: undefined, tickformatstops: undefined };
  return timeLayout({ range: { from: 0, to: 0 } }, { barmode: "overlay", bargap: 0, hovermode: "closest", dragmode: false,
    xaxis: { ...linear, ticksuffix: suffix, fixedrange: true, showgrid: false }, yaxis: { rangemode: "tozero" } });
}
