"""Where each entity of a fleet stands in the picture.

Sites are lanes. In a lane, whatever is acted upon stands to the right of what acts on it, so that a cause is looked
for to the left.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from model.topology import Edge


def place(sites: Mapping[str, str], edges: Sequence[Edge]) -> dict[str, tuple[int, int]]:
    """Return column and row of each entity in `sites`, which maps it to its site; rows count inside a site.

    Rows follow the middle of what stands to the left, so that few lines cross.
    """
    known = [edge for edge in edges if edge.source in sites and edge.target in sites]
    columns = _columns(sites, known)
    taken: dict[tuple[str, int], int] = defaultdict(int)
    places: dict[str, tuple[int, int]] = {}

    def middle(entity: str) -> float:
        sources = {edge.source for edge in known if edge.target == entity and sites[edge.source] == sites[entity]}
        rows = [places[each][1] for each in sources if each in places]
        return sum(rows) / len(rows) if rows else 0.0

    for column in range(max(columns.values(), default=-1) + 1):
        ahead = [entity for entity in sites if columns[entity] == column]
        for entity in sorted(ahead, key=lambda each: (middle(each), each)):
            lane = sites[entity], column
            places[entity] = column, taken[lane]
            taken[lane] += 1
    return places


def _columns(entities: Collection[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return the length of the longest way to each entity; where edges form a circle, any order of its members."""
    steps = dict.fromkeys(entities, 0)
    for _ in entities:
        before = dict(steps)
        for edge in edges:
            steps[edge.target] = max(steps[edge.target], steps[edge.source] + 1)
        if steps == before:
            break
    numbers = {step: number for number, step in enumerate(sorted(set(steps.values())))}
    return {entity: numbers[step] for entity, step in steps.items()}
