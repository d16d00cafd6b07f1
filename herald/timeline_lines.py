"""Lines of a timeline: what befalls many entities alike in a minute is one, or a thousand slots would be as many."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reports.postmortem import Moment

_MOST_APART = 5
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What happened to one entity: the words around its name, and where they lead."""

    at_ns: int
    kind: str
    source: str
    before: str
    name: str
    after: str
    link: str = ""


def join_lines(lines: Iterable[Line]) -> Iterator[Moment]:
    """Yield a moment for each line; one for all that differ by name alone, where these are many."""
    alike: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        alike.setdefault((line.at_ns, line.kind, line.source, line.before, line.after), []).append(line)
    for same in alike.values():
        if len(same) <= _MOST_APART:
            yield from (_moment(line, line.name) for line in same)
        else:
            names = "; ".join(line.name for line in same[:_NAMED])
            yield _moment(same[0], f"{names} and {len(same) - _NAMED} more")


def _moment(line: Line, name: str) -> Moment:
    text = f"{line.before}{name}{line.after}"
    return Moment(at_ns=line.at_ns, kind=line.kind, source=line.source, text=text, link=line.link)
