"""A bounded cache that forgets what was used least recently; safe from several threads."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
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
