"""SQL as text: literals, and comments taken out where they are comments.

Nothing here talks to a database. A value becomes part of a statement through `quote_literal` only.
"""

import re

from model.errors import InvalidInputError

_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*'            # a string literal
    | "(?:[^"]|"")*"            # a quoted name
    | (\$[A-Za-z_]*\$).*?\1     # a dollar-quoted string; the empty tag included
    | (?P<line>--[^\n]*)
    | (?P<block>/\*.*?\*/)
    """,
    re.VERBOSE | re.DOTALL,
)


def quote_literal(value: str) -> str:
    """Return a PostgreSQL string literal; a backslash stays a backslash (standard_conforming_strings is on).

    >>> quote_literal("O'Brien")
    "'O''Brien'"
    """
    if "\x00" in value:
        raise InvalidInputError("a text value may not contain a NUL character", remedy="choose another value")
    return "'" + value.replace("'", "''") + "'"


def remove_comments(sql: str) -> str:
    """Return the statement with its comments replaced by a blank; literals and quoted names are left alone."""
    return _TOKEN.sub(lambda found: " " if found["line"] or found["block"] else found[0], sql)
