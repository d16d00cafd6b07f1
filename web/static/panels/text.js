// A text panel: Markdown, or plain text. HTML is shown as text.

import { h } from "../dom.js";
import { markdown } from "../markdown.js";
import { resolve } from "../text.js";

// Draw the panel; return "data".
export function text(body, panel, _frames, context) {
  const content = resolve(panel.options?.content ?? panel.content ?? "", context);
  const mode = panel.options?.mode ?? panel.mode ?? "markdown";
  body.replaceChildren(h("div", { class: "prose" }, mode === "markdown" ? markdown(content) : h("pre", {}, content)));
  return "data";
}
