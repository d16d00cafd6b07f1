"""Attributes as JSON text that PostgreSQL accepts: it has no zero byte, no NaN and no half of a surrogate pair."""

import json
import math
from collections.abc import Sequence

from model.attributes import Attributes, AttributeValue

_REPLACEMENT = "\ufffd"
_render = json.JSONEncoder(ensure_ascii=False).encode


def clean_text(text: str) -> str:
    """Return the text with what PostgreSQL cannot store replaced by U+FFFD."""
    if text.isascii():
        return text.replace("\x00", _REPLACEMENT)
    return text.replace("\x00", _REPLACEMENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def render_attributes(attributes: Attributes) -> str:
    """Return the attributes as a JSON object."""
    return _render({clean_text(key): _clean(value) for key, value in attributes})


def render_columns(names: Sequence[str], columns: Sequence[Sequence[AttributeValue]], rows: int) -> list[bytes]:
    """Return what stands between the braces of so many JSON objects of the same names, a column of values for each.

    Most values need no escaping: that is found for a whole column at once, and rows are joined by a line feed, which
    no JSON text can hold.
    """
    if not names:
        return [b""] * rows
    plain = [_is_plain(column) for column in columns]
    template = ", ".join(
        f"{_render(clean_text(name))}: ".replace("%", "%%") + ('"%s"' if is_plain else "%s")
        for name, is_plain in zip(names, plain, strict=True)
    )
    texts = [
        column if is_plain else [_render(_clean(value)) for value in column]
        for column, is_plain in zip(columns, plain, strict=True)
    ]
    return "\n".join(map(template.__mod__, zip(*texts, strict=True))).encode().split(b"\n")


def _is_plain(column: Sequence[AttributeValue]) -> bool:
    """Return whether all are texts that JSON writes as they are."""
    try:
        together = "".join(column)  # type: ignore[arg-type]
    except TypeError:
        return False
    return together.isprintable() and '"' not in together and "\\" not in together


def find_text(name: str, *places: Attributes) -> str | None:
    """Return the value of an attribute, as text, from the first place that has it."""
    for attributes in places:
        for key, value in attributes:
            if key == name:
                return _text(value)
    return None


def _clean(value: AttributeValue) -> AttributeValue:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def _text(value: AttributeValue) -> str:
    return clean_text(value) if isinstance(value, str) else json.dumps(_clean(value))
