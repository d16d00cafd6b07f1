"""What is written down of jobs: tickets of those that wait, runs of those on a backend, and the log of a block."""

from dataclasses import dataclass, field
from typing import Self

from hwsim.devices.job_load import Job

HARDWARE, QUALITY, SDK, TIMEOUT = REASONS = ("hardware", "quality", "sdk", "timeout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A job that waits, since when, and what it has been through."""

    job: Job
    since_s: float
    attempt: int = 0
    displaced: int = 0

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return itself: it never changes."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A job on a backend: when each of its stages ends."""

    ticket: Ticket
    backend: int
    start_s: float
    compiled_s: float
    warm_s: float
    end_s: float
    aborted: bool

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return itself: it never changes."""
        return self


@dataclass(slots=True)
class QueueLog:
    """What happened in a block; moments are seconds since the epoch."""

    submitted: list[tuple[float, Job]] = field(default_factory=list)
    rejected: list[tuple[float, Job]] = field(default_factory=list)
    started: list[tuple[float, Run]] = field(default_factory=list)
    left: list[tuple[float, Run]] = field(default_factory=list)  # the backend, for whatever reason
    retried: list[tuple[float, Run]] = field(default_factory=list)
    displaced: list[tuple[float, Run]] = field(default_factory=list)
    fallbacks: list[float] = field(default_factory=list)
    ended: list[tuple[float, Job, Run | None, str]] = field(default_factory=list)  # with the reason of a failure
    depths: list[dict[str, int]] = field(default_factory=list)  # by class, one per minute
    waits_s: list[dict[str, float]] = field(default_factory=list)  # of those who wait longest, one per minute
    in_system: list[dict[str, int]] = field(default_factory=list)  # by tenant, one per minute
