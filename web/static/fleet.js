// The fleet as a picture: entities with their states, lines for what acts on what, and all of it as a table.

import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";
import { formatLength } from "./units.js";

const CARD = { width: 176, height: 56, across: 46, down: 12 };
const LANE_TITLE = 30;
const SIGNS = { exhausted: "✕", at_risk: "!", no_data: "?", ok: "✓", none: "–" };

function draw(main, fleet) {
  if (main.querySelector(".map :focus")) return; // do not take the card away that somebody is on
  const nowMs = Date.parse(fleet.as_of);
  const troubled = fleet.nodes.filter(({ state }) => state === "exhausted" || state === "at_risk").length;
  fill(main, h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Fleet"),
    h("p", { class: "lead" }, fleet.nodes.length === 0 ? "No agent has told what its site consists of yet."
      : `What acts on what, from left to right; ${troubled ? `${troubled} of ${fleet.nodes.length} entities hurt a promise` : "no promise is hurt"}. Look for a cause to the left of what hurts.`)), legend()),
  fleet.nodes.length > 0 && picture(fleet),
  fleet.nodes.length > 0 && h("section", { "aria-label": "All entities" }, h("h2", {}, "The same as a table"), table(fleet, nowMs)));
}

function legend() {
  const words = [["exhausted", "Exhausted"], ["at_risk", "At risk"], ["no_data", "No data"], ["ok", "OK"], ["none", "No objective"]];
  return h("ul", { class: "signs", "aria-label": "Signs" }, words.map(([state, word]) => h("li", {}, sign(state), word)));
}

const sign = (state) => h("span", { class: `sign ${state}`, "aria-hidden": "true" }, SIGNS[state] ?? "?");

// Lanes from top to bottom, one per site; cards in the columns that the server chose.
function picture({ nodes, edges }) {
  const lanes = laneTops(nodes);
  const at = new Map(nodes.map((node) => [node.id, { x: 16 + node.column * (CARD.width + CARD.across), y: lanes.get(node.site).top + LANE_TITLE + node.row * (CARD.height + CARD.down) }]));
  const width = Math.max(...[...at.values()].map(({ x }) => x)) + CARD.width + 16;
  const height = Math.max(...[...lanes.values()].map(({ bottom }) => bottom));
  const map = h("div", { class: "map", style: { width: `${width}px`, height: `${height}px` } });
  const lines = h("svg", { class: "lines", "aria-hidden": "true", width, height }, edges.map((edge) => line(edge, at.get(edge.source), at.get(edge.target))));
  const mark = (id) => lines.querySelectorAll("path").forEach((path) => path.classList.toggle("near", path.dataset.source === id || path.dataset.target === id));
  fill(map, [...lanes].map(([site, { top, bottom }]) => h("div", { class: "lane", style: { top: `${top}px`, height: `${bottom - top - 10}px` } }, h("h2", {}, site || "Elsewhere"))),
    lines, h("ul", {}, nodes.map((node) => card(node, at.get(node.id), mark))));
  return h("div", { class: "map-scroll", role: "group", "aria-label": "The fleet as a picture", tabindex: "0" }, map);
}

function laneTops(nodes) {
  const lanes = new Map();
  let top = 0;
  for (const site of [...new Set(nodes.map((node) => node.site))].sort()) {
    const rows = Math.max(...nodes.filter((node) => node.site === site).map((node) => node.row)) + 1;
    lanes.set(site, { top, bottom: (top += LANE_TITLE + rows * (CARD.height + CARD.down) + 14) });
  }
  return lanes;
}

function line({ source, target }, from, to) {
  const x0 = from.x + CARD.width, y0 = from.y + CARD.height / 2, x1 = to.x, y1 = to.y + CARD.height / 2;
  const bend = Math.max(24, Math.abs(x1 - x0) / 2);
  const path = h("path", { d: `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}` });
  Object.assign(path.dataset, { source, target });
  return path;
}

function card(node, { x, y }, mark) {
  const near = () => mark(node.id), far = () => mark(null);
  const content = [sign(node.state), h("span", { class: "name" }, h("b", { title: node.id }, node.id),
    h("span", {}, node.kind, h("span", { class: node.state === "none" ? "hidden" : null }, `, ${node.state_word}`))),
    node.alerts > 0 && h("span", { class: "firing" }, `${node.alerts} firing`)];
  const href = address(node);
  return h("li", { class: `card ${node.state}`, "data-entity": node.id, "data-state": node.state, style: { left: `${x}px`, top: `${y}px` }, onmouseenter: near, onmouseleave: far, onfocusin: near, onfocusout: far },
    href ? h("a", { href, title: node.worst ? `Worst objective: ${node.worst.display_name}` : null }, content) : h("div", {}, content));
}

// Where a card leads: to the board of what hurts, else to its worst objective.
function address({ state, boards, worst }) {
  if (!worst) return null;
  return state !== "ok" && boards.length > 0 ? boards[0].url : `/slo/${encodeURIComponent(worst.name)}`;
}

function table({ nodes, edges, watched }, nowMs) {
  const head = ["State", "Entity", "Kind", "Site", "Worst objective", "Alerts", "Newest data", "Acted on by", "Acts on", "Watched by"];
  const ends = (own, key, list) => list.filter((edge) => edge[key] === own).map((edge) => edge[key === "target" ? "source" : "target"]).join(", ") || "–";
  return h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Rows of all entities" }, h("table", { class: "entities" },
    h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, nodes.map((node) => h("tr", {},
      h("td", {}, h("span", { class: `pill ${node.state}` }, node.state_word)),
      h("th", { scope: "row" }, node.id), h("td", {}, node.kind), h("td", {}, node.site || "–"),
      h("td", { class: "name" }, node.worst ? h("a", { href: `/slo/${encodeURIComponent(node.worst.name)}` }, node.worst.display_name) : "–"),
      h("td", { class: "number" }, node.alerts),
      h("td", {}, node.last_data_at ? `${formatLength(nowMs - node.last_data_at)} ago` : "never"),
      [["target", edges], ["source", edges], ["target", watched]].map(([key, list]) => h("td", { class: "name" }, ends(node.id, key, list))))))));
}

keepCurrent(() => "/api/herald/fleet", draw);
