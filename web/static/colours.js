// Colours: names as Grafana knows them, thresholds, value mappings, and those of the current theme.

const NAMES = {
  green: "#2f9e5b", red: "#d6453d", yellow: "#d8a012", orange: "#e0752d", blue: "#3a77c9", purple: "#8f5fc6",
  grey: "#8e8e8e", gray: "#8e8e8e", white: "#ffffff", black: "#000000", text: "var(--text)", transparent: "transparent",
};
// Okabe and Ito's palette, distinguishable with any colour vision, for series without a colour of their own.
const PALETTE = ["#3a86c8", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#8c6bb1", "#a6a032", "#7f7f7f"];
const DASHES = ["solid", "dot", "dashdot", "longdash"];

// Return a CSS colour for a Grafana colour name (`semi-dark-green`) or any CSS colour.
export function colour(name) {
  if (!name) return themeColour("--muted");
  if (name === "text") return themeColour("--text");
  const plain = name.replace(/^(super-light|light|semi-dark|dark)-/, "");
  return NAMES[plain] ?? name;
}

// Return the colour of the series at `index`.
export const seriesColour = (index) => PALETTE[index % PALETTE.length];

// Return how the line at `index` is drawn: those that share a colour differ by it.
export const seriesDash = (index) => DASHES[Math.floor(index / PALETTE.length) % DASHES.length];

// Return the value of a CSS variable of the theme.
export const themeColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Return a colour with less opacity.
export function faded(color, opacity) {
  if (/^#[0-9a-f]{6}$/i.test(color)) return color + Math.round(opacity * 255).toString(16).padStart(2, "0");
  return color;
}

// Return the colour of the threshold step in which `value` lies, null without steps.
export function thresholdColour(value, config) {
  const { steps = [], mode } = config.thresholds ?? {};
  if (typeof value !== "number" || steps.length === 0) return steps[0] ? colour(steps[0].color) : null;
  const { min = 0, max = 100 } = config;
  const measure = mode === "percentage" ? ((value - min) / (max - min)) * 100 : value;
  const reached = steps.filter((step, index) => index === 0 || measure >= step.value);
  return colour(reached.at(-1).color);
}

// Return { text, color } of the value mapping that applies, or null.
export function mapping(value, mappings = []) {
  for (const each of mappings) {
    const result = MATCH[each.type]?.(value, each.options);
    if (result) return { text: result.text, color: result.color ? colour(result.color) : null };
  }
  return null;
}

const MATCH = {
  value: (value, options) => options[String(value)] ?? null,
  range: (value, { from, to, result }) =>
    typeof value === "number" && value >= (from ?? -Infinity) && value <= (to ?? Infinity) ? result : null,
  special: (value, { match, result }) => (SPECIAL[match]?.(value) ? result : null),
  regex: (value, { pattern, result }) => (asRegExp(pattern)?.test(String(value)) ? result : null),
};
const SPECIAL = {
  null: (value) => value === null || value === undefined,
  nan: (value) => Number.isNaN(value),
  "null+nan": (value) => value === null || value === undefined || Number.isNaN(value),
  true: (value) => value === true,
  false: (value) => value === false,
  empty: (value) => value === "",
};

// Return a RegExp from `/pattern/flags` or plain text, null where it is not one.
export function asRegExp(text) {
  const match = /^\/(.*)\/([a-z]*)$/.exec(text ?? "");
  try {
    return match ? new RegExp(match[1], match[2]) : new RegExp(`^(?:${text})$`);
  } catch {
    return null;
  }
}
