// Repeated panels and rows: one for each chosen value of a variable, as Grafana lays them out.
//
// A copy has `scope`, the value it stands for by the name of its variable, and `copy`, its number; it keeps its id, by
// which the server knows it.

export const COPIES_LIMIT = 60;
const COLUMNS = 24;

// Return whether anything of a board is repeated: then it can be laid out only once the variables are known.
export const hasRepeats = (panels) => panels.some((panel) => panel.repeat || hasRepeats(panel.panels ?? []));

// Return the panels with a copy in place of each that is repeated, and what is below moved down.
export function unfold(panels, variables) {
  const found = [];
  let top = 0;
  for (const { row, own } of sections(panels)) {
    const body = row?.panels?.length ? row.panels : own;
    copies(row ?? {}, variables).forEach(({ scope, copy }) => {
      const { placed, height } = place(body, top + (row ? 1 : 0), variables, scope, copy);
      if (row) found.push({ ...row, scope, copy, gridPos: { ...row.gridPos, y: top }, ...(row.panels?.length ? { panels: placed } : {}) });
      if (!row?.panels?.length) found.push(...placed);
      top += height + (row ? 1 : 0);
    });
  }
  return found;
}

// Return the variables as a copy sees them: each of its own has the one value it stands for.
export const scoped = (variables, scope = {}) =>
  variables.map((each) => (each.name in scope ? { ...each, chosen: [scope[each.name]] } : each));

// Return in words which copies are not made: more than some dozens nobody reads, and no browser draws.
export function leftOut(panels, variables) {
  const repeated = new Set(panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).map(({ repeat }) => repeat));
  return variables.filter(({ name }) => repeated.has(name)).map((variable) => ({ variable, count: chosenOf(variable).length - COPIES_LIMIT }))
    .filter(({ count }) => count > 0)
    .map(({ variable, count }) => `${count} more of ${variable.label || variable.name} are not drawn: choose fewer.`);
}

function copies(panel, variables) {
  const variable = panel.repeat && variables.find(({ name }) => name === panel.repeat);
  if (!variable) return [{ scope: {}, copy: 0 }];
  return chosenOf(variable).slice(0, COPIES_LIMIT).map((value, copy) => ({ scope: { [variable.name]: value }, copy }));
}

const chosenOf = ({ chosen, all, options }) => (chosen.includes(all) ? options.map(({ value }) => value) : chosen);

// Return the panels of a section from `top` on, and how many lines they take.
function place(panels, top, variables, scope, copy) {
  const start = Math.min(...panels.map(y));
  const placed = [];
  for (const panel of panels) {
    const down = panels.filter((other) => bottom(other) <= y(panel)).reduce((sum, other) => sum + extra(other, variables), 0);
    const repeated = copies(panel, variables);
    repeated.forEach((each) => placed.push({
      ...panel,
      scope: { ...scope, ...each.scope },
      copy: copy * COPIES_LIMIT + each.copy,
      gridPos: shift(panel, each.copy, repeated.length, top - start + down),
    }));
  }
  return { placed, height: Math.max(0, ...placed.map(bottom).map((end) => end - top)) };
}

function shift(panel, number, count, down) {
  const { w = 12, h = 8 } = panel.gridPos ?? {};
  if (!panel.repeat) return { ...panel.gridPos, y: y(panel) + down };
  if (panel.repeatDirection === "v") return { ...panel.gridPos, y: y(panel) + down + number * h };
  const across = perLine(panel, count), width = Math.floor(COLUMNS / across);
  return { ...panel.gridPos, w: count ? width : w, h, x: (number % across) * width, y: y(panel) + down + Math.floor(number / across) * h };
}

// Return how many lines a panel takes with its copies beyond its own.
function extra(panel, variables) {
  if (!panel.repeat) return 0;
  const count = copies(panel, variables).length;
  const lines = panel.repeatDirection === "v" ? count : Math.ceil(count / perLine(panel, count));
  return (Math.max(lines, 1) - 1) * (panel.gridPos?.h ?? 8);
}

const perLine = (panel, count) => Math.max(1, Math.min(count, panel.maxPerRow || 4, COLUMNS));

// Return the panels by the open row above them, those before the first row under none.
function sections(panels) {
  const sorted = [...panels].sort((a, b) => y(a) - y(b) || (a.gridPos?.x ?? 0) - (b.gridPos?.x ?? 0));
  const found = [];
  for (const panel of sorted) {
    if (panel.type === "row") found.push({ row: panel, own: [] });
    else if (found.length > 0 && !found.at(-1).row?.collapsed) found.at(-1).own.push(panel);
    else found.push({ row: null, own: [panel] });
  }
  return found;
}

const y = (panel) => panel.gridPos?.y ?? 0;
const bottom = (panel) => y(panel) + (panel.gridPos?.h ?? 8);
