// One objective: what it promises, and for each entity the arithmetic, the burn-down and the burn rates.

import { alertTable } from "./alertlist.js";
import { budgetBar, percent, statePill } from "./budget.js";
import { draw as drawChart, levelLine, timeLayout } from "./chart.js";
import { faded, seriesColour, themeColour } from "./colours.js";
import { fill, h } from "./dom.js";
import { markdown } from "./markdown.js";
import { keepCurrent } from "./shell.js";
import { safeLink } from "./text.js";
import { formatNumber, formatTime } from "./units.js";

const name = decodeURIComponent(location.pathname.split("/").at(-1));
const charts = new Map();

function draw(main, answer) {
  const { objective, entities, alerts, window: range } = answer;
  document.title = `${objective.display_name} · Herald`;
  fill(main,
    h("div", { class: "page-head" }, h("div", {}, h("p", { class: "crumb" }, h("a", { href: "/" }, "Objectives"), ` / ${objective.service}`),
      h("h1", {}, objective.display_name), h("p", { class: "lead" }, objective.description))),
    promise(objective),
    entities.length === 0 && h("p", { class: "message empty" }, "Not evaluated yet: no entity has reported what this objective counts."),
    entities.map((entity) => section(entity, objective)),
    h("section", { "aria-label": "Alerts" }, h("h2", {}, "Alerts in the window"), alertTable(alerts, { named: false, nowMs: Date.parse(answer.as_of) })),
    runbook(objective));
  document.getElementById(location.hash.slice(1))?.scrollIntoView();  // alerts link to #runbook
  for (const entity of entities) drawBurnDown(entity, objective, range);
}

function promise(objective) {
  const facts = [
    ["Target", `${percent(objective.target)} of ${objective.events}`], ["Window", inDays(objective.window)],
    ["Catalogue", objective.catalogue_id], ["Owner", objective.owner],
  ].filter(([, value]) => value);
  return h("dl", { class: "facts inline" }, facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))));
}

function section(entity, objective) {
  const chart = charts.get(entity.entity) ?? h("div", { class: "chart", role: "img" });
  charts.set(entity.entity, chart);
  chart.setAttribute("aria-label", `Budget left over the window, now ${entity.budget_remaining === null ? "unknown" : percent(entity.budget_remaining, 0)}`);
  return h("section", { class: "entity", "data-entity": entity.entity, "data-state": entity.state },
    h("header", {}, h("h2", {}, entity.entity), statePill(entity), h("span", { class: "budget" }, budgetBar(entity)),
      h("nav", { "aria-label": `Dashboards of ${entity.entity}` }, entity.boards.map(({ url, title }) => h("a", { href: url }, title)))),
    h("p", { class: "arithmetic" }, entity.sentence),
    h("div", { class: "columns" },
      h("figure", {}, h("figcaption", {}, `Budget left, ${inDays(objective.window)}; at risk below the dashed line`), chart),
      burnTable(entity, objective)),
    h("p", { class: "muted" }, evaluated(entity), coverage(entity)));
}

// One window of a tier above its limit alerts nobody, so it is said in words, and only both are in the colour of trouble.
function burnTable({ burn: burns }, objective) {
  const isAbove = (window, { threshold }) => threshold !== null && (burns[window] ?? -Infinity) > threshold;
  const rows = Object.entries(burns).map(([window, burn]) => {
    const tiers = objective.tiers.filter(({ long, short }) => [long, short].includes(window));
    const above = tiers.filter((tier) => isAbove(window, tier));
    const exceeded = above.some((tier) => isAbove(tier.long, tier) && isAbove(tier.short, tier));
    const words = exceeded ? "both windows above" : above.length > 0 ? "one window of two" : "";
    return h("tr", { class: exceeded ? "exceeded" : null }, h("th", { scope: "row" }, window),
      h("td", { class: "number" }, burn === null ? "–" : `${formatNumber(burn, 2)}×`, words && h("span", { class: "limit" }, words)),
      h("td", {}, tiers.map((tier) => h("span", { class: "limit" }, tier.limit))));
  });
  return h("table", { class: "burns" }, h("caption", {}, "1× spends exactly the budget in the window; an alert fires when both of its windows are above its limit"),
    h("thead", {}, h("tr", {}, ["Over", "Burn rate", "Limit"].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows));
}

function drawBurnDown(entity, { at_risk_below: atRisk }, range) {
  const chart = charts.get(entity.entity);
  const { time, remaining } = entity.budget;
  if (time.length === 0) return void fill(chart, h("p", { class: "message empty" }, "No budget snapshot in the window yet."));
  const line = seriesColour(0), y = remaining.map((value) => (value === null ? null : value * 100));
  const lowest = Math.min(0, ...y.filter((value) => value !== null));
  const trace = { type: "scatter", mode: time.length === 1 ? "markers" : "lines", x: time, y, name: "left", fill: "tozeroy", fillcolor: faded(line, 0.12), line: { color: line, width: 2 },
    hovertemplate: "%{y:.1f} % left<extra></extra>" };
  drawChart(chart, [trace], timeLayout({ range }, {
    yaxis: { ticksuffix: " %", range: [lowest < 0 ? lowest * 1.05 : 0, 104] },
    shapes: [levelLine(atRisk * 100, themeColour("--warn")), ...(lowest < 0 ? [levelLine(0, themeColour("--bad"), { dash: "solid" })] : [])],
  }));
}

const inDays = (window) => window.replace(/^(\d+)d /, "$1 days ");
const evaluated = (entity) => (entity.evaluated_at ? `Evaluated ${formatTime(entity.evaluated_at)} UTC. ` : "");
const coverage = ({ coverage: share }) => (share === null ? "" : `Telemetry covers ${percent(share, 1)} of the minutes.`);

function runbook({ runbook: text, runbook_url: url }) {
  const href = url && safeLink(url);
  if (!text && !href) return null;
  return h("section", { class: "prose", id: "runbook", "aria-label": "Runbook" }, h("h2", {}, "Runbook"), text ? markdown(text) : h("p", {}, h("a", { href }, url)));
}

keepCurrent(() => `/api/herald/slos/${encodeURIComponent(name)}`, draw, 30000);
