// Lines, points and bars over time.

import { draw, levelLine, timeLayout } from "../chart.js";
import { colour, faded } from "../colours.js";
import { colourOfSeries, dashOf, numberFields, textOf, timeField } from "../fields.js";
import { legend } from "../legend.js";
import { reduce } from "../reduce.js";
import { escapeText } from "../text.js";
import { formatNumber, prefixOf, scaleFor } from "../units.js";
import { h } from "../dom.js";

const MANY = 1e4; // from here on a number is shortened
const SHAPES = { linear: "linear", smooth: "spline", stepBefore: "vh", stepAfter: "hv" };

// Draw the panel; return "data" or "empty".
export async function timeseries(body, panel, frames, context) {
  const series = frames.flatMap((fields) => numberFields(fields).map((field) => ({ field, time: timeField(fields) })))
    .filter(({ time, field }) => time && !field.config.custom.hideFrom?.viz);
  if (!series.some(({ field }) => field.values.some((value) => value !== null))) return "empty";
  const axes = chooseAxes(series.map(({ field }) => field));
  const traces = orderForBands(series).map((each) => trace(each, axes));
  let chart = body.querySelector(".chart");
  if (!chart) body.replaceChildren(chart = h("div", { class: "chart" }), h("div", { class: "legend" }));
  body.querySelector(".legend").replaceWith(legend(series.map(({ field }) => field), panel.options?.legend));
  await draw(chart, traces, layout(series, axes, panel, context), context.onZoom);
  return "data";
}

// One scale per side: the unit of its first field and the size of its largest value.
function chooseAxes(fields) {
  const axes = {};
  for (const side of ["left", "right"]) {
    const own = fields.filter((field) => sideOf(field) === side);
    if (own.length === 0) continue;
    const values = own.flatMap((field) => [reduce(field.values, "max"), reduce(field.values, "min")]);
    const largest = Math.max(...values.filter(Number.isFinite).map(Math.abs), 0);
    axes[side] = { config: own[0].config, ...scaleFor(own[0].config.unit, largest), fields: own };
  }
  return axes;
}

const sideOf = (field) => (field.config.custom.axisPlacement === "right" ? "right" : "left");

// A band is filled towards the series drawn just before it, so the lower one comes first.
function orderForBands(series) {
  const ordered = [...series];
  for (const upper of series) {
    const lower = ordered.find(({ field }) => field.displayName === upper.field.config.custom.fillBelowTo);
    if (!lower) continue;
    ordered.splice(ordered.indexOf(upper), 1);
    ordered.splice(ordered.indexOf(lower) + 1, 0, upper);
  }
  return ordered;
}

function trace({ field, time }, axes) {
  const { custom } = field.config;
  const color = colourOfSeries(field, reduce(field.values));
  const side = sideOf(field), { factor } = axes[side];
  const common = {
    name: escapeText(field.displayName),
    x: time.values,
    y: field.values.map((value) => (typeof value === "number" ? value / factor : null)),
    yaxis: side === "right" ? "y2" : "y",
    text: field.values.map((value) => ({ toString: () => escapeText(textOf(field, value)) })), // made when a pointer asks
    hovertemplate: "%{text}",
    hoverinfo: custom.hideFrom?.tooltip ? "skip" : undefined,
  };
  if (custom.hideFrom?.tooltip) delete common.hovertemplate;
  if (custom.drawStyle === "bars") return { ...common, type: "bar", marker: { color } };
  return { ...common, type: "scatter", ...lineLook(field, color) };
}

function lineLook(field, color) {
  const { values, config: { custom } } = field;
  const marked = custom.drawStyle === "points" || custom.showPoints === "always" || isolated(values, Boolean(custom.spanNulls));
  const width = custom.lineWidth ?? 1.5;
  const look = {
    mode: custom.drawStyle === "points" || (width === 0 && !custom.fillBelowTo) ? (marked ? "markers" : "lines")
      : marked ? "lines+markers" : "lines",
    line: { color, width, shape: SHAPES[custom.lineInterpolation] ?? "linear", dash: dashOf(field) },
    marker: { color, size: custom.pointSize ?? 5 },
    connectgaps: Boolean(custom.spanNulls),
  };
  if (custom.stacking?.mode === "normal") look.stackgroup = custom.stacking.group ?? "A";
  if (custom.fillBelowTo) return { ...look, fill: "tonexty", fillcolor: faded(color, (custom.fillOpacity ?? 20) / 100) };
  if (custom.fillOpacity > 0) return { ...look, fill: "tozeroy", fillcolor: faded(color, custom.fillOpacity / 100) };
  return look;
}

