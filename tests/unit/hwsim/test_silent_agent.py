"""An agent that is silent: nothing is told, and what is owed is told afterwards. Uses the fault link.F6."""

import numpy as np

from exporters.encode import encode_metrics
from model.clock import HOUR_NS, MINUTE_NS
from model.names import METRIC_AGENT_POINTS, METRIC_AGENT_UPTIME
from tests.unit.hwsim.services import START_NS, between, counts, injection, levels, record, sites

SILENT = injection("link.F6", "agent-delft", 1.0)


def test_a_silent_agent_says_nothing_at_all():
    recording = record(SILENT)
    hour = between(recording, 1, 2)
    assert [c.metric for c in recording.counts if ((c.cells >= hour.start) & (c.cells < hour.stop)).any()] == []
    gauges_ns = np.concatenate([track.times_ns for track in recording.levels])
    assert not ((gauges_ns > START_NS + HOUR_NS) & (gauges_ns <= START_NS + 2 * HOUR_NS)).any()


def test_a_recording_that_lies_within_the_silence_is_empty_and_so_is_its_request():
    site = sites(SILENT)["delft"]
    site.record(START_NS + HOUR_NS, MINUTE_NS)
    within = site.record(START_NS + 2 * HOUR_NS, MINUTE_NS)
    assert within.counts == []
    assert encode_metrics([within]) == b""


def test_an_agent_that_speaks_again_says_how_many_points_it_owes():
    well, gap = record(), record(SILENT)
    owed = counts(gap, METRIC_AGENT_POINTS, "failure")
    silent = counts(well, METRIC_AGENT_POINTS)[between(well, 1, 2)].sum()
    assert np.flatnonzero(owed).tolist() == [between(well, 2, 3).start]
    assert owed.sum() == silent


def test_uptime_begins_anew_after_the_silence():
    assert levels(record(SILENT), METRIC_AGENT_UPTIME)[60] == 60.0
