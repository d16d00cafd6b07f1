"""What the reference SDK checks again and again: names, words, durations, numbers, the metadata of every kind."""

import re
import zoneinfo
from datetime import datetime
from decimal import Decimal

from slo.openslo.place import suggest
from slo.openslo.sdk.node import Node, parse_duration

REQUIRED = "is required"

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_KEY = re.compile(r"[a-zA-Z0-9]([-._a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")
_DNS_PART = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_ANNOTATION_KEY = re.compile(
    rf"(?=(.{{0,253}}/)?.{{0,63}}$)({_DNS_PART}(\.{_DNS_PART})*/)?[a-zA-Z0-9]([-._a-zA-Z0-9]{{0,61}}[a-zA-Z0-9])?"
)
_START_TIME = re.compile(r"([0-9]{4})-([0-9]{2}-[0-9]{2} [0-9]{1,2}:[0-9]{2}:[0-9]{2})(?:[.,][0-9]+)?")
_PLAIN_KEY = re.compile(r"[^\W\d]\w*")
_UNITS = tuple("mhdwMQY")


def required(node: Node) -> bool:
    """Return whether something stands at `node`; refuse what the SDK takes for empty."""
    if node.is_zero:
        node.refuse(REQUIRED)
    return not node.is_zero


def check_description(spec: Node) -> None:
    """Refuse a description that is too long."""
    _check_length(spec / "description", 1050)


def _check_length(node: Node, longest: int) -> None:
    if isinstance(node.value, str) and len(node.value) > longest:
        node.refuse(f"has {len(node.value)} characters; at most {longest} are allowed")


def check_dns_label(node: Node) -> bool:
    """Return whether a DNS label stands at `node`; refuse anything else."""
    text = node.value
    fine = isinstance(text, str) and len(text) <= 63 and _DNS_LABEL.fullmatch(text) is not None
    if not fine:
        node.refuse("must be lower-case letters, digits and hyphens, at most 63")
    return fine


def one_of(node: Node, words: tuple[str, ...]) -> bool:
    """Return whether one of `words` stands at `node`; refuse anything else."""
    if not required(node):
        return False
    if node.value not in words:
        node.refuse(f"must be one of {', '.join(words)}{suggest(str(node.value), words)}")
    return node.value in words


def check_duration(node: Node) -> None:
    """Refuse what is missing, has no unit that the SDK knows, or is negative; zero passes."""
    if not node.is_set or node.is_zero:
        node.refuse(REQUIRED)
        return
    value, unit = parse_duration(str(node.value)) or (0, "")
    if unit not in _UNITS:
        node.refuse(f"must be one of {', '.join(_UNITS)}" if unit else REQUIRED, below=".unit")
    if value < 0:
        node.refuse("must be at least 0", below=".value")


def number_of(node: Node) -> Decimal | None:
    """Return the number at `node`; None where there is none."""
    number = node.value
    return Decimal(number) if isinstance(number, int | Decimal) and not isinstance(number, bool) else None


def check_below(node: Node, limit: int) -> None:
    """Refuse a number below 0, or not below `limit`."""
    number = number_of(node)
    if number is not None and not 0 <= number < limit:
        node.refuse(f"must be at least 0 and less than {limit}")


def exactly_one(node: Node, *names: str) -> bool:
    """Return whether exactly one of the fields is given; refuse none or several."""
    if not any((node / name).is_set for name in names):
        node.refuse(f"needs one of {', '.join(names)}")
        return False
    return at_most_one(node, *names)


def at_most_one(node: Node, *names: str) -> bool:
    """Return whether at most one of the fields is given; refuse several."""
    given = [name for name in names if (node / name).is_set]
    if len(given) > 1:
        node.refuse(f"needs only one of {', '.join(given)}")
    return len(given) <= 1


def check_metadata(metadata: Node) -> None:
    """Refuse metadata without a name, and what is wrong with its display name, labels and annotations."""
    if not required(metadata):
        return
    if required(metadata / "name"):
        check_dns_label(metadata / "name")
    _check_length(metadata / "displayName", 63)
    _keys(metadata / "labels", _LABEL_KEY, "a label name")
    _keys(metadata / "annotations", _ANNOTATION_KEY, "an annotation name")


def _keys(node: Node, pattern: re.Pattern[str], noun: str) -> None:
    for key in node.place.keys:
        if not pattern.fullmatch(key):
            node.refuse(f"{key!r} is not {noun}", below=_key_segment(key))


def _key_segment(key: str) -> str:
    if _PLAIN_KEY.fullmatch(key):
        return f".{key}"
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def is_start_time(text: str) -> bool:
    """Return whether the SDK takes `text` for the start of a calendar: a fraction and a short hour pass."""
    match = _START_TIME.fullmatch(text)
    if match is None:
        return False
    year = "2000" if match[1] == "0000" else match[1]  # Python has no year 0, which was a leap year too
    try:
        datetime.strptime(f"{year}-{match[2]}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  # it has no zone
    except ValueError:
        return False
    return True


def is_time_zone(text: str) -> bool:
    """Return whether the SDK knows the time zone."""
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return text not in ("", "Local")
