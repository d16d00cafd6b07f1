// Versions, and how fresh the data is.

import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";

function draw(main, { versions, health, boards }) {
  const facts = [
    ["Database", health.database ? "answers" : "does not answer"],
    ["Newest telemetry", health.last_data_at ? `${health.last_data_at} (${health.age_seconds.toFixed(1)} s old)` : "none"],
    ...(health.reason ? [["Reason", health.reason]] : []),
    ["Dashboards", boards],
    ...Object.entries(versions),
  ];
  fill(main, h("div", { class: "page-head" }, h("h1", {}, "About Herald")),
    h("p", { class: "lead" }, "Observability and error budgets for quantum hardware. This site only reads."),
    h("dl", { class: "facts" }, facts.map(([term, text]) => [h("dt", {}, term), h("dd", {}, text)])));
}

keepCurrent(() => "/api/herald/about", draw, 5000);
