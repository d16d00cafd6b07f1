// A dashboard: reads its JSON, lays the panels out on 24 columns, and keeps them up to date.

import { getJson } from "./api.js";
import { loadLibrary } from "./chart.js";
import { fill, h } from "./dom.js";
import { firstTimeControl, inVain, readState, refreshControl, refreshMs, stateQuery, timeControl, variableControls, writeState } from "./controls.js";
import { Panel } from "./panel.js";
import { marksLeftOut } from "./marks.js";
import { hasRepeats, leftOut, scoped, unfold } from "./repeat.js";
import { addTaggedLinks, boardLinks } from "./links.js";
import { resolve } from "./text.js";
import { showFreshness } from "./shell.js";

const main = document.getElementById("main");
const uid = main.dataset.uid;
const solo = main.classList.contains("solo");
const TILE_COLUMNS = 6, TILE_ROWS = 4; // at most, of what a phone shows two of side by side

class BoardPage {
  constructor(board) {
    this.board = board;
    this.state = readState(board);
    this.panels = [];
    this.bar = h("div", { class: "board-controls" });
    this.problem = h("div", { role: "alert" });
    this.limits = h("div", { role: "status" });
    const params = new URLSearchParams(location.search);
    this.wanted = params.get("panelId") ?? params.get("viewPanel");
    this.kiosk = params.has("kiosk") || solo;
    document.body.classList.toggle("kiosk", this.kiosk);
  }

