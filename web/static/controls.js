// The bar above a board: variables, time range, refresh. What is chosen lives in the address of the page.

import { h } from "./dom.js";
import { formatTime } from "./units.js";

const PRESETS = [["now-15m", "Last 15 minutes"], ["now-1h", "Last hour"], ["now-6h", "Last 6 hours"],
  ["now-24h", "Last 24 hours"], ["now-2d", "Last 2 days"], ["now-7d", "Last 7 days"], ["now-28d", "Last 28 days"],
  ["now-30d", "Last 30 days"], ["now-90d", "Last 90 days"]];
const UNITS = { s: "seconds", m: "minutes", h: "hours", d: "days", w: "weeks", M: "months", y: "years" };
const REFRESHES = [["", "Off"], ["5s", "5 s"], ["10s", "10 s"], ["30s", "30 s"], ["1m", "1 min"], ["5m", "5 min"], ["15m", "15 min"], ["1h", "1 h"]];
const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 };

// Return the state of the page: what the address says, else what the board wants.
export function readState(board) {
  const params = new URLSearchParams(location.search);
  const variables = {};
  for (const key of params.keys()) if (key.startsWith("var-")) variables[key.slice(4)] = params.getAll(key);
  return {
    from: params.get("from") ?? board.time?.from ?? "now-6h",
    to: params.get("to") ?? board.time?.to ?? "now",
    refresh: params.get("refresh") ?? board.refresh ?? "",
    variables,
  };
}

// Write the state into the address; `remember` adds a step to the browser's history.
export function writeState(state, remember) {
  const params = new URLSearchParams(location.search);
  for (const key of [...params.keys()]) if (key.startsWith("var-")) params.delete(key);
  for (const key of ["from", "to", "refresh"]) params.set(key, state[key]);
  for (const [name, values] of Object.entries(state.variables)) for (const value of values) params.append(`var-${name}`, value);
  history[remember ? "pushState" : "replaceState"](null, "", `${location.pathname}?${params}`);
}

// Return the query string that asks the server about this state.
export function stateQuery(state) {
  const params = new URLSearchParams({ from: state.from, to: state.to });
  for (const [name, values] of Object.entries(state.variables)) for (const value of values) params.append(`var-${name}`, value);
  return params.toString();
}

// Return milliseconds of `30s`, 0 for off or anything else.
export function refreshMs(text) {
  const match = /^(\d+)([smhd])$/.exec(text || "");
  return match ? Number(match[1]) * SECONDS[match[2]] * 1000 : 0;
}

// Return one control per visible variable.
export function variableControls(variables, onChange) {
  return variables.filter((variable) => !variable.hidden).map((variable) =>
    variable.multi ? multiSelect(variable, onChange) : singleSelect(variable, onChange));
}

// Return in words what the address asks for and is not there: others than meant are shown.
export function inVain(variables) {
  return variables.filter(({ hidden, unknown }) => !hidden && unknown?.length > 0)
    .map((variable) => `${variable.label} ${shorten(variable.unknown)}: not found. Shown instead: ${wordsOf(variable) || "none"}.`);
}

const LISTED = 3;

const shorten = (names) => [...names.slice(0, LISTED), ...(names.length > LISTED ? [`${names.length - LISTED} more`] : [])].join(", ");

const wordsOf = ({ chosen, all, options }) =>
  chosen.includes(all) ? "All" : options.filter(({ value }) => chosen.includes(value)).map(({ text }) => text).join(", ");

// Return the time picker.
export function timeControl(state, range, onChange) {
  const preset = PRESETS.find(([from]) => from === state.from && state.to === "now");
  const relative = /^now-(\d+)([smhdwMy])$/.exec(state.to === "now" ? state.from : "");
  const words = preset?.[1] ?? (relative ? `Last ${relative[1]} ${UNITS[relative[2]]}` : `${formatTime(range.from).slice(0, 16)} to ${formatTime(range.to).slice(0, 16)}`);
  return [
    h("button", { type: "button", class: "icon", "aria-label": "Earlier", title: "Earlier", onclick: () => onChange(shift(range, -0.5)) }, "‹"),
    timePicker(words, preset?.[0], range, onChange),
    h("button", { type: "button", class: "icon", "aria-label": "Later", title: "Later", onclick: () => onChange(shift(range, 0.5)) }, "›"),
    h("button", { type: "button", class: "icon", "aria-label": "Zoom out", title: "Zoom out", onclick: () => onChange(widen(range)) }, "−"),
  ];
}

