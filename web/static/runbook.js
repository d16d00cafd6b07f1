// One runbook: what to do when something fails.

import { fill, h } from "./dom.js";
import { markdown } from "./markdown.js";
import { keepCurrent } from "./shell.js";

const name = decodeURIComponent(location.pathname.split("/").at(-1));
const HOUR_MS = 3600000;

function draw(main, { title, text }) {
  fill(main, h("div", { class: "page-head" }, h("div", {}, h("p", { class: "crumb" }, h("a", { href: "/" }, "Objectives"), ` / runbook ${name}`), h("h1", {}, title))),
    h("section", { class: "prose", "aria-label": "Runbook" }, markdown(text)));
}

keepCurrent(() => `/api/herald/runbooks/${encodeURIComponent(name)}`, draw, HOUR_MS);
