"""Which timestamps a point, record or span may have."""

LATEST_NS = 2**63
"""Times from the year 2262 on do not fit a signed 64-bit integer; nobody sends them on purpose."""


def find_time_flaw(start_ns: int, time_ns: int, *, field: str = "time_unix_nano") -> str | None:
    """Return what is wrong with a window `(start_ns, time_ns]`, or None; a start of 0 is no start."""
    if time_ns == 0:
        return f"{field} is 0"
    if time_ns >= LATEST_NS:
        return f"{field} {time_ns} is beyond the year 2262"
    if start_ns > time_ns:
        return f"start_time_unix_nano {start_ns} is after {field} {time_ns}"
    return None
