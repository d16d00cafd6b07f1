// The links of a dashboard to others, with its time range and variables.

import { getJson } from "./api.js";
import { h } from "./dom.js";
import { resolve, safeLink } from "./text.js";

// Return the links as elements.
export function boardLinks(board, context) {
  return (board.links ?? []).filter(({ type }) => type === "link").map((link) => {
    const parts = [link.keepTime && resolve("${__url_time_range}", context), link.includeVars && resolve("${__all_variables}", context)].filter(Boolean);
    const address = resolve(link.url, context);
    const href = safeLink(address + (parts.length ? `${address.includes("?") ? "&" : "?"}${parts.join("&")}` : ""));
    return href && h("a", { href, title: link.tooltip || null }, link.title);
  });
}

// A link of type `dashboards` stands for one link per board with its tags.
export async function addTaggedLinks(board) {
  for (const link of (board.links ?? []).filter(({ type }) => type === "dashboards")) {
    const query = (link.tags ?? []).map((tag) => `tag=${encodeURIComponent(tag)}`).join("&");
    const found = await getJson(`/api/search?${query}`);
    board.links.push(...found.filter((each) => each.uid !== board.uid).map(({ title, url }) => ({ ...link, type: "link", title, url })));
  }
}
