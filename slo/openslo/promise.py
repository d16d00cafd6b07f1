"""The items of an SLO's `objectives`: what is promised, over which slices, and under which name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from model.clock import MINUTE_NS
from slo.objective import BudgetingMethod
from slo.openslo.durations import read_slice
from slo.openslo.place import Place

_FIELDS = (
    "displayName",
    "op",
    "value",
    "target",
    "targetPercent",
    "timeSliceTarget",
    "timeSliceWindow",
    "indicator",
    "indicatorRef",
    "compositeWeight",
)
_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Promise:
    """One item of `objectives`, as far as it can be read without its indicator; None is what was refused."""

    place: Place
    target: Decimal | None
    slice_ns: int | None = MINUTE_NS
    slice_target: Decimal | None = Decimal(1)

    @property
    def has_indicator(self) -> bool:
        """Return whether it brings its own indicator, as the parts of a composite do."""
        return bool(self.place / "indicator" or self.place / "indicatorRef")


def read_promises(objectives: Place, method: BudgetingMethod | None) -> list[Promise]:
    """Return the items of `objectives`, reporting what is wrong with each."""
    if not objectives.value:
        objectives.error("is missing: without an objective there is nothing to evaluate")
    return [_read_promise(item, method) for item in objectives.items() if item.mapping()]


def read_weight(promise: Promise, *, composite: bool) -> Decimal:
    """Return the weight of a part of a composite, by default 1."""
    place = promise.place / "compositeWeight"
    weight = place.number(required=False)
    if weight is None:
        return Decimal(1)
    if not composite:
        place.lint("unused-weight", "has a meaning for composite objectives only")
    elif weight <= 0:
        place.error(f"{weight} must be greater than 0")
        return Decimal(1)
    return weight


def name_promises(promises: Sequence[Promise], prefix: str = "") -> list[str]:
    """Return a name for each: its displayName as a DNS label, or its number if one has none, or two share one."""
    slugs = [_slug(promise.place / "displayName") for promise in promises]
    clear = len(set(slugs)) == len(slugs) and all(0 < len(slug) <= _LONGEST_NAME - len(prefix) for slug in slugs)
    return [prefix + (slug if clear else str(number)) for number, slug in enumerate(slugs, start=1)]


def _read_promise(place: Place, method: BudgetingMethod | None) -> Promise:
    place.check_keys(_FIELDS)
    (place / "displayName").text(required=False)
    target = _read_target(place)
    if method is None:
        return Promise(place, target)
    length_ns, share = MINUTE_NS, place / "timeSliceTarget"
    if method is BudgetingMethod.OCCURRENCES:
        _lint_unused(place / "timeSliceWindow", method)
    else:
        length_ns = read_slice(place / "timeSliceWindow") or 0
    if method is not BudgetingMethod.TIMESLICES:
        _lint_unused(share, method)
        return Promise(place, target, length_ns or None)
    return Promise(place, target, length_ns or None, _read_share(share))


def _read_target(promise: Place) -> Decimal | None:
    present = promise.exactly_one("target", "targetPercent")
    place = promise / (present or "")
    number = place.number() if present else None
    if number is None:
        return None
    whole = Decimal(1) if present == "target" else Decimal(100)
    if number >= whole:
        hint = "; write targetPercent for a percentage" if whole == 1 and number > 1 else ""
        place.error(f"{number} leaves no error budget; it must be less than {whole}{hint}")
    elif number <= 0:
        place.error(f"{number} promises nothing; it must be greater than 0")
    else:
        return number / whole
    return None


def _read_share(place: Place) -> Decimal | None:
    share = place.number()
    if share is not None and not 0 < share <= 1:
        place.error(f"{share} must be greater than 0 and at most 1")
        return None
    return share


def _lint_unused(place: Place, method: BudgetingMethod) -> None:
    if place:
        place.lint("unused-slice", f"has no meaning with {method}")


def _slug(place: Place) -> str:
    text = place.value if isinstance(place.value, str) else ""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
