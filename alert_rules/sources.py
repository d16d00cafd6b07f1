"""What signals read of what is stored. `store` happens to fit it; a list of numbers in a test does too."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from model.queries import Group, MetricQuery, MinuteValue
from model.windows import Window


class Event(Protocol):
    """What is read of something that happened; `store.EventRow` is one."""

    @property
    def time_ns(self) -> int:
        """Return when."""
        ...

    @property
    def name(self) -> str:
        """Return the event's name in the registry."""
        ...

    @property
    def severity(self) -> str:
        """Return the severity as it was sent."""
        ...

    @property
    def attributes(self) -> Mapping[str, object]:
        """Return its attributes, those of its resource included."""
        ...


class PastAlert(Protocol):
    """What is read of an alert that fired; `store.AlertRow` is one."""

    @property
    def objective(self) -> str:
        """Return the objective or rule."""
        ...

    @property
    def group(self) -> Group:
        """Return the entity."""
        ...

    @property
    def severity(self) -> str:
        """Return page or ticket."""
        ...

    @property
    def fired_ns(self) -> int:
        """Return when it fired."""
        ...

    @property
    def resolved_ns(self) -> int | None:
        """Return when it resolved, None while it fires."""
        ...


class SignalSource(Protocol):
    """Answers what signals ask of what is stored; `store.Store` fits it."""

    def read_minutes(self, query: MetricQuery, window: Window) -> Iterable[MinuteValue]:
        """Return one value per minute and group that has data."""
        ...

    def read_events(self, window: Window, events: Sequence[str] | None = None) -> Iterable[Event]:
        """Return what happened inside the window."""
        ...

    def read_alerts(self, window: Window) -> Iterable[PastAlert]:
        """Return every alert that was firing at some moment of the window."""
        ...
