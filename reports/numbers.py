"""How numbers are written for people: the only place where a ratio becomes a percentage."""

from decimal import Decimal

from model.clock import format_time


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


def render_count(count: float) -> str:
    """Return `2,016`, with one decimal where the number is small and not whole."""
    if count == int(count) or abs(count) >= 1000:
        return f"{count:,.0f}"
    return f"{count:,.1f}"


def render_moment(when_ns: int | None) -> str:
    """Return `2026-11-20 11:10 UTC`, or `still firing` for None."""
    return "still firing" if when_ns is None else format_time(when_ns)[:16].replace("T", " ") + " UTC"
