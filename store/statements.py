"""Every SQL statement of the store, read from `sql/*.sql` and named there.

A file holds statements, each under a line `-- name: insert_series`. Python refers to them by topic (the file) and
name and never spells SQL itself.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import LiteralString, cast

SQL = Path(__file__).parent / "sql"
_HEADER = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load_statements(topic: str) -> Mapping[str, LiteralString]:
    """Return the statements of `sql/<topic>.sql` by name."""
    _, *parts = _HEADER.split((SQL / f"{topic}.sql").read_text(encoding="utf-8"))
    named = {name: text.strip().removesuffix(";") for name, text in zip(parts[::2], parts[1::2], strict=True)}
    # Shipped with the package and never made from input: as literal as a string in this file.
    return MappingProxyType({name: cast("LiteralString", text) for name, text in named.items()})
