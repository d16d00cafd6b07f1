"""Jobs that queue for one processor: M/G/1, with calibrations as vacations.

Pollaczek-Khinchine: W_q = lam E[S^2]/(2(1-rho)); Little 1961: L_q = lam W_q. Calibrations that
run whenever the queue is empty add the mean residual vacation E[V^2]/(2 E[V]). First come, first served.
"""

import numpy as np

from hwsim.physics.arrays import Floats, Value, choose, unwrap


def utilisation(arrivals_hz: Value | float, mean_service_s: Value | float) -> Value:
    """Return rho = lam E[S]."""
    rho: Value = unwrap(arrivals_hz * mean_service_s)
    return rho


def mean_wait_s(
    arrivals_hz: Value | float,
    mean_service_s: Value | float,
    squared_variation: Value | float,
    vacation_s: Value | float = 0.0,
) -> Value:
    """Return the mean time in the queue; cv^2 = 0, 1, 2 of 60 s jobs every 120 s gives 30, 60, 90 s.

    `squared_variation` is var(S)/E[S]^2 and `vacation_s` the mean residual vacation. Infinite for rho >= 1.
    """
    rho = arrivals_hz * mean_service_s
    backlog = arrivals_hz * mean_service_s**2 * (1 + squared_variation) / 2
    wait: Value = choose(rho < 1, backlog / choose(rho < 1, 1 - rho, 1.0) + vacation_s, np.inf)
    return wait


def mean_residual_s(mean_s: Value | float, squared_variation: Value | float = 0.0) -> Value:
    """Return E[V^2]/(2 E[V]), what is left on average of a vacation that is under way."""
    residual_s: Value = unwrap(mean_s * (1 + squared_variation) / 2)
    return residual_s


def mean_queue_length(arrivals_hz: Value | float, wait_s: Value | float) -> Value:
    """Return lam W_q."""
    length: Value = unwrap(arrivals_hz * wait_s)
    return length


def waits_s(arrivals_s: Floats, services_s: Floats) -> Floats:
    """Return each job's time in the queue of one server, first come, first served (Lindley's recursion).

    The wait is how far the work so far runs ahead of the lowest point it has reached, which needs no loop.
    """
    work = np.concatenate([[0.0], np.cumsum(services_s[:-1] - np.diff(arrivals_s))])
    return np.asarray(work - np.minimum.accumulate(np.minimum(work, 0.0)))


def draw_services_s(mean_s: float, squared_variation: float, size: int, rng: np.random.Generator) -> Floats:
    """Return gamma-distributed services with this mean and cv^2; exactly the mean where cv^2 is 0."""
    if squared_variation == 0:
        return np.full(size, mean_s)
    return rng.gamma(1 / squared_variation, mean_s * squared_variation, size)
