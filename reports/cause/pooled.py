"""Parts that are measured in turns, judged as one: a pair of qubits every hour says less than all pairs together.

Each part is taken as a multiple of its own normal, so that parts of different quality can stand in one row. What
strikes all of them shows after the next few measurements, whichever parts these are of.
"""

from collections import Counter, defaultdict

import numpy as np

from reports.cause.deviation import quantiles
from reports.cause.table import Table, add_up, select_rows

_FEWEST_TOLD = 3
_SELDOM_SHARE = 0.5


def pool_parts(table: Table, past: int) -> Table | None:
    """Return one row for each entity with several parts; None if there is none.

    Counts are added up: a rush that many send is clearer in the sum. Levels come in units of the median part.
    """
    if table.kind == "count":
        parts = Counter(table.entities)
        several = [row for row, entity in enumerate(table.entities) if parts[entity] > 1]
        return add_up(select_rows(table, several)) if several else None
    if table.kind != "level" or len(table.parts) < 2:
        return None
    value = np.where(table.under > 0, table.over / np.where(table.under > 0, table.under, 1.0), np.nan)[:, :past]
    (normal,) = quantiles(value, (0.5,))
    told = (~np.isnan(value)).sum(axis=1)
    enough = (told >= _FEWEST_TOLD) & (told < _SELDOM_SHARE * past) & (normal > 0)
    rows: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in np.flatnonzero(enough).tolist():
        rows[table.entities[row], table.families[row]].append(row)
    pools = {key: parts for key, parts in rows.items() if len(parts) > 1}
    if not pools:
        return None
    return Table(
        definition=table.definition,
        kind=table.kind,
        entities=tuple(entity for entity, _ in pools),
        parts=tuple(f"{family or 'all'}, {len(parts)} in turns" for (_, family), parts in pools.items()),
        families=tuple(family for _, family in pools),
        over=np.array(
            [
                (table.over[parts] / normal[parts, None]).sum(axis=0) * float(np.median(normal[parts]))
                for parts in pools.values()
            ]
        ),
        under=np.array([table.under[parts].sum(axis=0) for parts in pools.values()]),
    )
