"""Idling qubits: the validation numbers, QuTiP as the oracle, and the laws that must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwsim.channels import apply_idle, channel_average_fidelity, idle_channel, idle_matrix
from hwsim.physics.idle import (
    average_fidelity,
    coherence,
    excited_population,
    hold_at_fidelity,
    process_fidelity,
    pure_dephasing_time,
    retrieval_fidelity,
)
from model.errors import InvalidInputError

T1_S, T2_S = 100e-6, 80e-6
times = st.floats(1e-6, 10.0)
shares = st.floats(0.01, 2.0)  # of T2 in T1
LIFETIMES = [(100e-6, 80e-6, 10e-6), (1.168, 0.085, 0.004), (1.0, 2.0, 0.7), (1.0, 0.01, 0.2)]


@pytest.mark.parametrize(("hold_us", "expected"), [(10, 0.944972), (50, 0.779509), (100, 0.656815)])
def test_average_fidelity_has_the_published_value(hold_us, expected):
    assert average_fidelity(hold_us * 1e-6, T1_S, T2_S) == pytest.approx(expected, rel=1e-5)


def test_pure_dephasing_time_follows_from_t1_and_t2():
    assert pure_dephasing_time(100.0, 80.0) == pytest.approx(133.3333333333, rel=1e-9)


def test_pure_dephasing_time_is_infinite_where_t2_is_twice_t1():
    assert pure_dephasing_time(1.0, 2.0) == float("inf")


@pytest.mark.parametrize(("t1_s", "t2_s", "hold_s"), LIFETIMES)
def test_average_fidelity_is_that_of_the_qutip_channel(t1_s, t2_s, hold_s):
    assert average_fidelity(hold_s, t1_s, t2_s) == pytest.approx(
        channel_average_fidelity(hold_s, t1_s, t2_s), rel=1e-5
    )


@pytest.mark.parametrize("thermal", [0.0, 0.02, 0.3])
def test_process_fidelity_does_not_depend_on_the_thermal_population(thermal):
    matrix = idle_channel(0.3, 1.0, 0.8, thermal).full()
    assert matrix.trace().real / 4 == pytest.approx(process_fidelity(0.3, 1.0, 0.8), rel=1e-9)


@pytest.mark.parametrize(("t1_s", "t2_s", "hold_s"), LIFETIMES)
def test_relaxation_and_dephasing_are_those_of_the_qutip_channel(t1_s, t2_s, hold_s):
    start = np.array([[0.3, 0.2 + 0.1j], [0.2 - 0.1j, 0.7]])
    left = apply_idle(start, hold_s, t1_s, t2_s)
    assert left[1, 1].real == pytest.approx(excited_population(hold_s, t1_s, start=0.7), rel=1e-5)
    assert abs(left[0, 1]) == pytest.approx(abs(start[0, 1]) * coherence(hold_s, t2_s), rel=1e-5)


def test_channels_are_cached_and_cannot_be_changed():
    matrix = idle_matrix(0.1, 1.0, 1.0)
    assert idle_matrix(0.1, 1.0, 1.0) is matrix
    with pytest.raises(ValueError, match="read-only"):
        matrix[0, 0] = 0


def test_a_channel_with_t2_above_twice_t1_is_refused():
    with pytest.raises(InvalidInputError, match="does not lie between"):
        idle_channel(1.0, 1.0, 2.1)


@given(hold=st.floats(0, 20), more=st.floats(0, 20), t1=times, share=shares)
def test_fidelity_lies_in_the_unit_interval_and_never_rises_with_the_hold(hold, more, t1, share):
    now, later = (retrieval_fidelity(t, t1, share * t1, 0.003) for t in (hold, hold + more))
    assert 0 <= later <= now <= 1


@given(fidelity=st.floats(0.51, 0.99), t1=times, share=shares)
def test_hold_at_fidelity_inverts_the_retrieval_fidelity(fidelity, t1, share):
    hold_s = hold_at_fidelity(fidelity, t1, share * t1, 0.001)
    assert retrieval_fidelity(hold_s, t1, share * t1, 0.001) == pytest.approx(fidelity, abs=1e-9)


def test_a_fidelity_of_one_half_is_never_undercut():
    assert hold_at_fidelity(0.5, 1.0, 1.0, 0.0) == float("inf")
