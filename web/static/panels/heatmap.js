// One row per series and one cell per step of time, coloured by value.

import { draw, timeLayout } from "../chart.js";
import { numberFields, timeField } from "../fields.js";
import { escapeText } from "../text.js";
import { formatTime, formatValue, scaleFor } from "../units.js";
import { reduce } from "../reduce.js";
import { h } from "../dom.js";

const LIGHT = [[0, "#e8f0fa"], [0.25, "#b3cdec"], [0.5, "#6b9fd8"], [0.75, "#2f6cb5"], [1, "#0f3c78"]];
const DARK = [[0, "#14233a"], [0.25, "#1d4478"], [0.5, "#2f74bf"], [0.75, "#72abe6"], [1, "#d9eafc"]];

const NARROW_PX = 500, SHORT_UNIT = 2;
const LEAST_CELL_PX = 4; // narrower cells would vanish between their gaps

// Draw the panel; return "data" or "empty".
export async function heatmap(body, panel, frames, context) {
  const rows = frames.flatMap((fields) => numberFields(fields).map((field) => ({ field, time: timeField(fields) })));
  const least = panel.options?.filterValues?.le ?? -Infinity;
  const cells = rows.map(({ field }) => field.values.map((value) => (typeof value === "number" && value > least ? value : null)));
  if (!rows[0]?.time || !cells.flat().some((value) => value !== null)) return "empty";
  let chart = body.querySelector(".chart");
  if (!chart) body.replaceChildren(chart = h("div", { class: "chart" }));
  await draw(chart, [trace(rows, cells, panel, chart.clientWidth)], layout(rows, panel, context), context.onZoom);
  return "data";
}

function trace(rows, cells, panel, width) {
  const unit = panel.options?.cellValues?.unit ?? rows[0].field.config.unit;
  const { factor, suffix } = scaleFor(unit, reduce(cells.flat(), "max"));
  const exponent = panel.options?.color?.scale === "exponential" ? panel.options.color.exponent ?? 0.5 : 1;
  const [low, high] = ["min", "max"].map((calc) => reduce(cells.flat(), calc) / factor);
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return {
    type: "heatmap", x: rows[0].time.values, y: rows.map(({ field }) => escapeText(field.displayName)),
    z: cells.map((row) => row.map((value) => (value === null ? null : value / factor))),
    colorscale: (dark ? DARK : LIGHT).map(([place, color]) => [place ** (1 / exponent), color]),
    ...(low === high ? { zmin: Math.min(0, low), zmax: Math.max(0, high) } : {}), // else the scale has room below nothing
    showscale: panel.options?.legend?.show !== false,
    colorbar: { thickness: 10, outlinewidth: 0, tickfont: { size: 10 }, ...unitOf(suffix, width) },
    xgap: cells[0].length > width / LEAST_CELL_PX ? 0 : panel.options?.cellGap ?? 1, ygap: panel.options?.cellGap ?? 1, hoverongaps: false,
    text: cells.map((row, index) => row.map((value, place) =>
      `<b>${escapeText(rows[index].field.displayName)}</b>: ${escapeText(formatValue(value, unit))}<br>${formatTime(rows[0].time.values[place])} UTC`)),
    hoverinfo: "text",
  };
}

// A long unit beside every number of the scale would take the place of a narrow map, so there it stands above them.
function unitOf(suffix, width) {
  return suffix.length > SHORT_UNIT && width < NARROW_PX ? { title: { text: escapeText(suffix.trim()), font: { size: 10 } } } : { ticksuffix: suffix };
}

function layout(rows, panel, context) {
  const title = panel.options?.yAxis?.axisLabel;
  return timeLayout(context, {
    hovermode: "closest",
    yaxis: { type: "category", showgrid: false, autorange: panel.options?.yAxis?.reverse ? "reversed" : true,
      title: title ? { text: escapeText(title) } : undefined },
    xaxis: { showgrid: false },
  });
}