// Return the time picker of a page whose address holds no time that anybody understands.
export function firstTimeControl(onChange) {
  const now = Date.now();
  return timePicker("Choose a time", null, { from: now - SECONDS.h * 1000, to: now }, onChange);
}

function timePicker(words, pressed, range, onChange) {
  return h("details", { class: "dropdown time", id: "time-picker" },
    h("summary", { "aria-label": `Time range: ${words}` }, words, h("span", { class: "zone" }, " UTC")),
    h("div", { class: "dropdown-body" },
      h("div", { class: "choices" }, PRESETS.map(([from, label]) => h("button", { type: "button",
        "aria-pressed": String(pressed === from), onclick: () => onChange({ from, to: "now" }) }, label))),
      absoluteForm(range, onChange)));
}

// Return the refresh control.
export function refreshControl(state, onChange) {
  const known = REFRESHES.some(([value]) => value === state.refresh);
  const choices = known ? REFRESHES : [...REFRESHES, [state.refresh, state.refresh]];
  return [
    h("button", { type: "button", class: "icon", id: "refresh-now", "aria-label": "Refresh now", title: "Refresh now", onclick: () => onChange({}) }, "↻"),
    h("label", { class: "control" }, h("span", {}, "Refresh"),
      h("select", { onchange: (event) => onChange({ refresh: event.target.value }) }, choices.map(([value, label]) =>
        h("option", { value, selected: value === state.refresh }, label)))),
  ];
}

function singleSelect(variable, onChange) {
  const options = [...(variable.includeAll ? [{ text: "All", value: variable.all }] : []), ...variable.options];
  return h("label", { class: "control", "data-variable": variable.name }, h("span", {}, variable.label),
    h("select", { title: variable.error || null, onchange: (event) => onChange(variable.name, [event.target.value]) },
      options.map(({ text, value }) => h("option", { value, selected: variable.chosen.includes(value) }, text))));
}

function multiSelect(variable, onChange) {
  const all = variable.chosen.includes(variable.all);
  const words = wordsOf(variable);
  const boxes = [];
  const box = (value, text, checked, exclusive) => {
    const input = h("input", { type: "checkbox", value, checked, onchange: () => {
      for (const other of boxes) if (other !== input && (exclusive || other.value === variable.all)) other.checked = false;
    } });
    boxes.push(input);
    return h("label", {}, input, text);
  };
  const details = h("details", { class: "dropdown control", "data-variable": variable.name },
    h("summary", { "aria-label": `${variable.label}: ${words || "none"}` }, h("span", {}, variable.label), h("b", {}, words || "none")),
    h("div", { class: "dropdown-body" },
      variable.includeAll && box(variable.all, "All", all, true),
      variable.options.map(({ text, value }) => box(value, text, !all && variable.chosen.includes(value), false)),
      variable.error && h("p", { class: "message error" }, variable.error),
      h("button", { type: "button", class: "primary", onclick: () => {
        const values = boxes.filter((each) => each.checked).map((each) => each.value);
        onChange(variable.name, values);
      } }, "Apply")));
  return details;
}

function absoluteForm(range, onChange) {
  const field = (name, label, ms) => h("label", {}, label,
    h("input", { name, type: "datetime-local", step: "1", required: true, value: formatTime(ms).slice(0, 19).replace(" ", "T") }));
  const onsubmit = (event) => {
    event.preventDefault();
    const values = new FormData(event.target);
    onChange({ from: String(Date.parse(`${values.get("from")}Z`)), to: String(Date.parse(`${values.get("to")}Z`)) });
  };
  return h("form", { class: "absolute", onsubmit }, field("from", "From (UTC)", range.from), field("to", "To (UTC)", range.to),
    h("button", { type: "submit", class: "primary" }, "Apply"));
}

function shift({ from, to }, share) {
  const by = Math.round((to - from) * share);
  return { from: String(from + by), to: String(to + by) };
}

function widen({ from, to }) {
  const by = Math.round((to - from) / 2);
  return { from: String(Math.max(0, from - by)), to: String(to + by) };
}
