"""A memory bank under load."""

import numpy as np
import pytest
from scipy import stats

from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.names import (
    METRIC_MEMORY_FIDELITY,
    METRIC_MEMORY_HOLD_DURATION,
    METRIC_MEMORY_READS,
    METRIC_MEMORY_REJECTS,
    METRIC_MEMORY_SLOT_LIMIT,
    METRIC_MEMORY_SLOT_USAGE,
    METRIC_MEMORY_T1,
    METRIC_MEMORY_T2,
    METRIC_MEMORY_T2_ERROR,
    METRIC_MEMORY_WRITES,
    SPAN_MEMORY_JOB,
)
from tests.unit.hwsim.worlds import START_NS, build_world, run, total, truth_of, values


@pytest.fixture(scope="module")
def two_hours():
    """Return the readings of two ordinary hours, minute by minute."""
    return list(run(build_world()["hague"], minutes=120))


def test_writes_arrive_as_a_poisson_process(two_hours):
    per_minute = [total([reading], METRIC_MEMORY_WRITES) for reading in two_hours]
    statistic = sum((count - 300) ** 2 / 300 for count in per_minute)
    assert 1e-4 < stats.chi2.sf(statistic, len(per_minute)) < 1 - 1e-4


def test_outcomes_are_binomial(two_hours):
    good = total(two_hours, METRIC_MEMORY_READS, outcome="success")
    bad = total(two_hours, METRIC_MEMORY_READS, outcome="failure")
    assert stats.binomtest(bad, good + bad, 0.0015).pvalue > 1e-4


def test_every_stored_state_is_read_once(two_hours):
    stored = total(two_hours, METRIC_MEMORY_WRITES, outcome="success")
    assert total(two_hours, METRIC_MEMORY_READS) == pytest.approx(stored, abs=4)  # the last ones are held


def test_each_successful_read_has_a_fidelity_and_a_hold_time(two_hours):
    good = total(two_hours, METRIC_MEMORY_READS, outcome="success")
    assert len(values(two_hours, METRIC_MEMORY_FIDELITY)) == good
    assert len(values(two_hours, METRIC_MEMORY_HOLD_DURATION)) == good


def test_hold_times_are_gamma_distributed(two_hours):
    holds = values(two_hours, METRIC_MEMORY_HOLD_DURATION)
    assert stats.kstest(holds, stats.gamma(2.0, scale=0.002).cdf).pvalue > 1e-4


def test_silence_and_zero_differ(two_hours):
    for reading in two_hours:
        series = [(count.metric, count.attributes) for count in reading.counts]
        assert len(series) == len(set(series)) == 5  # two outcomes of writes and reads, and the rejects


def test_a_light_load_is_never_rejected(two_hours):
    assert total(two_hours, METRIC_MEMORY_REJECTS) == 0


def test_slots_in_use_stay_within_the_bank(two_hours):
    usage = [lv.value for r in two_hours for lv in r.levels if lv.metric == METRIC_MEMORY_SLOT_USAGE]
    limit = {lv.value for r in two_hours for lv in r.levels if lv.metric == METRIC_MEMORY_SLOT_LIMIT}
    assert limit == {4}
    assert 0 < np.mean(usage) < 4 >= max(usage)


def test_lifetimes_are_measured_every_ten_minutes_on_every_slot(two_hours):
    for metric in (METRIC_MEMORY_T1, METRIC_MEMORY_T2, METRIC_MEMORY_T2_ERROR):
        moments = [lv.measured_at_ns for r in two_hours for lv in r.levels if lv.metric == metric]
        assert len(moments) == 4 * len(set(moments))
        assert np.diff(sorted(set(moments)))[1:].tolist() == [10 * MINUTE_NS] * 11


def test_measured_lifetimes_agree_with_the_truth():
    site = build_world()["hague"]
    readings = list(run(site, minutes=600))
    measured = [lv.value for r in readings for lv in r.levels if lv.metric == METRIC_MEMORY_T2]
    true = [truth_of(site, "mem-hague", "t2_s", START_NS + m * MINUTE_NS) for m in range(0, 600, 10)]
    assert np.mean(measured) == pytest.approx(np.mean(true), rel=0.02)


def test_the_promised_share_of_good_retrievals_is_what_reads_show(two_hours):
    site = build_world()["hague"]
    promised = truth_of(site, "mem-hague", "good_retrieval_probability", START_NS + HOUR_NS)
    good = int((values(two_hours, METRIC_MEMORY_FIDELITY) > 0.9).sum())
    reads = total(two_hours, METRIC_MEMORY_READS)
    assert stats.binomtest(good, reads, promised).pvalue > 1e-4


@pytest.mark.parametrize("step_s", [1, 60])
def test_traces_are_sampled_and_whole_whatever_the_step(step_s):
    site = build_world()["hague"]
    stages = [stage for reading in run(site, minutes=30, step_ns=step_s * SECOND_NS) for stage in reading.stages]
    roots = {stage.trace: stage for stage in stages if stage.parent is None}
    assert len(roots) in {6, 7}
    for trace, root in roots.items():
        children = [stage for stage in stages if stage.trace == trace and stage.parent == SPAN_MEMORY_JOB]
        assert [child.name for child in children] == ["queue", "write", "hold", "read"]
        assert (children[0].start_ns, children[-1].end_ns) == (root.start_ns, root.end_ns)
