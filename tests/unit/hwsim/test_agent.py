"""Telemetry agents: what they lose is lost, what they send is counted, and silence is silence."""

import pytest

from hwsim.devices.agent import Agent
from model.names import (
    METRIC_AGENT_ESTIMATES,
    METRIC_AGENT_POINTS,
    METRIC_AGENT_UPTIME,
    METRIC_CONTROL_CLOCK_OFFSET,
    METRIC_PROVIDER_RPCS,
    calibrated_of,
)
from tests.unit.hwsim.computing import blocks_of, orchestrator, processor, site_of
from tests.unit.hwsim.services import between, counts, injection, levels, record

GAP = injection("community.F6", "agent-delft", 1.0)
UNDATED = injection("community.B5", "agent-delft", 1.0)


def test_an_agent_that_loses_every_export_tells_only_of_itself():
    recording = record(GAP)
    told = {c.metric.rsplit(".", 1)[0] for c in recording.counts if (c.cells == between(recording, 1, 2).start).any()}
    assert told == {"quantum.agent"}


def test_points_that_were_not_sent_are_counted_as_lost():
    well, gap = record(), record(GAP)
    hour = between(well, 1, 2)
    sent, lost = (counts(r, METRIC_AGENT_POINTS, o)[hour].sum() for r, o in ((well, "success"), (gap, "failure")))
    assert lost == pytest.approx(sent, rel=0.01)


def test_an_agent_at_another_site_is_not_touched():
    well, gap = (counts(record(*f, site="hague"), METRIC_AGENT_POINTS).tolist() for f in ((), (GAP,)))
    assert well == gap


def test_what_an_agent_does_not_watch_is_none_of_its_points():
    assert (
        counts(record(site="hague"), METRIC_AGENT_POINTS)[5:].mean()
        < counts(record(), METRIC_AGENT_POINTS)[5:].mean() / 4
    )


def test_lost_counts_do_not_come_back_after_the_gap():
    well, gap = record(), record(GAP)
    missing = counts(well, METRIC_PROVIDER_RPCS) - counts(gap, METRIC_PROVIDER_RPCS)
    hour = between(well, 1, 2)
    assert missing[hour].sum() == counts(well, METRIC_PROVIDER_RPCS)[hour].sum() > 0
    assert missing.sum() == missing[hour].sum()


def test_estimates_without_their_calibration_set_are_counted_and_still_told():
    recording = record(UNDATED)
    assert counts(recording, METRIC_AGENT_ESTIMATES, "failure").sum() == 12
    offsets, sets = (
        levels(recording, m) for m in (METRIC_CONTROL_CLOCK_OFFSET, calibrated_of(METRIC_CONTROL_CLOCK_OFFSET))
    )
    assert len(offsets) - len(sets) == 12


def test_uptime_grows_by_a_minute_each_minute():
    assert set(levels(record(), METRIC_AGENT_UPTIME)[1:] - levels(record(), METRIC_AGENT_UPTIME)[:-1]) == {60.0}


def test_an_agent_remembers_no_job_of_the_past():
    """Traces name jobs that never come back; an agent that kept what it was asked would grow with them."""
    watched = {"watched_by": "agent-delft"}
    site = site_of(
        processor() | watched,
        orchestrator("qpu-delft", jobs_per_hour=240.0) | watched,
        {"kind": "agent", "id": "agent-delft"},
    )
    (agent,) = [device for device in site._devices if isinstance(device, Agent)]
    remembered = []
    for block in blocks_of(site, 6):
        for device in site._devices:
            device.simulate(block)
        remembered.append(len(agent._known))
    assert 40 < remembered[-1] <= remembered[0]
