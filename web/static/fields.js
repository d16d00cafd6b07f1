// From the answer of /api/ds/query to fields: values, how to write and colour them, and what they are called.

import { asRegExp, colour, mapping, seriesColour, seriesDash, thresholdColour } from "./colours.js";
import { formatValue } from "./units.js";

// Return the frames of all results as lists of fields, with the panel's defaults and overrides applied.
export function decodeFrames(results, fieldConfig = {}) {
  const frames = Object.values(results).flatMap((result) => result.frames ?? []);
  const decoded = frames.map((frame) => frame.schema.fields.map((schema, index) => decodeField(frame, schema, index)));
  nameFields(decoded.flat());
  for (const field of decoded.flat()) configure(field, fieldConfig);
  numberColours(decoded.flat());
  return decoded.filter((fields) => fields.length > 0);
}

// Return the notices that came with the frames, e.g. about the row limit.
export function notices(results) {
  const found = Object.values(results).flatMap((result) => result.frames ?? []);
  return found.flatMap((frame) => frame.schema.meta?.notices ?? []).map((notice) => notice.text);
}

export const timeField = (fields) => fields.find((field) => field.type === "time");
export const numberFields = (fields) => fields.filter((field) => field.type === "number");

// Return the text of one value of a field, mappings first.
export function textOf(field, value) {
  const mapped = mapping(value, field.config.mappings);
  if (mapped?.text) return mapped.text;
  if (value === null || value === undefined) return field.config.noValue ?? "";
  return formatValue(value, field.type === "time" ? "dateTimeAsIso" : field.config.unit, field.config.decimals);
}

// Return the colour of one value: its mapping's, else the fixed colour, else its threshold's; null for what is missing.
export function colourOf(field, value) {
  const mapped = mapping(value, field.config.mappings);
  if (mapped?.color) return mapped.color;
  if (value === null || value === undefined) return null;
  const { mode, fixedColor } = field.config.color ?? {};
  if (mode === "fixed") return colour(fixedColor);
  return thresholdColour(value, field.config);
}

// Return the colour of a whole series.
export function colourOfSeries(field, lastValue) {
  const { mode, fixedColor } = field.config.color ?? {};
  if (mode === "fixed") return colour(fixedColor);
  return mode === "thresholds" ? thresholdColour(lastValue, field.config) : seriesColour(field.index);
}

// Return how the line of a series is drawn: `solid`, or one of Plotly's dashes.
export function dashOf({ index, config: { custom } }) {
  if (["bars", "points"].includes(custom.drawStyle)) return "solid";
  return ["solid", "dash", "dot"].find((each) => each === custom.lineStyle?.fill) ?? seriesDash(index);
}

// Series take the colours of the palette in turn; one that has a colour of its own takes none away from the others.
function numberColours(fields) {
  const own = (field) => field.config.color?.mode === "fixed";
  fields.filter((field) => field.type === "number" && !own(field)).forEach((field, index) => (field.index = index));
}

function decodeField(frame, schema, index) {
  const values = frame.data.values[index] ?? [];
  const lost = frame.data.entities?.[index] ?? {};
  for (const place of lost.Inf ?? []) values[place] = Infinity;
  for (const place of lost.NegInf ?? []) values[place] = -Infinity;
  return { name: schema.name, type: schema.type, labels: schema.labels ?? {}, refId: frame.schema.refId, values,
    config: {}, index: 0 };
}

// Name fields as Grafana does: the field's name unless it is `Value`, then its label, or all of them in braces.
function nameFields(fields) {
  const keys = new Set(fields.flatMap((field) => Object.keys(field.labels)));
  for (const field of fields) {
    const labels = Object.entries(field.labels);
    const part = keys.size === 1 ? labels[0]?.[1] : `{${labels.map(([key, value]) => `${key}="${value}"`).join(", ")}}`;
    const named = labels.length === 0 ? [field.name] : [field.name === "Value" ? "" : field.name, part];
    field.displayName = named.filter((each) => each).join(" ") || field.name;
  }
}

function configure(field, { defaults = {}, overrides = [] }) {
  field.config = structuredClone(defaults);
  field.config.custom ??= {};
  for (const { matcher, properties } of overrides) {
    if (!MATCHERS[matcher.id]?.(field, matcher.options)) continue;
    for (const { id, value } of properties) set(field.config, id.split("."), value);
  }
  const named = field.config.displayName;
  if (named) field.displayName = named.replace(/\$\{__field\.labels\.([\w.]+)\}/g, (_, key) => field.labels[key] ?? "")
    .replace(/\$\{__field\.name\}/g, field.name);
}

function set(config, path, value) {
  const last = path.pop();
  let place = config;
  for (const key of path) place = place[key] ??= {};
  place[last] = value;
}

const MATCHERS = {
  byName: (field, name) => field.displayName === name || field.name === name,
  byRegexp: (field, pattern) => asRegExp(pattern)?.test(field.displayName),
  byFrameRefID: (field, refId) => field.refId === refId,
  byType: (field, type) => field.type === type,
};

// What an override may change; whatever else it asks for is said beside the panel.
const PROPERTIES = new Set(["unit", "decimals", "min", "max", "displayName", "noValue", "color", "thresholds", "mappings", "links",
  ...["axisLabel", "axisPlacement", "axisSoftMax", "axisSoftMin", "cellOptions", "drawStyle", "fillBelowTo", "fillOpacity", "hidden",
    "hideFrom", "lineInterpolation", "lineStyle", "lineWidth", "pointSize", "scaleDistribution", "showPoints", "spanNulls", "stacking",
    "thresholdsStyle", "width"].map((name) => `custom.${name}`)]);

// Return the matchers and properties in a panel's overrides that are not understood here, each once.
export function unknownOverrides({ overrides = [] } = {}) {
  const matchers = overrides.map(({ matcher }) => matcher.id).filter((id) => !(id in MATCHERS)).map((id) => `override ${id}`);
  const properties = overrides.flatMap((override) => override.properties).map(({ id }) => id).filter((id) => !PROPERTIES.has(id));
  return [...new Set([...matchers, ...properties.map((id) => `override of ${id}`)])];
}
