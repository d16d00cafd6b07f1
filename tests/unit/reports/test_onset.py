"""Onsets are dated by likelihood, with what else is possible."""

import numpy as np

from reports.cause.onset import find_onset

ONES = np.ones(60)


def test_where_none_ever_failed_the_first_failure_is_the_onset():
    failed = np.zeros(60)
    failed[[20, 31, 33, 34, 40, 41, 45, 50]] = 1
    onset, _, _ = find_onset(failed, ONES, 45, 15, normal=0.001, kind="share")
    assert onset == 20


def test_a_step_is_dated_to_the_minute():
    level = 1.0 + 0.01 * np.random.default_rng(1).standard_normal(60)
    level[37:] += 0.2
    assert find_onset(level, ONES, 30, 15, normal=1.0, kind="level") == (37, 1, 0)


def test_a_ramp_began_where_it_left_the_normal():
    ramp = np.maximum(0.0, np.arange(60) - 20.0) + 0.1 * np.random.default_rng(1).standard_normal(60)
    onset, _, _ = find_onset(ramp, ONES, 30, 15, normal=0.0, kind="level")
    assert 19 <= onset <= 22


def test_what_is_told_every_ten_minutes_may_have_begun_ten_minutes_earlier():
    told = np.zeros(120)
    told[::10] = 1.0
    level = np.where(np.arange(120) >= 65, 5.0, 0.01 * np.arange(120) % 0.03) * told
    assert find_onset(level, told, 70, 1, normal=0.0, kind="level") == (70, 10, 0)


def test_a_faint_step_in_noise_is_dated_to_a_range():
    level = np.random.default_rng(2).standard_normal(60)
    level[30:] += 1.5
    onset, earlier, later = find_onset(level, ONES, 30, 15, normal=0.0, kind="level")
    assert onset - earlier < 30 <= onset + later


def test_what_comes_in_clumps_says_less_about_when_it_began():
    rng = np.random.default_rng(3)
    jobs = np.concatenate([rng.poisson(0.5, 90), rng.poisson(4.0, 30)])
    weight = np.ones(120)
    onset, _, later = find_onset(1.0 * jobs, weight, 90, 15, normal=0.5, kind="count")
    clumped_onset, _, clumped_later = find_onset(50.0 * jobs, weight, 90, 15, normal=25.0, kind="count")
    assert (clumped_onset, clumped_later) == (onset, later)
    assert later > 0


def test_a_failure_by_chance_in_the_minute_before_leaves_the_next_one_possible():
    retries = np.zeros(60)
    retries[29] = 1
    retries[30::2] = 2
    onset, _, later = find_onset(retries, ONES, 45, 15, normal=0.02, kind="count")
    assert onset <= 29 < 30 <= onset + later