// A value without neighbours draws no line, so it must be a point to be seen; across gaps only one alone has none.
function isolated(values, spans) {
  const known = (value) => value !== null && value !== undefined;
  if (spans) return values.filter(known).length === 1;
  return values.some((value, i) => known(value) && !known(values[i - 1]) && !known(values[i + 1]));
}

function layout(series, axes, panel, context) {
  const sides = Object.entries(axes).map(([side, axis]) => [side === "right" ? "yaxis2" : "yaxis", axisLayout(axis, side)]);
  const stacked = series.some(({ field }) => field.config.custom.stacking?.mode === "normal");
  const shapes = Object.entries(axes).flatMap(([side, axis]) => thresholdShapes(axis, side));
  const hovermode = panel.options?.tooltip?.mode === "single" ? "closest" : "x unified";
  return timeLayout(context, { ...Object.fromEntries(sides), shapes, hovermode, barmode: stacked ? "stack" : "group" });
}

function axisLayout({ config, factor, suffix, fields }, side) {
  const { custom, min, max } = config;
  const logarithmic = custom.scaleDistribution?.type === "log";
  const axis = {
    tickprefix: prefixOf(config.unit),
    ticksuffix: suffix,
    type: logarithmic ? "log" : "linear",
    side,
    title: custom.axisLabel ? { text: escapeText(custom.axisLabel), font: { size: 11 } } : undefined,
    ...(side === "right" ? { overlaying: "y", showgrid: false, tickmode: "auto" } : {}),
  };
  if (logarithmic) return { ...axis, ...logarithmicTicks(fields, factor, suffix) };
  const limits = limitsOf(fields, { min, max, softMin: custom.axisSoftMin, softMax: custom.axisSoftMax });
  if (limits) axis.range = limits.map((value) => value / factor);
  return axis;
}

// Return marks at 1, 2 and 5 of each power of ten with their unit; where there are more than three powers, those alone.
export function logarithmicTicks(fields, factor, suffix) {
  const values = fields.flatMap((field) => field.values).filter((value) => value > 0).map((value) => value / factor);
  const [first, last] = [reduce(values, "min"), reduce(values, "max")].map((value) => Math.floor(Math.log10(value ?? 1)));
  const steps = last - first > 3 ? [1] : [1, 2, 5];
  const tickvals = Array.from({ length: last - first + 2 }, (_, power) => steps.map((step) => step * 10 ** (first + power))).flat();
  return { tickmode: "array", tickvals, ticktext: tickvals.map((value) => brief(value) + suffix) };
}

function brief(value) {
  const { factor, suffix } = value < MANY ? { factor: 1, suffix: "" } : scaleFor("sishort", value);
  return formatNumber(value / factor) + suffix;
}

// Return the ends of an axis that has a fixed or soft one, null where Plotly may choose.
function limitsOf(fields, { min, max, softMin, softMax }) {
  if ([min, max, softMin, softMax].every((each) => typeof each !== "number")) return null;
  const low = Math.min(...fields.map((field) => reduce(field.values, "min") ?? Infinity));
  const high = Math.max(...fields.map((field) => reduce(field.values, "max") ?? -Infinity));
  const margin = (high - low || Math.abs(high)) * 0.05 || 1;
  const bottom = min ?? (typeof softMin === "number" ? Math.min(softMin, low) : low - margin);
  const top = max ?? (typeof softMax === "number" ? Math.max(softMax, high) : high + margin);
  const edge = (top - bottom) * 0.015; // a line on the very edge would be cut in half
  return top > bottom ? [low === bottom ? bottom - edge : bottom, high === top ? top + edge : top] : null;
}

function thresholdShapes({ config, factor }, side) {
  const mode = config.custom.thresholdsStyle?.mode ?? "off";
  if (mode === "off") return [];
  const steps = (config.thresholds?.steps ?? []).filter((step) => typeof step.value === "number");
  const dash = mode === "line" || mode === "line+area" ? "solid" : "dash";
  return steps.map((step) => levelLine(step.value / factor, colour(step.color), { dash, yref: side === "right" ? "y2" : "y" }));
}
