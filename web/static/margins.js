// How much room the labels beside a chart need, before it is drawn: where they do not fit, the library draws all twice.

const PAD_PX = 12, TITLE_PX = 20;
const TICKS = 5; // about as many as an axis has
const canvas = document.createElement("canvas").getContext("2d");

// Return the margins of a layout, wide enough for the labels of its vertical axes and their titles.
export function marginsFor(traces, { margin, yaxis, yaxis2 }) {
  const left = Math.max(margin.l, widthOf(traces, "y", yaxis));
  return { ...margin, l: left, r: yaxis2 ? Math.max(margin.r, widthOf(traces, "y2", yaxis2)) : margin.r };
}

function widthOf(traces, name, axis) {
  const values = traces.filter((trace) => (trace.yaxis ?? "y") === name).flatMap((trace) => trace.y);
  canvas.font = `${axis.tickfont.size}px system-ui, sans-serif`;
  const widths = labels(values, axis).map((label) => canvas.measureText(label).width);
  return Math.ceil(Math.max(...widths, 0)) + PAD_PX + (axis.title?.text ? TITLE_PX : 0);
}

function labels(values, { type, range, ticksuffix = "" }) {
  if (type === "category") return [...new Set(values)];
  const [low, high] = range ?? ends(values);
  if (type === "log") return [low, high].map((value) => value.toPrecision(1) + ticksuffix);
  const digits = Math.max(0, Math.ceil(-Math.log10((high - low) / TICKS || 1)));
  return [low, high].map((value) => value.toFixed(Math.min(digits, 8)) + ticksuffix);
}

function ends(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) if (typeof value === "number") { low = Math.min(low, value); high = Math.max(high, value); }
  return low <= high ? [low, high] : [0, 1];
}
