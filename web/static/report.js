// One written report: Markdown as text of this page, HTML in a frame that runs no script.

import { fill, h } from "./dom.js";
import { markdown } from "./markdown.js";
import { showFreshness } from "./shell.js";

const main = document.getElementById("main");
const name = decodeURIComponent(location.pathname.split("/").at(-1));
const file = `/reports/files/${encodeURIComponent(name)}`;

function frame() {
  return h("iframe", { class: "report", src: file, title: name, sandbox: "allow-top-navigation-by-user-activation" });
}

async function content() {
  const answer = await fetch(file);
  if (!answer.ok) return h("p", { class: "message error", role: "alert" }, (await answer.json().catch(() => ({}))).message || `The server answered ${answer.status}.`);
  if (name.endsWith(".html")) return frame();
  const text = await answer.text();
  return name.endsWith(".md") ? h("section", { class: "prose report" }, markdown(text)) : h("pre", { class: "report", tabindex: "0" }, text);
}

async function show() {
  const body = await content();
  const [list, title] = name.startsWith("postmortem-") ? ["/postmortems", "Postmortems"] : ["/reports", "Reports"];
  fill(main, h("p", { class: "crumb" }, h("a", { href: list }, title), ` / ${name} `, h("a", { href: file, download: name }, "Download")),
    h("h1", { class: "hidden" }, name), body);
  main.setAttribute("aria-busy", "false");
  main.dataset.loaded = "yes";
}

showFreshness();
show();
