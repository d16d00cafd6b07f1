// Bands of state over time: one row per series, one bar per stretch of equal values.

import { draw, timeLayout } from "../chart.js";
import { mapping, seriesColour } from "../colours.js";
import { colourOf, textOf, timeField } from "../fields.js";
import { escapeText } from "../text.js";
import { formatLength, formatTime } from "../units.js";
import { h } from "../dom.js";

const FOOT_PX = 46; // of a chart: the times below it, and the edge above

// Draw the panel; return "data" or "empty".
export async function stateTimeline(body, panel, frames, context) {
  const rows = frames.flatMap((fields) => {
    const time = timeField(fields);
    return time ? fields.filter((field) => field !== time).map((field) => ({ field, spans: spansOf(field, time, context.range) })) : [];
  });
  const spans = rows.flatMap((row) => row.spans);
  if (spans.length === 0) return "empty";
  let chart = body.querySelector(".chart");
  if (!chart) body.replaceChildren(chart = h("div", { class: "chart" }), h("div", { class: "legend" }));
  const states = [...new Map(spans.map((span) => [span.text, span.color])).entries()];
  body.querySelector(".legend").replaceWith(stateLegend(states, panel.options?.legend));
  await draw(chart, states.map(([text, color]) => bars(text, color, rows, panel)), layout(rows, chart, context), context.onZoom);
  return "data";
}

// Return stretches of equal values: each lasts until the next change, the last until the end of the range, or until
// now where that ends later: nobody knows what is to come.
export function spansOf(field, time, range) {
  const spans = [];
  const last = Math.min(range.to, range.now);
  const words = new Map();
  field.values.forEach((value, index) => {
    const start = Math.max(time.values[index], range.from);
    const end = Math.min(time.values[index + 1] ?? last, last);
    const before = spans.at(-1);
    if (before && before.end === null) before.end = start;
    if (value === null || value === undefined || end < range.from) {
      if (before && before.end > start) before.end = start;
      return;
    }
    if (before && before.value === value && before.end >= start) before.end = end;
    else spans.push({ value, start, end, ...look(field, value, words) });
  });
  return spans.filter((span) => span.end > span.start);
}

function look(field, value, words) {
  const text = textOf(field, value);
  if (!words.has(text)) words.set(text, seriesColour(words.size));
  const mapped = mapping(value, field.config.mappings)?.color;
  return { text, color: mapped ?? (field.config.color?.mode === "thresholds" ? colourOf(field, value) : words.get(text)) };
}

function bars(text, color, rows, panel) {
  const own = rows.flatMap(({ field, spans }) => spans.filter((span) => span.text === text).map((span) => ({ field, ...span })));
  return {
    type: "bar", orientation: "h", name: escapeText(text), marker: { color, line: { width: 0 } },
    y: own.map(({ field }) => escapeText(field.displayName)),
    base: own.map(({ start }) => start),
    x: own.map(({ start, end }) => end - start),
    width: panel.options?.rowHeight ?? 0.9,
    text: own.map(() => (panel.options?.showValue === "always" ? escapeText(text) : "")),
    textposition: "inside",
    insidetextanchor: "middle",
    hovertext: own.map(({ field, start, end }) =>
      `<b>${escapeText(field.displayName)}</b>: ${escapeText(text)}<br>${formatTime(start)} to ${formatTime(end)} UTC (${formatLength(end - start)})`),
    hoverinfo: "text",
  };
}

const NAME_PX = [9, 11]; // smallest and usual; the library would leave every second name out

function layout(rows, chart, context) {
  const size = Math.min(NAME_PX[1], Math.floor((chart.clientHeight - FOOT_PX) / rows.length) - 1);
  const everyName = size >= NAME_PX[0] ? { dtick: 1, tickfont: { size } } : {};
  const names = rows.map(({ field }) => escapeText(field.displayName));
  return timeLayout(context, {
    barmode: "overlay", hovermode: "closest", bargap: 0,
    yaxis: { type: "category", categoryorder: "array", categoryarray: names.reverse(), showgrid: false, ...everyName },
  });
}

function stateLegend(states, options = {}) {
  if (options.showLegend === false || options.displayMode === "hidden") return h("div", { class: "legend", hidden: true });
  return h("ul", { class: "legend" }, states.map(([text, color]) =>
    h("li", {}, h("span", { class: "swatch", style: { "background-color": color } }), text)));
}
