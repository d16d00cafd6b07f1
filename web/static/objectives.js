// The list of objectives, worst first, with filters by domain, owner and state.

import { fill, h } from "./dom.js";
import { budgetBar, percent, statePill } from "./budget.js";
import { keepCurrent } from "./shell.js";

const STATES = [["exhausted", "Exhausted"], ["at_risk", "At risk"], ["no_data", "No data"], ["ok", "OK"]];
let answer = null;

function filters() {
  const params = new URLSearchParams(location.search);
  return { domain: params.get("domain") ?? "", owner: params.get("owner") ?? "", state: params.get("state") ?? "" };
}

function setFilter(part) {
  const chosen = Object.entries({ ...filters(), ...part }).filter(([, value]) => value);
  history.replaceState(null, "", chosen.length ? `?${new URLSearchParams(chosen)}` : location.pathname);
  draw(document.getElementById("main"), answer);
}

function draw(main, latest) {
  answer = latest;
  const { domain, owner, state } = filters();
  const chosen = answer.objectives.filter((row) => (!domain || row.domain === domain) && (!owner || row.owner === owner));
  const rows = chosen.filter((row) => !state || row.state === state);
  if (main.querySelector("select:focus")) return;
  fill(main, h("div", { class: "page-head" }, h("h1", {}, "Objectives"),
    h("div", { class: "group" }, choice("domain", "Domain", domain), choice("owner", "Owner", owner))),
  h("div", { class: "tiles", role: "group", "aria-label": "States" }, STATES.map(([each, word]) => tile(each, word, chosen, state))),
  rows.length > 0 ? list(rows) : h("p", { class: "message empty" }, "No objective matches."));
}

// A select of the values that the objectives have.
function choice(key, label, chosen) {
  const values = [...new Set(answer.objectives.map((row) => row[key]))].filter(Boolean).sort();
  return h("label", { class: "control" }, h("span", {}, label), h("select", { id: key, onchange: (event) => setFilter({ [key]: event.target.value }) },
    [["", "All"], ...values.map((each) => [each, each])].map(([value, text]) => h("option", { value, selected: value === chosen }, text))));
}

function tile(state, word, rows, chosen) {
  const count = rows.filter((row) => row.state === state).length;
  return h("button", { type: "button", class: `tile ${state}`, "aria-pressed": String(chosen === state),
    onclick: () => setFilter({ state: chosen === state ? "" : state }) }, h("b", {}, count), h("span", {}, word));
}

function list(rows) {
  const head = ["State", "Objective", "Entity", "Target", "Now", "Budget left", ""];
  return h("div", { class: "table-scroll" }, h("table", { class: "objectives" }, h("caption", { class: "hidden" }, "Objectives, worst first"),
    h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col", class: ["Target", "Now"].includes(text) ? "number" : null }, text || h("span", { class: "hidden" }, "In words"))))),
    h("tbody", {}, rows.map(line))));
}

function line(row) {
  return h("tr", { "data-objective": row.objective, "data-state": row.state },
    h("td", {}, statePill(row)),
    h("td", {}, h("a", { href: `/slo/${encodeURIComponent(row.objective)}` }, row.display_name)),
    h("td", { class: "entity-name" }, row.entity),
    h("td", { class: "number" }, percent(row.target)),
    h("td", { class: "number" }, row.sli === null ? "–" : percent(row.sli, 2)),
    h("td", { class: "budget" }, budgetBar(row)),
    h("td", { class: "words" }, row.sentence));
}

keepCurrent(() => "/api/herald/slos", draw);
