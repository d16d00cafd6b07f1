"""What JSON can say of numbers."""

import math
from typing import Any


def finite(told: Any) -> Any:
    """Return plain values with null for what is no finite number: JSON has none, and readers refuse `NaN`.

    >>> finite({"share": float("nan"), "points": [(0, 1.5), (1, float("inf"))]})
    {'share': None, 'points': [[0, 1.5], [1, None]]}
    """
    match told:
        case dict():
            return {key: finite(value) for key, value in told.items()}
        case list() | tuple():
            return [finite(value) for value in told]
        case float() if not math.isfinite(told):
            return None
    return told
