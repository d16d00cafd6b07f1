"""What the arithmetic needs to read. `store` happens to fit it; a list of numbers in a test does too."""

from collections.abc import Iterable
from typing import Protocol

from model.queries import MetricQuery, MinuteValue
from model.windows import Window


class MinuteSource(Protocol):
    """Answers metric queries minute by minute."""

    def read_minutes(self, query: MetricQuery, window: Window) -> Iterable[MinuteValue]:
        """Return one value per minute and group that has data, in any order. `window` is whole minutes."""
        ...
