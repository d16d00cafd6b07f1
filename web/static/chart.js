// Plotly in the colours of the page: one layout for every chart, drawn in place of the last.

import { themeColour } from "./colours.js";
import { joinCrosshair } from "./crosshair.js";
import { fitLabels } from "./margins.js";
import { markShapes, markSigns } from "./marks.js";

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false, showTips: false };
const LEAST_PX = 60;

let library;

// Run the library, once. It is large and keeps the page busy, so ask what charts will show before; the page has it sent ahead.
export function loadLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("The chart library did not load."));
    script.src = document.querySelector("meta[name=chart-library]")?.content ?? "";
    document.head.append(script);
  });
  library.catch(() => {}); // each chart says it
  return library;
}

// Draw or redraw; `onZoom(fromMs, toMs)` is called after a drag over the time axis.
export async function draw(element, traces, layout, onZoom) {
  const Plotly = await loadLibrary();
  await inTurn(element, () => {
    element.unfitted = layout;
    return Plotly.react(element, traces, fit(element, traces), CONFIG);
  });
  element.zoomHandler = onZoom;
  if (element.dataset.listens) return;
  element.dataset.listens = "yes";
  new ResizeObserver(() => inTurn(element, () => refit(element))).observe(element);
  if (layout.xaxis?.type === "date") joinCrosshair(element);
  element.on("plotly_relayout", (change) => {
    const from = change["xaxis.range[0]"], to = change["xaxis.range[1]"];
    if (from !== undefined && element.zoomHandler) element.zoomHandler(toMs(from), toMs(to));
  });
}

// A chart is drawn once at a time: the library takes what another drawing does to the margins for its own failure.
const turns = new WeakMap();

function inTurn(element, work) {
  const turn = (turns.get(element) ?? Promise.resolve()).then(work);
  turns.set(element, turn.catch(() => {}));
  return turn;
}

function refit(element) {
  const { width, height } = element.getBoundingClientRect();
  const isNew = width !== element.layout.width || height !== element.layout.height;
  return element.isConnected && width > LEAST_PX && isNew ? window.Plotly.react(element, element.data, fit(element, element.data), CONFIG) : undefined;
}

function fit(element, traces) {
  const { width, height } = element.getBoundingClientRect();
  return { ...fitLabels(traces, element.unfitted, Math.max(width, LEAST_PX)), height: Math.max(height, LEAST_PX) };
}

// Return a layout over a time range, with the annotations of the board as lines and regions.
export function timeLayout({ range, annotations = [] }, changes = {}) {
  const grid = themeColour("--grid"), text = themeColour("--muted");
  const marks = annotations.filter((each) => each.timeEnd >= range.from && each.time <= range.to);
  const axis = { gridcolor: grid, linecolor: grid, zerolinecolor: grid, tickfont: { size: 11 }, automargin: "width" };
  return {
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 12, color: text },
    // Only the sides fit their labels: if head or foot did as well, each would change the other's labels, in turns.
    margin: { l: 8, r: 12, t: 8, b: 38 },
    hovermode: "x unified",
    hoverlabel: { bgcolor: themeColour("--panel"), bordercolor: grid, font: { color: themeColour("--text"), size: 12 } },
    dragmode: "zoom",
    showlegend: false,
    ...changes,
    xaxis: { ...axis, automargin: false, type: "date", range: [range.from, range.to], showgrid: true, hoverformat: "%Y-%m-%d %H:%M:%S",
      tickformatstops: TICKS, ...changes.xaxis },
    yaxis: { ...axis, fixedrange: true, ...changes.yaxis },
    ...(changes.yaxis2 ? { yaxis2: { ...axis, fixedrange: true, ...changes.yaxis2 } } : {}),
    shapes: [...(changes.shapes ?? []), ...markShapes(marks)],
    annotations: [...(changes.annotations ?? []), ...markSigns(marks)],
  };
}

// Return a horizontal line at `y`.
export const levelLine = (y, color, { dash = "dash", yref = "y" } = {}) =>
  ({ type: "line", xref: "paper", x0: 0, x1: 1, yref, y0: y, y1: y, line: { color, width: 1.2, dash }, layer: "above" });

const TICKS = [
  { dtickrange: [null, 1000], value: "%H:%M:%S.%L" },
  { dtickrange: [1000, 60000], value: "%H:%M:%S" },
  { dtickrange: [60000, 86400000], value: "%H:%M\n%d %b" },
  { dtickrange: [86400000, "M1"], value: "%d %b" },
  { dtickrange: ["M1", null], value: "%b %Y" },
];

const toMs = (moment) =>
  typeof moment === "number" ? Math.round(moment) : Date.parse(`${String(moment).replace(" ", "T").slice(0, 23)}Z`);
