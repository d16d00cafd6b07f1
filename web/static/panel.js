// One panel of a board: its frame, its question to the server, and the drawing of the answer.
//
// `data-state` says where it stands: loading, data, empty, error or unsupported.

import { postJson } from "./api.js";
import { decodeFrames, notices, unknownOverrides } from "./fields.js";
import { h } from "./dom.js";
import { isKnownCalc } from "./reduce.js";
import { isKnownUnit } from "./units.js";
import { scoped } from "./repeat.js";
import { resolve } from "./text.js";
import { bargauge } from "./panels/bargauge.js";
import { heatmap } from "./panels/heatmap.js";
import { histogram } from "./panels/histogram.js";
import { stat } from "./panels/stat.js";
import { stateTimeline } from "./panels/statetimeline.js";
import { table } from "./panels/table.js";
import { text } from "./panels/text.js";
import { timeseries } from "./panels/timeseries.js";
import { tableBehind } from "./behind.js";

const CHARTS = new Set(["timeseries", "state-timeline", "heatmap", "histogram", "bargauge", "stat"]);
const TYPES = { stat, timeseries, table, bargauge, heatmap, histogram, text, "state-timeline": stateTimeline };

export class Panel {
  constructor(panel, uid) {
    this.panel = panel;
    this.uid = uid;
    this.key = `panel-${panel.id}${panel.copy ? `-${panel.copy}` : ""}`;
    this.title = h("h2", { id: `${this.key}-title` });
    this.body = h("div", { class: "panel-body" });
    this.notes = h("ul", { class: "notes" });
    this.asTable = false;
    this.element = h("section", { class: "panel", "data-panel-id": panel.id, "data-panel-type": panel.type,
      "data-state": "loading", "aria-labelledby": `${this.key}-title` },
    h("header", { class: "panel-head" }, this.title, CHARTS.has(panel.type) && this.tableButton(), description(panel, this.key)), this.body, this.notes);
  }

  // Ask for the panel's data and draw it. A newer call makes an older one's answer void.
  async load(page) {
    const context = { ...page, variables: scoped(page.variables, this.panel.scope) };
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    this.title.textContent = resolve(this.panel.title, context);
    this.element.setAttribute("aria-busy", "true");
    try {
      await this.draw(context, signal);
    } catch (error) {
      if (error.name !== "AbortError") this.say("error", error.message);
    }
    if (!signal.aborted) this.element.setAttribute("aria-busy", "false");
  }

  async draw(context, signal) {
    const render = TYPES[this.panel.type];
    if (!render) return this.say("unsupported", `not supported: panel type ${this.panel.type}`);
    const results = await this.ask(context, signal);
    if (signal.aborted) return undefined;
    const failed = Object.values(results).find((result) => result.error);
    if (failed) return this.say("error", failed.error);
    this.note([...notices(results), ...unsupported(this.panel)]);
    const annotations = CHARTS.has(this.panel.type) ? await context.annotations : [];
    if (signal.aborted) return undefined;
    this.last = { results, context: { ...context, annotations } };
    return this.redraw();
  }

  // Draw the last answer again, e.g. in the colours of another theme.
  async redraw() {
    if (!this.last) return;
    const frames = decodeFrames(this.last.results, this.panel.fieldConfig);
    if (["empty", "error"].includes(this.element.dataset.state)) this.body.replaceChildren();
    const render = this.asTable ? tableBehind : TYPES[this.panel.type];
    const state = await render(this.body, this.panel, frames, this.last.context);
    for (const chart of this.body.querySelectorAll(".chart")) nameChart(chart, this.title.textContent);
    if (state === "empty") this.say("empty", this.panel.fieldConfig?.defaults?.noValue || "No data");
    else this.element.dataset.state = state;
    this.body.querySelectorAll(".legend, .bars").forEach(letKeyboardScroll);
  }

  // The numbers behind the drawing, for whoever does not see it or wants them exactly.
  tableButton() {
    const onclick = () => {
      this.asTable = !this.asTable;
      button.setAttribute("aria-pressed", String(this.asTable));
      this.body.replaceChildren();
      this.redraw();
    };
    const button = h("button", { type: "button", class: "about as-table", "aria-pressed": "false", "aria-label": `As a table: ${this.panel.title}`, title: "As a table", onclick }, "≡");
    return button;
  }

  async ask({ range, variables }, signal) {
    const targets = (this.panel.targets ?? []).filter((target) => target.rawSql && !target.hide);
    if (targets.length === 0) return {};
    const maxDataPoints = this.panel.maxDataPoints || Math.max(100, Math.min(3000, Math.round(this.body.clientWidth) || 1000));
    const answer = await postJson("/api/ds/query", {
      from: String(range.from), to: String(range.to), dashboardUid: this.uid, panelId: this.panel.id,
      variables: Object.fromEntries(variables.map(({ name, chosen }) => [name, chosen])),
      queries: targets.map(({ refId }) => ({ refId, maxDataPoints })),
    }, signal);
    return answer.results;
  }

  say(state, message) {
    this.body.replaceChildren(h("p", { class: `message ${state}`, role: state === "error" ? "alert" : null }, message));
    this.element.dataset.state = state;
  }

  note(texts) {
    this.notes.replaceChildren(...texts.map((each) => h("li", {}, each)));
  }
}

// What does not fit can be scrolled without a pointer; what fits is no stop on the way of whoever uses the keyboard.
function letKeyboardScroll(part) {
  if (part.scrollHeight > part.clientHeight) part.setAttribute("tabindex", "0");
  else part.removeAttribute("tabindex");
}

function nameChart(chart, title) {
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", `Chart: ${title}. The button of the panel shows it as a table.`);
}

function description(panel, key) {
  if (!panel.description) return null;
  const id = `${key}-about`;
  return [
    h("button", { type: "button", class: "about", popovertarget: id, "aria-label": `About: ${panel.title}`, title: panel.description }, "i"),
    h("div", { id, popover: "auto", class: "popover" }, h("strong", {}, panel.title), h("p", {}, panel.description)),
  ];
}

// Return what a panel asks for and this viewer does not do, in words.
export function unsupported(panel) {
  const { defaults = {} } = panel.fieldConfig ?? {};
  const calcs = panel.options?.reduceOptions?.calcs ?? [];
  return [
    ...(panel.transformations ?? []).map(({ id }) => `transformation ${id}`),
    ...(panel.timeFrom || panel.timeShift ? ["a panel's own time range"] : []),
    ...(isKnownUnit(defaults.unit) ? [] : [`unit ${defaults.unit}`]),
    ...calcs.filter((calc) => !isKnownCalc(calc)).map((calc) => `calculation ${calc}`),
    ...(panel.type === "heatmap" && panel.options?.calculate ? ["buckets calculated by a heatmap"] : []),
    ...(panel.type === "table" && (panel.targets ?? []).length > 1 ? ["several queries in one table"] : []),
    ...unknownOverrides(panel.fieldConfig),
  ].map((each) => `not supported: ${each}`);
}
