// What every page does: say in the header how fresh the data is.

import { getJson } from "./api.js";
import { fill, h } from "./dom.js";
import { formatLength } from "./units.js";

const EVERY_MS = 15000;

// Show the age of the newest data and keep it current.
export async function showFreshness() {
  const place = document.getElementById("freshness");
  if (!place) return;
  try {
    const { health } = await getJson("/api/herald/about");
    fill(place, words(health));
    place.dataset.ok = String(health.ok);
  } catch (error) {
    fill(place, error.message);
    place.dataset.ok = "false";
  }
  setTimeout(showFreshness, EVERY_MS);
}

function words(health) {
  if (!health.database) return "Database not reachable";
  if (!health.last_data_at) return "No data yet";
  return [h("span", { class: "dot", "aria-hidden": "true" }), `Data ${formatLength(health.age_seconds * 1000)} old`];
}

// Draw a page from JSON, again every few seconds; an error is shown and does not end it.
export function keepCurrent(path, draw, everyMs = EVERY_MS) {
  const main = document.getElementById("main");
  const load = async () => {
    try {
      if (!document.hidden || !main.dataset.loaded) draw(main, await getJson(path()));
    } catch (error) {
      if (!main.dataset.loaded) fill(main, h("p", { class: "message error", role: "alert" }, error.message));
    }
    main.setAttribute("aria-busy", "false");
    main.dataset.loaded = "yes";
    setTimeout(load, everyMs);
  };
  load();
  showFreshness();
}
