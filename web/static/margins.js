// How much room the labels beside a chart need, before it is drawn: where they do not fit, the library draws all twice.

const PAD_PX = 12, TITLE_PX = 20;
const TICKS = 5; // about as many as an axis has
const FEW_MARKS = 4, MARK_PX = 48, SCALE_PX = 70; // of moments that are marked, and of the scale of colours beside a map
const WIDEST = 0.45; // of a chart: names that need more leave the data too little
const canvas = document.createElement("canvas").getContext("2d");

// Return a layout for a chart of a width: its margins hold the labels of its vertical axes and their titles.
export function fitLabels(traces, layout, width) {
  const { margin, yaxis, yaxis2 } = layout;
  const left = fitAxis(traces, "y", yaxis, width);
  const right = yaxis2 && fitAxis(traces, "y2", yaxis2, width);
  const sides = { l: Math.max(margin.l, left.room), r: Math.max(margin.r, right?.room ?? 0) };
  return { ...layout, width, xaxis: fewMarks(layout.xaxis, width - sides.l - sides.r - scaleRoom(traces)), yaxis: left.axis,
    ...(right ? { yaxis2: right.axis } : {}), margin: { ...margin, ...sides } };
}

// Where there is little room, fewer moments are marked: the library marks four at least, and turns them on their side.
function fewMarks(axis, room) {
  return axis?.type === "date" && room < FEW_MARKS * MARK_PX ? { ...axis, tickangle: 0, nticks: Math.max(1, Math.floor(room / MARK_PX)) } : axis;
}

const scaleRoom = (traces) => (traces.some(({ type, showscale }) => type === "heatmap" && showscale) ? SCALE_PX : 0);

function fitAxis(traces, name, axis, width) {
  canvas.font = `${axis.tickfont.size}px system-ui, sans-serif`;
  const own = traces.filter((trace) => (trace.yaxis ?? "y") === name).flatMap((trace) => trace.y);
  const labelalias = axis.type === "category" ? aliases(new Set(own), width * WIDEST) : {};
  const widths = labels(own, axis).map((label) => widthOf(labelalias[label] ?? label));
  const room = Math.ceil(Math.max(...widths, 0)) + PAD_PX + (axis.title?.text ? TITLE_PX : 0);
  return { axis: { ...axis, labelalias }, room };
}

const widthOf = (label) => canvas.measureText(plain(label)).width;
const plain = (label) => label.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// Return what is written for the names that are too wide: their middle is left out, as the ends tell them apart.
function aliases(names, room) {
  return Object.fromEntries([...names].filter((name) => widthOf(name) > room).map((name) => [name, shortened(name, room)]));
}

function shortened(name, room) {
  let kept = name.length - 1;
  const short = () => `${name.slice(0, Math.floor(kept / 2))}…${name.slice(-Math.ceil(kept / 2))}`;
  while (kept > 2 && widthOf(short()) > room) kept -= 1;
  return short();
}

function labels(values, { type, range, ticktext, tickprefix = "", ticksuffix = "" }) {
  if (ticktext) return ticktext;
  if (type === "category") return [...new Set(values)];
  const [low, high] = range ?? ends(values);
  const digits = Math.max(0, Math.ceil(-Math.log10((high - low) / TICKS || 1)));
  return [low, high].map((value) => tickprefix + value.toFixed(Math.min(digits, 8)) + ticksuffix);
}

function ends(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) if (typeof value === "number") { low = Math.min(low, value); high = Math.max(high, value); }
  return low <= high ? [low, high] : [0, 1];
}
