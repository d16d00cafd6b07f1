// Versions, and how fresh the data is.

import { getJson } from "./api.js";
import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";
import { formatLength, formatTime } from "./units.js";

function draw(main, { versions, health, boards }) {
  const facts = [
    ["Database", health.database ? "answers" : "does not answer"],
    ["Newest telemetry", health.last_data_at ? `${toSecond(Date.parse(health.last_data_at))} (${formatLength(health.age_seconds * 1000)} old)` : "none"],
    ...(health.reason ? [["Reason", health.reason]] : []),
    ["Dashboards", boards],
    ...Object.entries(versions),
  ];
  fill(main, h("div", { class: "page-head" }, h("h1", {}, "About Herald")),
    h("p", { class: "lead" }, "Observability and error budgets for quantum hardware. This site only reads."),
    h("dl", { class: "facts" }, facts.map(([term, text]) => [h("dt", {}, term), h("dd", {}, text)])), sites);
  if (health.database) drawSites();
}

const toSecond = (ms) => `${formatTime(ms).slice(0, 19)} UTC`;
const sites = h("section", { "aria-label": "Freshness" });

// The newest telemetry of each site: one silent site hides behind the others in the number above.
async function drawSites() {
  const answer = await getJson("/api/herald/about/sites").catch(() => null);
  if (!answer) return;
  fill(sites, h("h2", {}, "Newest telemetry of each site, the oldest first"),
    h("div", { class: "table-scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["Site", "Newest", "Age"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, answer.sites.map((each) => h("tr", {}, h("th", { scope: "row" }, each.site || "–"), h("td", {}, toSecond(each.last_data_at)), h("td", {}, formatLength(each.age_seconds * 1000))))))));
}

keepCurrent(() => "/api/herald/about", draw, 5000);
