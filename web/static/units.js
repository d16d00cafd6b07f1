// Writes numbers for people: Grafana's unit ids to text. Ratios become percent only here.

const SI = [[1e24, "Y"], [1e21, "Z"], [1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""],
  [1e-3, "m"], [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"]];
const SHORT = [[1e12, " Tri"], [1e9, " Bil"], [1e6, " Mil"], [1e3, " K"], [1, ""]];
const TIMES = [[31536000, " years"], [604800, " weeks"], [86400, " days"], [3600, " h"], [60, " min"], [1, " s"],
  [1e-3, " ms"], [1e-6, " µs"], [1e-9, " ns"]];
const TIME_UNITS = { s: 1, ms: 1e-3, "µs": 1e-6, ns: 1e-9, m: 60, h: 3600, d: 86400 };
const SI_UNITS = { hertz: "Hz", volt: "V", watt: "W", amp: "A", pressurepa: "Pa", bps: "b/s", decbytes: "B", sishort: "" };
const PLAIN_UNITS = { celsius: " °C", kelvin: " K", percent: " %", dB: " dB", dBm: " dBm", reqps: " req/s", ops: " ops/s",
  cps: " c/s", degree: "°", radian: " rad", rotrads: " rad/s", accMS2: " m/s²" };

// Return whether a panel's unit can be written.
export function isKnownUnit(unit) {
  return !unit || unit in TIME_UNITS || unit in SI_UNITS || unit in PLAIN_UNITS || unit.startsWith("dateTime") ||
    ["none", "short", "percentunit", "string", "bool_yes_no", "sci", "bytes", "currencyUSD"].includes(unit) || /^(suffix|prefix|si):/.test(unit);
}

// Return { factor, suffix }: how values of this size are shown on one axis. Divide by the factor.
export function scaleFor(unit, largest) {
  const size = Math.abs(largest) || 1;
  if (unit === "percentunit") return { factor: 0.01, suffix: " %" };
  if (unit in TIME_UNITS) return pick(TIMES, size * TIME_UNITS[unit], 1 / TIME_UNITS[unit]);
  if (unit === "short" || unit === "currencyUSD") return size >= 1000 ? pick(SHORT, size, 1) : { factor: 1, suffix: "" };
  const si = unit in SI_UNITS ? SI_UNITS[unit] : unit?.startsWith("si:") ? unit.slice(3) : unit === "bytes" ? "B" : null;
  if (si !== null) {
    const chosen = pick(SI, size, 1);
    return { factor: chosen.factor, suffix: ` ${chosen.suffix}${si}`.trimEnd() };
  }
  if (unit?.startsWith("suffix:")) return { factor: 1, suffix: ` ${unit.slice(7).trim()}` };
  return { factor: 1, suffix: PLAIN_UNITS[unit] ?? "" };
}

// Return what stands before a number of this unit.
export function prefixOf(unit) {
  return unit?.startsWith("prefix:") ? unit.slice(7) : unit === "currencyUSD" ? "$" : "";
}

// Return a number or time as text; a time to the second, as Grafana writes it.
export function formatValue(value, unit, decimals) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value !== "number") return String(value);
  if (unit?.startsWith("dateTime")) return unit === "dateTimeFromNow" ? formatAgo(value, Date.now()) : formatTime(value).slice(0, 19);
  if (unit === "bool_yes_no") return value ? "Yes" : "No";
  if (unit === "sci") return value.toExponential(decimals ?? 3);
  const { factor, suffix } = scaleFor(unit, value);
  const amount = formatNumber(Math.abs(value) / factor, decimals);
  return (value < 0 && amount !== "0" ? "-" : "") + prefixOf(unit) + amount + suffix;
}

// Return a number with `decimals`, or with as many as about four significant digits need.
export function formatNumber(value, decimals) {
  const digits = Number.isInteger(decimals) ? decimals : digitsFor(value);
  if (value !== 0 && Math.abs(value) < 1e-6 && !Number.isInteger(decimals)) return value.toExponential(2);
  const text = numberFormat(Number.isInteger(decimals) ? decimals : 0, Math.min(digits, 20)).format(value);
  return text === "-0" ? "0" : text;
}

// Making a format takes a hundred times as long as using it, and a chart has thousands of numbers.
const formats = new Map();

function numberFormat(least, most) {
  const key = least * 100 + most;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat("en-US", { minimumFractionDigits: least, maximumFractionDigits: most }));
  return formats.get(key);
}

// Return `2026-11-20 11:10:00` in UTC; milliseconds where there are any.
export function formatTime(ms) {
  const text = new Date(ms).toISOString().replace("T", " ").slice(0, 23);
  return text.endsWith(".000") ? text.slice(0, 19) : text;
}

// Return `3 min ago` for a past moment.
export function formatAgo(ms, nowMs) {
  return `${formatLength(nowMs - ms)} ago`;
}

// Return a duration in whole units, such as `42 s` or `3 h`.
export function formatLength(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [size, word] = [[86400, "d"], [3600, "h"], [60, "min"]].find(([each]) => seconds >= 2 * each) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${word}`;
}

function digitsFor(value) {
  const size = Math.abs(value);
  if (size === 0 || Number.isInteger(value)) return 0;
  return Math.max(0, Math.min(8, 3 - Math.floor(Math.log10(size))));
}

function pick(table, size, perUnit) {
  const [step, suffix] = table.find(([each]) => size >= each * 0.9999) ?? table[table.length - 1];
  return { factor: step * perUnit, suffix };
}
