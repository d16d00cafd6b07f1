"""The ranking finds what moved first, upstream, and leaves alone what only looks busy."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from model.clock import HOUR_NS, MINUTE_NS
from model.names import (
    EVENT_FIRMWARE_CHANGE,
    METRIC_HW_TEMPERATURE,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_MEMORY_QUEUE_DEPTH,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_T2,
)
from model.registry import load_registry
from model.topology import Edge, Entity, Relation, Topology
from model.windows import Window
from reports.evidence import ChangeEvent, EvidenceSeries
from reports.cause import rank_suspects

IMPACT_NS = 1_000 * HOUR_NS
END_NS = IMPACT_NS + HOUR_NS
MINUTES = np.arange(IMPACT_NS - 7 * HOUR_NS, END_NS, MINUTE_NS, dtype=np.int64)
TOPOLOGY = Topology(
    entities=[Entity(kind="cryostat", id="cryo"), Entity(kind="memory", id="mem"), Entity(kind="link", id="link")],
    edges=[
        Edge(source="cryo", relation=Relation.COOLS, target="mem"),
        Edge(source="mem", relation=Relation.FEEDS, target="link"),
    ],
)


@dataclass
class Recorded:
    """Evidence from lists."""

    series: list[EvidenceSeries] = field(default_factory=list)
    changes: list[ChangeEvent] = field(default_factory=list)

    def read_topology(self) -> Topology:
        return TOPOLOGY

    def read_evidence(self, metric: str, window: Window) -> list[EvidenceSeries]:
        return [s for s in self.series if s.metric == metric and window.start_ns <= s.minute_ns[0]]

    def read_changes(self, window: Window) -> list[ChangeEvent]:
        return [c for c in self.changes if window.start_ns < c.time_ns <= window.end_ns]


def noisy(entity, metric, level, *, shift=0.0, from_ns=IMPACT_NS, noise=0.01, seed=1) -> EvidenceSeries:
    values = level * (1 + noise * np.random.default_rng(seed).standard_normal(len(MINUTES)))
    values[from_ns <= MINUTES] += shift
    return EvidenceSeries(entity=entity, metric=metric, part="", minute_ns=MINUTES, value=values)


def rank(recorded: Recorded, entity: str = "mem"):
    return rank_suspects(recorded, load_registry(), entity=entity, impact_ns=IMPACT_NS, end_ns=END_NS)


def warm_up(from_ns: int = IMPACT_NS - 5 * MINUTE_NS) -> EvidenceSeries:
    """A stage at 0.1 K warms by 3 K; reported in degrees Celsius, where 3 K of 273 looks like nothing."""
    return noisy("cryo", METRIC_HW_TEMPERATURE, -273.05, noise=1e-6, shift=3.0, from_ns=from_ns)


def test_a_warming_cryostat_is_the_first_suspect_before_the_coherence_it_ruins():
    coherence = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.012)
    found = rank(Recorded(series=[coherence, warm_up()]))
    assert [(s.kind, s.entity, s.metric) for s in found] == [
        ("hardware", "cryo", METRIC_HW_TEMPERATURE),
        ("hardware", "mem", METRIC_MEMORY_T2),
    ]


def test_a_series_that_did_not_move_is_no_suspect():
    assert rank(Recorded(series=[noisy("cryo", METRIC_HW_TEMPERATURE, -270.0, noise=1e-4)])) == []


def test_a_single_outlier_is_no_onset():
    series = noisy("mem", METRIC_MEMORY_T2, 0.013)
    series.value[-30] = 5.0
    assert rank(Recorded(series=[series])) == []


def test_an_outcome_is_never_a_suspect():
    assert rank(Recorded(series=[noisy("mem", METRIC_MEMORY_READS, 500, shift=-400)])) == []


def test_what_does_not_act_on_the_entity_is_no_suspect():
    lost_photons = noisy("link", METRIC_LINK_PHOTON_DETECTIONS, 900, shift=-800)
    assert rank(Recorded(series=[lost_photons]), entity="mem") == []


def test_an_early_onset_outranks_a_late_one():
    early = noisy("mem", METRIC_MEMORY_T2, 0.013, shift=-0.01)
    late = noisy("mem", METRIC_MEMORY_QUEUE_DEPTH, 4, shift=400, from_ns=IMPACT_NS + 30 * MINUTE_NS)
    assert rank(Recorded(series=[late, early]))[0].metric == METRIC_MEMORY_T2


def test_an_unrelated_change_shortly_before_stays_behind_a_hardware_series_that_moved():
    change = ChangeEvent(entity="mem", event=EVENT_FIRMWARE_CHANGE, time_ns=IMPACT_NS - 20 * MINUTE_NS, text="2.4.1")
    found = rank(Recorded(series=[warm_up()], changes=[change]))
    assert [s.kind for s in found] == ["hardware", "change"]


def test_a_change_at_the_moment_of_impact_leads_when_no_series_moved():
    change = ChangeEvent(entity="mem", event=EVENT_FIRMWARE_CHANGE, time_ns=IMPACT_NS - MINUTE_NS, text="2.4.1")
    assert [s.metric for s in rank(Recorded(changes=[change]))] == [EVENT_FIRMWARE_CHANGE]


def test_a_change_long_before_is_not_enough_evidence():
    change = ChangeEvent(entity="mem", event=EVENT_FIRMWARE_CHANGE, time_ns=IMPACT_NS - 90 * MINUTE_NS, text="2.4.1")
    assert rank(Recorded(changes=[change])) == []


def test_a_change_after_the_impact_is_not_its_cause():
    change = ChangeEvent(entity="mem", event=EVENT_FIRMWARE_CHANGE, time_ns=IMPACT_NS + MINUTE_NS, text="2.4.1")
    assert rank(Recorded(changes=[change])) == []


@pytest.mark.parametrize("minutes_before", [0, 10, 40])
def test_the_onset_is_the_minute_in_which_the_series_left_its_past(minutes_before):
    from_ns = IMPACT_NS - minutes_before * MINUTE_NS
    assert [s.onset_ns for s in rank(Recorded(series=[warm_up(from_ns)]))] == [from_ns]
