// The list of dashboards.

import { fill, h } from "./dom.js";
import { keepCurrent } from "./shell.js";

function draw(main, boards) {
  fill(main, h("div", { class: "page-head" }, h("h1", {}, "Dashboards")),
    boards.length === 0 && h("p", { class: "message empty" }, "There is no dashboard."),
    h("ul", { class: "cards" }, boards.map((board) => h("li", {}, h("a", { href: board.url }, board.title),
      h("p", {}, board.description), h("p", { class: "tags" }, board.tags.map((tag) => h("span", {}, tag)))))));
}

keepCurrent(() => "/api/search", draw, 60000);
