// One moment, marked in every chart over time of a page: they share the time range, so a share of the width says it.

const charts = new Set();
let waiting = false, share = null;

// Let a chart show where the pointer is in the others, and tell them where it is in this one.
export function joinCrosshair(element) {
  if (charts.has(element)) return;
  charts.add(element);
  element.addEventListener("pointermove", (event) => {
    const area = plotArea(element);
    const at = area ? (event.clientX - area.left) / area.width : -1;
    move(at >= 0 && at <= 1 ? at : null);
  });
  element.addEventListener("pointerleave", () => move(null));
}

const plotArea = (element) => element.querySelector(".nsewdrag")?.getBoundingClientRect();

function move(at) {
  share = at;
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const element of charts) element.isConnected ? mark(element) : charts.delete(element);
  });
}

function mark(element) {
  let line = element.querySelector(":scope > .crosshair");
  if (!line) element.append(line = Object.assign(document.createElement("div"), { className: "crosshair" }));
  const area = plotArea(element), frame = element.getBoundingClientRect();
  line.hidden = share === null || !area;
  if (line.hidden) return;
  line.style.setProperty("left", `${area.left - frame.left + share * area.width}px`);
  line.style.setProperty("top", `${area.top - frame.top}px`);
  line.style.setProperty("height", `${area.height}px`);
}
