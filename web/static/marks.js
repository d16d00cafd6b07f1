// What happened, as marks on the charts over time: moments are lines, what lasts is a region.
//
// All marks of a colour are one shape: the library takes as long for a shape as for a line of the chart.

import { colour, faded } from "./colours.js";
import { escapeText } from "./text.js";

const MARKS_WITH_TEXT = 60;
const FOOT = 0.05; // a forest of lines would hide the data, so that many are ticks at the foot

// Return the shapes of annotations, in a layout of Plotly.
export function markShapes(marks) {
  const top = marks.length > MARKS_WITH_TEXT ? FOOT : 1;
  const paths = new Map();
  for (const mark of marks) {
    const region = mark.timeEnd > mark.time;
    const key = `${region} ${mark.color || "blue"}`;
    if (!paths.has(key)) paths.set(key, { region, color: colour(mark.color || "blue"), path: "" });
    paths.get(key).path += region ? area(mark) : line(mark, top);
  }
  return [...paths.values()].map(({ region, color, path }) => ({ type: "path", path, xref: "x", yref: "paper", layer: "below",
    ...(region ? { fillcolor: faded(color, 0.13), fillrule: "nonzero", line: { width: 0 } } : { line: { color, width: 1, dash: "dot" } }) }));
}

const line = ({ time }, top) => `M${moment(time)},0L${moment(time)},${top}`;
const area = ({ time, timeEnd }) => `M${moment(time)},0L${moment(time)},1L${moment(timeEnd)},1L${moment(timeEnd)},0Z`;

// A moment as paths of Plotly want it: `2026-11-20_11:10:00.000`.
const moment = (ms) => new Date(ms).toISOString().slice(0, -1).replace("T", "_");

// Return the sign at the foot of each mark whose text a pointer shows; none where they would hide each other.
export function markSigns(marks) {
  return marks.length > MARKS_WITH_TEXT ? [] : marks.map(sign);
}

function sign(mark) {
  const words = [mark.title || mark.name, mark.text, mark.tags.join(", ")].filter(Boolean).map(escapeText);
  return { x: mark.time, xref: "x", y: 0, yref: "paper", yanchor: "bottom", text: "▴", showarrow: false,
    font: { color: colour(mark.color || "blue"), size: 13 }, hovertext: words.join("<br>"), captureevents: true };
}

// Return in words of which annotations there are more than the server sends.
export function marksLeftOut(marks) {
  const limits = new Map(marks.filter(({ limit }) => limit).map(({ name, limit }) => [name, limit]));
  return [...limits].map(([name, limit]) => `Only ${limit} marks of “${name}” are drawn, and there are more: choose a shorter time.`);
}
