"""What the engine remembers across a restart."""

from collections.abc import Mapping

from store import Store

_EVALUATED_TO = "evaluated_to_ns"
_COUNTED_AS = "counted_as"


def read_counted_as(store: Store) -> dict[str, str]:
    """Return by which rules the stored minutes of each objective were counted."""
    counted = store.read_state(_COUNTED_AS)
    return dict(counted) if isinstance(counted, dict) else {}


def read_judged_to(store: Store) -> int | None:
    """Return the end of the last minute that an engine has judged."""
    judged = store.read_state(_EVALUATED_TO)
    return judged if isinstance(judged, int) else None


def note_judged_to(store: Store, end_ns: int) -> None:
    """Remember the end of the last minute that was judged."""
    store.write_state(_EVALUATED_TO, end_ns)


def note_counted_as(store: Store, rules: Mapping[str, str]) -> None:
    """Remember by which rules the stored minutes of each objective were counted."""
    store.write_state(_COUNTED_AS, dict(rules))
