"""The fields of OpenSLO v1's seven kinds, as the reference SDK's types have them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Union


class Scalar(StrEnum):
    """What stands in a field that has no fields of its own."""

    TEXT = "string"
    NUMBER = "number"
    FLAG = "boolean"
    DURATION = "duration"
    KIND = "kind"
    LABELS = "map of strings or lists of strings"
    ANNOTATIONS = "map of strings"
    FREE_MAP = "map"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Struct:
    """A mapping with these fields. Empty is as good as absent, except in its `optional` fields."""

    fields: Mapping[str, "Shape"]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one shape."""

    item: Struct


Shape = Union[Scalar, Struct, ListOf]  # noqa: UP007  # Struct is a forward reference

_METADATA = Struct(
    {
        "name": Scalar.TEXT,
        "displayName": Scalar.TEXT,
        "labels": Scalar.LABELS,
        "annotations": Scalar.ANNOTATIONS,
    }
)
_METRIC = Struct(
    {
        "metricSource": Struct(
            {"metricSourceRef": Scalar.TEXT, "type": Scalar.TEXT, "spec": Scalar.FREE_MAP},
        )
    }
)
_RATIO = Struct(
    {
        "counter": Scalar.FLAG,
        "good": _METRIC,
        "bad": _METRIC,
        "total": _METRIC,
        "raw": _METRIC,
        "rawType": Scalar.TEXT,
    },
    optional=("good", "bad", "total", "raw"),
)
_SLI = Struct(
    {"description": Scalar.TEXT, "thresholdMetric": _METRIC, "ratioMetric": _RATIO},
    optional=("thresholdMetric", "ratioMetric"),
)
_INDICATOR = Struct({"metadata": _METADATA, "spec": _SLI})
_CONDITION_SPEC = Struct(
    {
        "description": Scalar.TEXT,
        "severity": Scalar.TEXT,
        "condition": Struct(
            {
                "kind": Scalar.TEXT,
                "op": Scalar.TEXT,
                "threshold": Scalar.NUMBER,
                "lookbackWindow": Scalar.DURATION,
                "alertAfter": Scalar.DURATION,
            },
            optional=("threshold", "alertAfter"),
        ),
    }
)
_TARGET_SPEC = Struct({"description": Scalar.TEXT, "target": Scalar.TEXT})


def _inline(reference: str, spec: Struct) -> Struct:
    return Struct({reference: Scalar.TEXT, "kind": Scalar.KIND, "metadata": _METADATA, "spec": spec})


_POLICY_SPEC = Struct(
    {
        "description": Scalar.TEXT,
        "alertWhenNoData": Scalar.FLAG,
        "alertWhenBreaching": Scalar.FLAG,
        "alertWhenResolved": Scalar.FLAG,
        "conditions": ListOf(_inline("conditionRef", _CONDITION_SPEC)),
        "notificationTargets": ListOf(_inline("targetRef", _TARGET_SPEC)),
    }
)
_TIME_WINDOW = Struct(
    {
        "duration": Scalar.DURATION,
        "isRolling": Scalar.FLAG,
        "calendar": Struct({"startTime": Scalar.TEXT, "timeZone": Scalar.TEXT}),
    },
    optional=("calendar",),
)
_OBJECTIVE = Struct(
    {
        "displayName": Scalar.TEXT,
        "op": Scalar.TEXT,
        "value": Scalar.NUMBER,
        "target": Scalar.NUMBER,
        "targetPercent": Scalar.NUMBER,
        "timeSliceTarget": Scalar.NUMBER,
        "timeSliceWindow": Scalar.DURATION,
        "indicator": _INDICATOR,
        "indicatorRef": Scalar.TEXT,
        "compositeWeight": Scalar.NUMBER,
    },
    optional=(
        "value",
        "target",
        "targetPercent",
        "timeSliceTarget",
        "timeSliceWindow",
        "indicator",
        "indicatorRef",
        "compositeWeight",
    ),
)
_SLO_SPEC = Struct(
    {
        "description": Scalar.TEXT,
        "service": Scalar.TEXT,
        "indicator": _INDICATOR,
        "indicatorRef": Scalar.TEXT,
        "budgetingMethod": Scalar.TEXT,
        "timeWindow": ListOf(_TIME_WINDOW),
        "objectives": ListOf(_OBJECTIVE),
        "alertPolicies": ListOf(_inline("alertPolicyRef", _POLICY_SPEC)),
    },
    optional=("indicator", "indicatorRef"),
)
_DATA_SOURCE_SPEC = Struct(
    {"description": Scalar.TEXT, "type": Scalar.TEXT, "connectionDetails": Scalar.ANYTHING},
)


def _kind(spec: Struct) -> Struct:
    return Struct({"apiVersion": Scalar.TEXT, "kind": Scalar.KIND, "metadata": _METADATA, "spec": spec})


KINDS: Mapping[str, Struct] = {
    "Service": _kind(Struct({"description": Scalar.TEXT})),
    "DataSource": _kind(_DATA_SOURCE_SPEC),
    "SLI": _kind(_SLI),
    "SLO": _kind(_SLO_SPEC),
    "AlertPolicy": _kind(_POLICY_SPEC),
    "AlertCondition": _kind(_CONDITION_SPEC),
    "AlertNotificationTarget": _kind(_TARGET_SPEC),
}


PARTS: Mapping[str, Struct] = {"metadata": _METADATA, "indicator": _INDICATOR, "metric": _METRIC}
"""What occurs in several places, described once."""

_NAMED = (_METADATA, _METRIC, _SLI, _POLICY_SPEC, _CONDITION_SPEC, _TARGET_SPEC)


def field_paths(shape: Struct, path: str) -> Iterator[str]:
    """Yield the path of every field below `path`, e.g. `spec.timeWindow[].duration`; parts and kinds stay closed."""
    for name, field in shape.fields.items():
        below = f"{path}.{name}"
        yield below
        inner, mark = (field.item, "[]") if isinstance(field, ListOf) else (field, "")
        if isinstance(inner, Struct) and not any(inner is named for named in _NAMED) and inner is not _INDICATOR:
            yield from field_paths(inner, below + mark)
