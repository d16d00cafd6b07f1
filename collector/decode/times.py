"""Which timestamps a point, record or span may have."""

LATEST_NS = 2**63
"""Times from the year 2262 on do not fit a signed 64-bit integer; nobody sends them on purpose."""


def find_time_flaw(time_ns: int, *, field: str = "time_unix_nano") -> str | None:
    """Return what is wrong with a time, or None."""
    if time_ns == 0:
        return f"{field} is 0"
    if time_ns >= LATEST_NS:
        return f"{field} {time_ns} is beyond the year 2262"
    return None
