// A small part of Markdown to DOM nodes: headings, paragraphs, lists, code, tables, emphasis and links. HTML stays text.

import { h } from "./dom.js";
import { safeLink } from "./text.js";

const INLINE = /(`[^`]+`)|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

// Return the nodes of a Markdown text.
export function markdown(text) {
  const lines = text.replace(/\r/g, "").split("\n");
  const nodes = [];
  while (lines.length > 0) nodes.push(block(lines));
  return nodes.filter(Boolean);
}

function block(lines) {
  const line = lines.shift();
  if (line.trim() === "") return null;
  if (line.startsWith("```")) return h("pre", { tabindex: "0" }, h("code", {}, take(lines, (next) => !next.startsWith("```"), true).join("\n")));
  const heading = /^(#{1,6})\s+(.*)$/.exec(line);
  if (heading) return h(`h${Math.min(6, heading[1].length + 1)}`, {}, inline(heading[2]));
  if (isRow(line)) return grid([line, ...take(lines, isRow)]);
  if (ITEM.test(line)) return list([line, ...take(lines, (next) => ITEM.test(next) || /^\s+\S/.test(next))]);
  const more = take(lines, (next) => next.trim() !== "" && !ITEM.test(next) && !/^(#|```|\|)/.test(next));
  return h("p", {}, inline([line, ...more].join(" ")));
}

const ITEM = /^\s*([-*]|\d+\.)\s+/;
const isRow = (line) => /^\s*\|.*\|\s*$/.test(line);

function take(lines, wanted, dropNext = false) {
  const taken = [];
  while (lines.length > 0 && wanted(lines[0])) taken.push(lines.shift());
  if (dropNext) lines.shift();
  return taken;
}

function list(lines) {
  const items = [];
  for (const line of lines) {
    if (ITEM.test(line)) items.push(line.replace(ITEM, ""));
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return h(/^\s*\d/.test(lines[0]) ? "ol" : "ul", {}, items.map((item) => h("li", {}, inline(item))));
}

function grid(lines) {
  const rows = lines.filter((line) => !/^[\s|:-]+$/.test(line)).map((line) => line.trim().slice(1, -1).split("|"));
  const [head, ...rest] = rows;
  return h("table", {}, h("thead", {}, h("tr", {}, head.map((cell) => h("th", {}, inline(cell.trim()))))),
    h("tbody", {}, rest.map((row) => h("tr", {}, row.map((cell) => h("td", {}, inline(cell.trim())))))));
}

function inline(text) {
  const nodes = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(done, match.index), mark(match));
    done = match.index + match[0].length;
  }
  return [...nodes, text.slice(done)];
}

function mark([, code, strong, emphasis, words, address]) {
  if (code) return h("code", {}, code.slice(1, -1));
  if (strong) return h("strong", {}, strong);
  if (emphasis) return h("em", {}, emphasis);
  const href = safeLink(address);
  return href ? h("a", { href }, words) : words;
}
