"""A bounded cache that forgets what was used least recently; safe from several threads."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from itertools import repeat
from operator import is_not
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """Keeps values whose costs together stay within `limit`; what alone costs more is not kept."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._gate = threading.Lock()
        self._cost = 0

    @property
    def cost(self) -> int:
        """What everything kept costs."""
        return self._cost

    def get(self, key: K) -> V | None:
        """Return the value, or None if it is not here."""
        with self._gate:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: K, value: V, cost: int = 1) -> None:
        """Keep a value, at the expense of the oldest ones."""
        with self._gate:
            _, replaced = self._entries.pop(key, (None, 0))
            self._cost -= replaced
            if cost > self._limit:
                return
            self._entries[key] = (value, cost)
            self._cost += cost
            while self._cost > self._limit:
                _, (_, dropped) = self._entries.popitem(last=False)
                self._cost -= dropped


class RecentCache(Generic[K, V]):
    """Keeps the last `limit` to twice as many values that were used; cheaper than `LruCache` for small things.

    There are two generations. When the younger is full it becomes the older, whose values are forgotten unless they
    are asked for meanwhile. Threads may lose each other's additions, never see a wrong value.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        """Return the number of values kept."""
        return len(self._young) + len(self._old)

    def get(self, key: K) -> V | None:
        """Return the value, or None if it is not here."""
        value = self._young.get(key)
        if value is None and (value := self._old.get(key)) is not None:
            self.put(key, value)
        return value

    def get_many(self, keys: Sequence[K]) -> list[V | None]:
        """Return what `get` does of each key, at a fraction of the cost where most are known."""
        values = list(map(self._young.get, keys))
        if all(map(is_not, values, repeat(None))):  # `None in values` would ask every value whether it equals None
            return values
        return [self.get(key) if value is None else value for key, value in zip(keys, values, strict=True)]

    def put(self, key: K, value: V) -> None:
        """Keep a value."""
        if len(self._young) >= self._limit:
            self._young, self._old = {}, self._young
        self._young[key] = value
