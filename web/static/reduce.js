// Many values to one: the calculations that panels name in `reduceOptions.calcs` and legends.

const known = (values) => values.filter((value) => value !== null && value !== undefined);
const numbers = (values) => values.filter((value) => typeof value === "number");
const sum = (values) => values.reduce((total, value) => total + value, 0);
const least = (values) => values.reduce((a, b) => Math.min(a, b), Infinity);
const most = (values) => values.reduce((a, b) => Math.max(a, b), -Infinity);

const CALCS = {
  lastNotNull: (values) => known(values).at(-1),
  last: (values) => values.at(-1),
  firstNotNull: (values) => known(values)[0],
  first: (values) => values[0],
  mean: (values) => sum(numbers(values)) / numbers(values).length,
  sum: (values) => sum(numbers(values)),
  min: (values) => least(numbers(values)),
  max: (values) => most(numbers(values)),
  range: (values) => most(numbers(values)) - least(numbers(values)),
  count: (values) => values.length,
  diff: (values) => known(values).at(-1) - known(values)[0],
  delta: (values) => sum(numbers(values).map((value, i, all) => (i && value > all[i - 1] ? value - all[i - 1] : 0))),
};

// Return whether a calculation is known here.
export const isKnownCalc = (name) => name in CALCS;

// Return the reduced value, null where there is nothing to reduce.
export function reduce(values, calc = "lastNotNull") {
  if (known(values).length === 0) return calc === "count" ? values.length : null;
  const value = (CALCS[calc] ?? CALCS.lastNotNull)(values);
  return value === undefined || Number.isNaN(value) ? null : value;
}