  show() {
    const { title, description } = this.board;
    const head = h("div", { class: "board-head" }, h("div", {}, h("h1", {}, title), description && h("p", { class: "lead" }, description)),
      h("nav", { class: "board-links", "aria-label": "Related" }));
    this.parts = h("div");
    fill(main, !solo && head, !solo && this.bar, this.problem, this.limits, this.parts);
    if (!hasRepeats(this.board.panels)) this.arrange(this.board.panels);
    main.setAttribute("aria-busy", "false");
    this.load();
    window.addEventListener("popstate", () => { this.state = readState(this.board); this.load(); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.panels.forEach((panel) => panel.redraw()));
  }

  // Lay the panels out, unless they lie there already.
  arrange(panels) {
    const layout = JSON.stringify(panels.map(({ id, scope, gridPos }) => [id, scope, gridPos]));
    if (layout === this.layout) return;
    this.layout = layout;
    this.placed = panels;
    this.panels = [];
    fill(this.parts, this.wanted ? this.single() : this.sections());
  }

  // Change part of the state, note it in the address, and load.
  change(part) {
    this.state = { ...this.state, ...part };
    writeState(this.state, true);
    this.load();
  }

  // What is on the screen comes first: the rest waits until that is drawn.
  async load() {
    clearTimeout(this.timer);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    main.dataset.painted = "no";
    const asked = { from: this.state.from, to: this.state.to };
    try {
      const annotations = this.annotations();
      const { range, variables } = await getJson(`/api/herald/boards/${encodeURIComponent(uid)}?${stateQuery(this.state)}`);
      this.context = { range, variables, asked, annotations,
        onZoom: (from, to) => this.change({ from: String(from), to: String(to) }) };
      if (turn !== this.turn) return;
      annotations.then((marks) => turn === this.turn && fill(this.limits, problem(marks.problem), warnings(marksLeftOut(marks))));
      fill(this.problem, warnings([...inVain(variables), ...leftOut(this.board.panels, variables)]));
      if (hasRepeats(this.board.panels)) this.arrange(unfold(this.board.panels, variables));
      this.showControls();
      const open = this.panels.filter(({ element }) => element.isConnected && !element.closest("[hidden]"));
      const [seen, below] = [open.filter(isOnScreen), open.filter((panel) => !isOnScreen(panel))];
      const drawn = seen.map((panel) => panel.load(this.context));
      loadLibrary();
      await Promise.all(drawn);
      if (turn !== this.turn) return;
      main.dataset.painted = "yes";
      await Promise.all(below.map((panel) => panel.load(this.context)));
    } catch (error) {
      if (turn === this.turn) this.explain(error);
    }
    if (turn !== this.turn) return;
    main.dataset.painted = main.dataset.loaded = "yes";
    this.schedule();
  }

  // Say why nothing could be asked. What stands there stays, and another time can be chosen.
  explain(error) {
    fill(this.problem, problem(error.message));
    fill(this.limits);
    this.panels.filter(({ element }) => element.dataset.state === "loading").forEach((panel) => panel.say("empty", "not asked, see above"));
    if (!this.context) fill(this.bar, h("div", { class: "group" }), h("div", { class: "group" }, firstTimeControl((part) => this.close(part))));
  }

  schedule() {
    const wait = refreshMs(this.state.refresh);
    if (wait > 0) this.timer = setTimeout(() => (document.hidden ? this.schedule() : this.load()), wait);
  }

  // Charts wait for these, nothing else does.
  async annotations() {
    if (!(this.board.annotations?.list ?? []).some((query) => query.rawQuery || query.target?.rawSql)) return [];
    return getJson(`/api/annotations?dashboardUID=${encodeURIComponent(uid)}&${stateQuery(this.state)}`)
      .catch((error) => Object.assign([], { problem: `Annotations: ${error.message}` }));
  }

  showControls() {
    const open = this.bar.querySelector("details[open], select:focus");
    if (open) return; // do not close what somebody is choosing from
    const { range, variables } = this.context;
    const onVariable = (name, values) => this.change({ variables: { ...this.state.variables, [name]: values } });
    fill(this.bar, h("div", { class: "group" }, variableControls(variables, onVariable)),
      h("div", { class: "group" }, timeControl(this.state, range, (part) => this.close(part)), refreshControl(this.state, (part) => this.change(part))));
    const links = main.querySelector(".board-links");
    if (links) fill(links, boardLinks(this.board, this.context));
  }

  close(part) {
    this.bar.querySelectorAll("details[open]").forEach((details) => details.removeAttribute("open"));
    this.change(part);
  }

  add(panel) {
    const made = new Panel(panel, uid);
    this.panels.push(made);
    return made.element;
  }

  single() {
    const panel = allPanels(this.placed).find(({ id }) => String(id) === this.wanted);
    if (!panel) return h("p", { class: "message error" }, `This dashboard has no panel ${this.wanted}.`);
    return h("div", { class: "single" }, this.add(panel));
  }

  // Panels between two rows share a grid, so that folding a row moves what is below it.
  sections() {
    const parts = [];
    let rest = [];
    const close = () => { if (rest.length > 0) parts.push(this.place(rest, h("div", { class: "grid" }))); rest = []; };
    for (const panel of inOrder(this.placed)) {
      if (panel.type !== "row") { rest.push(panel); continue; }
      close();
      const own = panel.panels?.length ? panel.panels : followers(this.placed, panel);
      parts.push(...this.row(panel, own));
    }
    close();
    return parts;
  }

  row(panel, own) {
    const grid = h("div", { class: "grid", hidden: Boolean(panel.collapsed) });
    if (!panel.collapsed) this.place(own, grid);
    const button = h("button", { type: "button", class: "row-title", "aria-expanded": String(!panel.collapsed), onclick: () => {
      grid.hidden = !grid.hidden;
      button.setAttribute("aria-expanded", String(!grid.hidden));
      if (!grid.hidden && grid.childElementCount === 0) this.place(own, grid);
      if (!grid.hidden) this.panels.filter(({ element }) => grid.contains(element)).forEach((each) => each.load(this.context));
    } }, this.context ? resolve(panel.title, { ...this.context, variables: scoped(this.context.variables, panel.scope) }) : panel.title);
    return [h("h2", { class: "row", "data-row-id": panel.id }, button), grid];
  }

  place(panels, grid) {
    const top = Math.min(...panels.map((panel) => panel.gridPos?.y ?? 0));
    return fill(grid, panels.map((panel) => place(this.add(panel), panel.gridPos ?? {}, top)));
  }
}

function place(element, { x = 0, y = 0, w = 12, h: height = 8 }, top) {
  element.style.setProperty("grid-column", `${x + 1} / span ${w}`);
  element.style.setProperty("grid-row", `${y - top + 1} / span ${height}`);
  element.style.setProperty("--rows", height);
  element.classList.toggle("small", w <= TILE_COLUMNS && height <= TILE_ROWS);
  return element;
}

const problem = (text) => text && h("p", { class: "message error" }, text);

const warnings = (texts) => texts.map((text) => h("p", { class: "message unsupported" }, text));

function isOnScreen({ element }) {
  const { top, bottom } = element.getBoundingClientRect();
  return top < innerHeight && bottom > 0;
}

const inOrder = (panels) => {
  const sorted = [...panels].sort((a, b) => (a.gridPos?.y ?? 0) - (b.gridPos?.y ?? 0) || (a.gridPos?.x ?? 0) - (b.gridPos?.x ?? 0));
  const taken = new Set(sorted.filter(({ type }) => type === "row").flatMap((row) => followers(panels, row)));
  return sorted.filter((panel) => !taken.has(panel));
};

// Return the panels between an open row and the next row.
function followers(panels, row) {
  if (row.panels?.length || row.collapsed) return [];
  const y = row.gridPos?.y ?? 0;
  const next = Math.min(...panels.filter((each) => each.type === "row" && (each.gridPos?.y ?? 0) > y).map((each) => each.gridPos.y));
  return panels.filter((each) => each.type !== "row" && (each.gridPos?.y ?? 0) > y && (each.gridPos?.y ?? 0) < next);
}

const allPanels = (panels) => panels.flatMap((panel) => [panel, ...allPanels(panel.panels ?? [])]);

async function start() {
  try {
    const { dashboard } = await getJson(`/api/dashboards/uid/${encodeURIComponent(uid)}`);
    await addTaggedLinks(dashboard);
    new BoardPage(dashboard).show();
  } catch (error) {
    fill(main, h("p", { class: "message error", role: "alert" }, error.message));
  }
}

showFreshness();
start();
