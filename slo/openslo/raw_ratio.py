"""A ratio that comes ready-made (`ratioMetric.raw`): a gauge between 0 and 1 without the counts behind it.

Without counts there is no budget of events, nor a mean over slices that weighs them. What a gauge does allow is to
judge each minute: Timeslices of one minute, good where the ratio reaches `timeSliceTarget`. Anything else is refused.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from model.clock import MINUTE_NS
from model.queries import MetricQuery
from slo.objective import BudgetingMethod, Comparison, ThresholdIndicator
from slo.openslo.metric_source import Source
from slo.openslo.place import Place


class RawType(StrEnum):
    """What the ratio is a share of."""

    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class RawDraft:
    """A ready-made ratio that was read; the SLO adds groups, method and slices."""

    value: Source
    raw_type: RawType
    place: Place

    @property
    def queries(self) -> list[MetricQuery]:
        """Return what the indicator asks for."""
        return [self.value.query]

    def build(
        self, group_by: tuple[str, ...], method: BudgetingMethod, slice_ns: int, slice_target: Decimal
    ) -> ThresholdIndicator | None:
        """Return the indicator that judges each minute; None after reporting that there is none.

        A failure ratio is good up to 1 - timeSliceTarget.
        """
        if method is not BudgetingMethod.TIMESLICES or slice_ns != MINUTE_NS:
            self.place.error(
                "a ratio that is computed already has no events to count; give good and total, "
                "or use Timeslices with timeSliceWindow: 1m",
                "raw-ratio",
            )
            return None
        success = self.raw_type is RawType.SUCCESS
        return ThresholdIndicator(
            value=replace(self.value.query, group_by=group_by),
            comparison=Comparison.GTE if success else Comparison.LTE,
            bound=slice_target if success else 1 - slice_target,
        )
