// Small pieces of the SLO pages: the state as a word in a colour, a budget as a bar, ratios as percent.

import { h } from "./dom.js";

// Return the state as a pill: colour and word.
export const statePill = (row) => h("span", { class: `pill ${row.state}` }, row.state_word);

// Return a ratio as percent; digits are cut, so that nothing short of whole reads as 100 %.
export function percent(ratio, digits = null) {
  const scale = 10 ** (digits ?? 4);
  const cut = Math.trunc(ratio * 100 * scale + Math.sign(ratio) * 1e-7) / scale;
  return digits === null ? `${cut} %` : `${cut.toFixed(digits)} %`;
}

// Return the budget that is left as a bar and a number; an overspent one is red and says by how much.
export function budgetBar(row) {
  const left = row.budget_remaining;
  if (left === null) return h("span", { class: "muted" }, "–");
  const width = left < 0 ? "100%" : `${Math.min(100, left * 100)}%`;
  return [h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: `bar-fill ${row.state}`, style: { width } })),
    h("span", { class: "bar-text" }, percent(left, 0))];
}
