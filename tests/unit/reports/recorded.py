"""Evidence from lists for tests of the ranking: a small topology, and series that shift at the impact."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from model.clock import HOUR_NS, MINUTE_NS
from model.names import EVENT_FIRMWARE_CHANGE, METRIC_HW_TEMPERATURE
from model.registry import load_registry
from model.topology import Edge, Entity, Relation, Topology
from model.windows import Window
from reports.cause import Ranking, investigate
from reports.evidence import ChangeEvent, EvidenceSeries

OUTCOMES = ("success", "failure")
IMPACT_NS = 1_000 * HOUR_NS
END_NS = IMPACT_NS + HOUR_NS
MINUTES = np.arange(IMPACT_NS - 10 * HOUR_NS, END_NS, MINUTE_NS, dtype=np.int64)
KINDS = {"cryo": "cryostat", "mem": "memory", "link": "link", "far": "link", "agent": "agent"} | {
    "qpu": "processor",
    "queue": "orchestrator",
}
TOPOLOGY = Topology(
    entities=[Entity(kind=kind, id=name) for name, kind in KINDS.items()],
    edges=[
        Edge(source="cryo", relation=Relation.COOLS, target="mem"),
        Edge(source="mem", relation=Relation.FEEDS, target="link"),
        Edge(source="mem", relation=Relation.FEEDS, target="far"),
        Edge(source="agent", relation=Relation.WATCHES, target="link"),
        Edge(source="agent", relation=Relation.WATCHES, target="far"),
        Edge(source="qpu", relation=Relation.SERVES, target="queue"),
    ],
)


@dataclass
class Recorded:
    """Evidence from lists."""

    series: list[EvidenceSeries] = field(default_factory=list)
    changes: list[ChangeEvent] = field(default_factory=list)

    def read_topology(self) -> Topology:
        return TOPOLOGY

    def read_evidence(self, metrics: Sequence[str], window: Window) -> Iterator[tuple[str, list[EvidenceSeries]]]:
        for metric in metrics:
            yield metric, [s for s in self.series if s.metric == metric and s.minute_ns[-1] >= window.start_ns]

    def read_changes(self, window: Window) -> list[ChangeEvent]:
        return [c for c in self.changes if window.start_ns < c.time_ns <= window.end_ns]


def noisy(entity, metric, level, *, shift=0.0, from_ns=IMPACT_NS, noise=0.01, seed=1, labels=()) -> EvidenceSeries:
    values = level * (1 + noise * np.random.default_rng(seed).standard_normal(len(MINUTES)))
    values[from_ns <= MINUTES] += shift
    part = ", ".join(value for _, value in labels)
    return EvidenceSeries(
        entity=entity, metric=metric, part=part, minute_ns=MINUTES, value=values, labels=tuple(labels)
    )


def until(series: EvidenceSeries, end_ns: int) -> EvidenceSeries:
    kept = series.minute_ns < end_ns
    return replace(series, minute_ns=series.minute_ns[kept], value=series.value[kept])


def changed(entity="mem", event=EVENT_FIRMWARE_CHANGE, *, minutes: float) -> ChangeEvent:
    return ChangeEvent(entity=entity, event=event, time_ns=IMPACT_NS + round(minutes * MINUTE_NS), text="2.4.1")


def rank(recorded: Recorded, entity: str = "mem") -> Ranking:
    return investigate(recorded, load_registry(), entity=entity, impact_ns=IMPACT_NS, end_ns=END_NS)


def named(recorded: Recorded, entity: str = "mem") -> list[tuple[str, str, str]]:
    return [(s.kind, s.entity, s.metric) for s in rank(recorded, entity).suspects if not s.lead]


def warm_up(from_ns: int = IMPACT_NS - 5 * MINUTE_NS) -> EvidenceSeries:
    """A stage at 0.1 K warms by 3 K; reported in degrees Celsius, where 3 K of 273 looks like nothing."""
    return noisy("cryo", METRIC_HW_TEMPERATURE, -273.05, noise=1e-6, shift=3.0, from_ns=from_ns)
