"""An indicator joined with what an item of `objectives` promises about it: bound, target, slices, weight."""

from dataclasses import dataclass
from decimal import Decimal

from model.clock import MINUTE_NS
from slo.objective import BudgetingMethod, Comparison, CompositeIndicator, RatioIndicator, ThresholdIndicator
from slo.openslo.indicator import Draft, ThresholdDraft
from slo.openslo.place import Place
from slo.openslo.promise import Promise, read_weight
from slo.openslo.raw_ratio import RawDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is judged, and against what."""

    place: Place
    indicator: RatioIndicator | ThresholdIndicator | CompositeIndicator
    target: Decimal
    slice_ns: int = MINUTE_NS
    slice_target: Decimal = Decimal(1)
    weight: Decimal = Decimal(1)


def build_judged(
    promise: Promise, draft: Draft | None, method: BudgetingMethod, group_by: tuple[str, ...], *, composite: bool
) -> Judged | None:
    """Return the promise about this indicator; None after reporting what is wrong."""
    weight = read_weight(promise, composite=composite)
    bound = _read_bound(promise.place, draft) if draft else None
    target, slice_ns, slice_target = promise.target, promise.slice_ns, promise.slice_target
    if draft is None or target is None or slice_ns is None or slice_target is None:
        return None
    indicator: RatioIndicator | ThresholdIndicator | None
    if isinstance(draft, RawDraft):
        indicator, slice_target = draft.build(group_by, method, slice_ns, slice_target), Decimal(1)
    elif isinstance(draft, ThresholdDraft):
        indicator = draft.build(group_by, *bound) if bound else None
    else:
        indicator = draft.build(group_by)
    if indicator is None:
        return None
    return Judged(
        place=promise.place,
        indicator=indicator,
        target=target,
        slice_ns=slice_ns,
        slice_target=slice_target,
        weight=weight,
    )


def _read_bound(promise: Place, draft: Draft) -> tuple[Comparison, Decimal] | None:
    """Return `op` and `value`, which belong to threshold metrics alone."""
    if isinstance(draft, ThresholdDraft):
        comparison, bound = (promise / "op").word(Comparison), (promise / "value").number()
        return None if comparison is None or bound is None else (comparison, bound)
    for key in ("op", "value"):
        if promise / key:
            (promise / key).error("has a meaning for threshold metrics only")
    return None
