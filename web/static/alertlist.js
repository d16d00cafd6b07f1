// Alerts as a table: firing ones first.

import { h } from "./dom.js";
import { formatAgo, formatLength, formatNumber, formatTime } from "./units.js";

// Return the table of alerts, or a sentence where there is none.
export function alertTable(alerts, { nowMs, named = true, grouped = true, none = "No alert fired." }) {
  if (alerts.length === 0) return h("p", { class: "message empty" }, none);
  const head = ["State", grouped && "Incident", "Severity", named && "Objective", "Entity", "Fired (UTC)", "Lasted", "Why"].filter(Boolean);
  return h("div", { class: "table-scroll" }, h("table", { class: "alerts" }, h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, alerts.map((alert) => line(alert, named, grouped, nowMs)))));
}

function line(alert, named, grouped, nowMs) {
  const firing = alert.resolved_at === null;
  const end = firing ? nowMs : alert.resolved_at;
  return h("tr", { "data-alert-id": alert.id, "data-state": firing ? "firing" : "resolved" },
    h("td", {}, h("span", { class: `pill ${firing && !alert.mutes ? "exhausted" : "resolved"}` }, firing ? (alert.mutes ? "Mutes" : "Firing") : "Resolved")),
    grouped && h("td", {}, alert.incident_id ? h("a", { href: `/incidents/${alert.incident_id}` }, `#${alert.incident_id}`) : "–"),
    h("td", {}, alert.severity),
    named && h("td", { class: "name" }, h("a", { href: `/slo/${encodeURIComponent(alert.objective)}` }, alert.display_name)),
    h("td", { class: "short" }, alert.entity),
    h("td", { class: "short", title: formatAgo(alert.fired_at, nowMs) }, moment(alert)),
    h("td", { class: "short" }, formatLength(end - alert.fired_at)),
    h("td", { class: "words" }, why(alert)));
}

function moment(alert) {
  const text = formatTime(alert.fired_at).slice(0, 16);
  return alert.board_url ? h("a", { href: alert.board_url }, text) : text;
}

function why(alert) {
  if (alert.burn_long === null || alert.threshold === null) return alert.summary || alert.description;
  const short = alert.burn_short === null ? "" : `, ${rate(alert.burn_short)} over ${alert.short}`;
  return `burned ${rate(alert.burn_long)} over ${alert.long}${short}; the limit is ${rate(alert.threshold)}${alert.rule && ` (${alert.rule})`}`;
}

const rate = (burn) => `${formatNumber(burn, 1)}×`;
