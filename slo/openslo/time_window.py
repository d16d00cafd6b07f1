"""The time window of an SLO: one that rolls, or the periods of a calendar in a time zone."""

from dataclasses import dataclass

from model.clock import DAY_NS
from slo.openslo.durations import read_duration, read_shorthand
from slo.openslo.place import Place
from slo.openslo.sdk import is_start_time, is_time_zone
from slo.period import CalendarPeriod, CalendarUnit


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """How long the budget has to last; nominally, where a calendar says which periods there are."""

    length_ns: int
    calendar: CalendarPeriod | None = None


def read_time_window(place: Place) -> TimeWindow | None:
    """Return the window in `timeWindow`; None after reporting what is wrong."""
    if not place:
        place.error("is missing; give one window, e.g. - {duration: 28d, isRolling: true}")
        return None
    items = place.items()
    if len(items) != 1:
        place.error(f"must have exactly one window, not {len(items)}")
        return None
    window = items[0]
    if not window.mapping():
        return None
    window.check_keys(("duration", "isRolling", "calendar"))
    rolls = (window / "isRolling").flag(required=not window / "calendar")
    if not window / "calendar":
        if rolls is False:
            (window / "isRolling").error("a window that does not roll needs a calendar")
        return _read_rolling(window / "duration")
    if rolls:
        window.error("has a calendar and isRolling: true; a window has one or the other")
    return _read_calendar(window)


def _read_rolling(place: Place) -> TimeWindow | None:
    """Return a rolling window; a few minutes are refused, because `1m` was meant as a month."""
    length_ns = read_duration(place)
    if length_ns is None:
        return None
    if length_ns < DAY_NS:
        minutes = str(place.value).endswith("m")
        hint, code = ("; m means minutes, write 30d for a month", "minutes-for-a-month") if minutes else ("", _SHORT)
        place.error(f"{place.value} is shorter than a day, too short for a budget{hint}", code)
        return None
    return TimeWindow(length_ns)


_SHORT = "window-too-short"


def _read_calendar(window: Place) -> TimeWindow | None:
    calendar, place = window / "calendar", window / "duration"
    duration = read_shorthand(place)
    if not calendar.mapping():
        return None
    calendar.check_keys(("startTime", "timeZone"))
    start, zone = _read_start(calendar / "startTime"), (calendar / "timeZone").text()
    if zone is not None and not is_time_zone(zone):
        (calendar / "timeZone").error(f"{zone!r} is not a time zone of the IANA database, e.g. Europe/Amsterdam")
    if duration is not None and duration.unit not in set(CalendarUnit):
        months = "; m means minutes, write 1M for a month" if duration.unit == "m" else ""
        code = "minutes-for-a-month" if months else _SHORT
        place.error(f"{place.value} is no period of a calendar; its units are d, w, M, Q, Y{months}", code)
        return None
    if duration is None or start is None or zone is None:
        return None
    period = CalendarPeriod(start=start, zone=zone, count=duration.count, unit=CalendarUnit(duration.unit))
    return TimeWindow(duration.length_ns, period)


def _read_start(place: Place) -> str | None:
    """Return the start as `YYYY-MM-DD hh:mm:ss`; the SDK lets a short hour and a fraction of a second pass."""
    text = place.text()
    if text is None:
        return None
    if not is_start_time(text) or text.startswith("0000"):
        place.error(f"{text!r} is not a local date and time such as 2026-01-31 00:00:00")
        return None
    day, time = text.split(" ")
    return f"{day} {time.replace(',', '.').partition('.')[0].zfill(8)}"
