"""Attributes as JSON text that PostgreSQL accepts: it has no zero byte, no NaN and no half of a surrogate pair."""

import json
import math

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


def render_pair(name: str, value: AttributeValue) -> str:
    """Return one pair as it stands in a JSON object."""
    return f"{_render(clean_text(name))}: {_render(_clean(value))}"


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
