"""Attribute sets: the identity of a series, in one canonical form."""

from collections.abc import Mapping

AttributeValue = str | bool | int | float
"""Arrays, bytes and nested maps travel as their JSON text: identity needs equality, not structure."""

Attributes = tuple[tuple[str, AttributeValue], ...]
"""Pairs sorted by key, each key once: equal sets compare and hash equal."""


def attributes(values: Mapping[str, AttributeValue] | None = None) -> Attributes:
    """Return the canonical form of a mapping.

    >>> attributes({"b": 1, "a": "x"})
    (('a', 'x'), ('b', 1))
    """
    return tuple(sorted((values or {}).items()))
