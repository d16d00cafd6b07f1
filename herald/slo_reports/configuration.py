"""By which objectives a report's numbers were counted and judged, as a digest that changes with any of them."""

import hashlib
import json
from collections.abc import Iterable

from herald.recount import render_counting
from herald.rows import generation_row
from slo import Objective


def digest_configuration(objectives: Iterable[Objective]) -> str:
    """Return the SHA-256 of what the objectives count, promise and alert on, in hexadecimal digits."""
    told = {}
    for objective in objectives:
        row = generation_row(objective, render_counting(objective), now_ns=0)
        told[objective.name] = [row.counting, row.definition]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
