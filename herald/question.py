"""What a question of `herald query` is asked over, and how single values of its answer are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from model.clock import format_time, to_ns
from model.errors import InvalidInputError
from model.json_text import finite
from model.windows import Window
from store import ask_range, run_readonly


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A range, and whom the question is about, one a line; empty for the whole fleet."""

    window: Window
    about: str


def find_asked(
    url: str, window: Window, named: Sequence[str], *, alert: int | None = None, incident: int | None = None
) -> Asked:
    """Return what an alert or incident stored at `url` sets, or else the window; an entity that is named wins.

    Raises InvalidInputError for several entities, an alert and an incident, or one that is not stored.
    """
    if len(named) > 1:
        raise InvalidInputError(f"a question is about one of {', '.join(named)}", remedy="name one of them")
    about = named[0] if named else ""
    if alert is None and incident is None:
        return Asked(window=window, about=about)
    if alert is not None and incident is not None:
        raise InvalidInputError("a question has one range", remedy="give --alert or --incident")
    rows = run_readonly(url, ask_range(alert=alert, incident=incident)).rows
    if not rows:
        what = f"alert {alert}" if incident is None else f"incident {incident}"
        raise InvalidInputError(f"there is no {what}", remedy="see the lists of herald web, or herald query alerts")
    start, end, entity = rows[0]
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    return Asked(window=Window(start_ns=to_ns(start), end_ns=to_ns(end)), about=about or str(entity or ""))


def render_cell(value: object) -> str:
    """Return a value for people: times in UTC, numbers with four digits, nothing as a dash.

    >>> [render_cell(value) for value in (0.123456, 1234567, None, True, "mem-delft")]
    ['0.1235', '1234567', '-', 'yes', 'mem-delft']
    """
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return format_time(to_ns(value))
        case float():
            return f"{value:.4g}"
    return str(value)


def value_for_json(value: object) -> object:
    """Return a value as JSON and CSV have it: times as text, and null for what is no finite number."""
    return format_time(to_ns(value)) if isinstance(value, datetime) else finite(value)
