"""How numbers are written for people: the only place where a ratio becomes a percentage."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from model.clock import format_time, to_datetime

_MINUTE_S = 60
_SPANS = (("d", 86_400), ("h", 3_600), ("m", _MINUTE_S), ("s", 1))


def render_ratio(ratio: float | None, digits: int = 3) -> str:
    """Return `99.412 %`, or `no data`. Digits are cut, not rounded up: 99.9996 % is never shown as 100 %.

    >>> render_ratio(0.999996)
    '99.999 %'
    """
    if ratio is None:
        return "no data"
    scale: int = 10**digits
    cut = int(Decimal(repr(float(ratio))) * 100 * scale)  # in binary 0.29 * 100 is less than 29
    return f"{cut / scale:.{digits}f} %"


def render_target(target: float) -> str:
    """Return a target as it was written, every digit of it.

    >>> [render_target(target) for target in (0.99, 0.9995, 0.5)]
    ['99 %', '99.95 %', '50 %']
    """
    percent = Decimal(repr(target)) * 100
    return f"{percent.normalize():f} %"


def render_count(count: float) -> str:
    """Return `2,016`, with one decimal where the number is small and not whole."""
    if count == int(count) or abs(count) >= 1000:
        return f"{count:,.0f}"
    return f"{count:,.1f}"


def render_span(seconds: float) -> str:
    """Return a length of time by its two largest units, the rest cut: `3d 4h`, `1h 41m`, `12s`.

    >>> [render_span(seconds) for seconds in (0, 0.25, 90, 6_060, 273_700)]
    ['0s', '0.25s', '1m 30s', '1h 41m', '3d 4h']
    """
    if seconds < 0:
        return f"-{render_span(-seconds)}"
    whole = round(seconds, 3)  # what a float lacks is no second less
    if whole < _MINUTE_S:
        return f"{whole:.2g}s" if whole < 1 else f"{int(whole)}s"
    parts, rest = [], int(whole)
    for unit, size in _SPANS:
        number, rest = divmod(rest, size)
        parts.append(f"{number}{unit}" if number else "")
    first = next(i for i, part in enumerate(parts) if part)
    return " ".join(filter(None, parts[first : first + 2]))


def render_coverage(share: float | None) -> str:
    """Return how much of the data that were due are there, in words; None where none were due."""
    return "no data were due" if share is None else f"{render_ratio(share, 1)} of the data that were due are there"


def render_moment(when_ns: int | None) -> str:
    """Return `2026-11-20 11:10 UTC`, or `still firing` for None."""
    return "still firing" if when_ns is None else format_time(when_ns)[:16].replace("T", " ") + " UTC"


def render_local(when_ns: int, zone: str) -> str:
    """Return a moment on the clocks of an IANA time zone, without its name: `2026-10-01 00:00`."""
    return f"{to_datetime(when_ns).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
