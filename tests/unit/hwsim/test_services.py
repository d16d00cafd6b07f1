"""Authentication, providers, CI, the artifact registry and the cluster: what breaks shows where it should."""

import numpy as np
import pytest

from model.names import (
    METRIC_AUTH_CREDENTIAL_AGE,
    METRIC_AUTH_CREDENTIAL_LIFETIME,
    METRIC_AUTH_REQUESTS,
    METRIC_CI_RUNS,
    METRIC_CI_TESTS,
    METRIC_CLUSTER_ATTACHMENTS,
    METRIC_CLUSTER_INVOCATIONS,
    METRIC_PROVIDER_RPC_DURATION,
    METRIC_PROVIDER_RPCS,
    METRIC_REGISTRY_REPRODUCTIONS,
    METRIC_REGISTRY_VERIFICATIONS,
)
from tests.unit.hwsim.services import between, counts, injection, levels, record

STALLED = injection("community.B3", "auth-delft", 1.0)
BROKEN_API = injection("community.F8", "backend-aurora", 0.5, for_h=None)


def share(recording, metric: str, *values: str, among: tuple[str, ...] = ()) -> float:
    return float(counts(recording, metric, *values).sum() / counts(recording, metric, *among).sum())


@pytest.mark.parametrize(
    ("metric", "most"),
    [
        (METRIC_AUTH_REQUESTS, 0.001),
        (METRIC_PROVIDER_RPCS, 0.005),
        (METRIC_CI_TESTS, 0.005),
        (METRIC_REGISTRY_VERIFICATIONS, 0.001),
        (METRIC_REGISTRY_REPRODUCTIONS, 0.01),
        (METRIC_CLUSTER_ATTACHMENTS, 0.01),
        (METRIC_CLUSTER_INVOCATIONS, 0.005),
    ],
)
def test_little_fails_in_nominal_life(metric, most):
    assert share(record(hours=12.0), metric, "failure") < most


def test_a_token_is_never_older_than_a_rotation():
    assert levels(record(hours=12.0), METRIC_AUTH_CREDENTIAL_AGE).max() < 2400


def test_the_lifetime_of_tokens_is_told_before_the_first_of_them_expires():
    recording = record(injection("community.F3", "auth-delft", 0.25, at_h=1.0, for_h=None), hours=2.0)
    lifetime_s = levels(recording, METRIC_AUTH_CREDENTIAL_LIFETIME)
    assert lifetime_s[:60].tolist() == [3600.0] * 60
    assert lifetime_s[61:].tolist() == [900.0] * 59


def test_tokens_that_live_shorter_than_the_rotation_fail_for_the_rest_of_it():
    """Of each rotation of 2400 s, a token of 900 s leaves 1500 s without a valid one."""
    recording = record(injection("community.F3", "auth-delft", 0.25, at_h=0.0, for_h=None), hours=16.0)
    calls = counts(recording, METRIC_PROVIDER_RPCS, "backend-aurora").sum()
    refused = counts(recording, METRIC_PROVIDER_RPCS, "backend-aurora", "unauthenticated").sum()
    assert refused / calls == pytest.approx(1500 / 2400, abs=0.02)


def test_a_token_that_is_not_rotated_expires_and_is_renewed_afterwards():
    recording = record(STALLED, hours=4.0)
    expired = counts(recording, METRIC_AUTH_REQUESTS, "expired")
    assert levels(recording, METRIC_AUTH_CREDENTIAL_AGE).max() > 3600
    assert expired[between(recording, 1, 3)].sum() > 0
    assert expired[between(recording, 3, 4)].sum() == 0


def test_contract_tests_fail_for_the_backend_whose_api_broke_and_for_no_other():
    failed = [
        counts(record(BROKEN_API), METRIC_CI_TESTS, backend, "failure")[60:].sum()
        for backend in ("backend-aurora", "backend-borealis")
    ]
    assert failed[0] > 20 * max(failed[1], 1)


def test_a_run_fails_more_often_with_another_sdk():
    recording = record(injection("community.B4", "ci-delft", 0.5, at_h=0.0, for_h=None), hours=12.0)
    pinned, other = (share(recording, METRIC_CI_RUNS, sdk, "failure", among=(sdk,)) for sdk in ("pinned", "other"))
    assert other > 5 * pinned


def test_calls_are_counted_as_timeouts_when_they_last_as_long_as_callers_wait():
    recording = record(injection("community.F5", "backend-aurora", 60.0, at_h=0.0, for_h=None))
    (track,) = [
        t
        for t in recording.samples
        if (t.metric, t.attributes[0][1]) == (METRIC_PROVIDER_RPC_DURATION, "backend-aurora")
    ]
    waited = int(np.count_nonzero(track.values >= 10.0))
    assert waited == pytest.approx(counts(recording, METRIC_PROVIDER_RPCS, "timeout").sum(), rel=0.5)
    assert waited > 100


def test_an_experiment_cannot_be_repeated_with_artifacts_that_do_not_match():
    recording = record(injection("community.F10", "registry-delft", 0.3, at_h=0.0, for_h=None))
    assert share(recording, METRIC_REGISTRY_VERIFICATIONS, "failure") == pytest.approx(0.3, abs=0.05)
    assert share(recording, METRIC_REGISTRY_REPRODUCTIONS, "failure") == pytest.approx(0.3, abs=0.15)
