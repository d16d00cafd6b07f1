"""A heralded link: trains of attempts, heralds, detector clicks, and the pairs that are delivered.

Attempts follow one another without pause, one cycle each; a request takes attempts until a herald or its
time-out, and the next request follows at once. All counts of a step come from one multinomial over what an
attempt can show, so heralds and clicks are consistent with each other to the last count.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hwsim.click_patterns import DETECTORS, Patterns, Protocol, build_patterns
from hwsim.devices.controller import draw_round_trips
from hwsim.devices.lifetimes import Lifetimes
from hwsim.devices.maintenance import calibration_offset_ns, recurring, report_calibrations
from hwsim.drift import TICK_NS, DriftPath
from hwsim.faults import LINK_F1, FaultSchedule
from hwsim.fleet import LinkSpec
from hwsim.physics.heralding import Heralding, attempt_cycle_s, single_click, two_click
from hwsim.physics.photonics import fibre_delay_s, transmission_of_loss
from hwsim.physics.waiting import waiting_fidelity
from hwsim.preset import ControllerPreset, LinkPreset
from hwsim.randomness import spawn_generator
from hwsim.tally import Tally
from hwsim.truth import Truth
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_DETECTION_KIND,
    ATTR_DETECTOR_ID,
    ATTR_LINK_ID,
    ATTR_OUTCOME,
    METRIC_LINK_ATTEMPTS,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_HERALDS,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_LINK_REQUESTS,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Optics:
    """The optical state of the link at a moment."""

    transmission: tuple[float, float]
    heralding: Heralding[float]
    patterns: Patterns


class Link:
    """One link under continuous demand for pairs."""

    def __init__(
        self,
        spec: LinkSpec,
        preset: LinkPreset,
        controller: ControllerPreset,
        ends: tuple[Lifetimes, Lifetimes],
        faults: FaultSchedule,
        *,
        seed: int,
        start_ns: int,
    ) -> None:
        self.id = spec.id
        self._spec = spec
        self._preset = preset
        self._controller = controller
        self._ends = ends
        self._faults = faults
        self._rng = spawn_generator(seed, spec.id, "attempts")
        self._drift = DriftPath(
            sigmas=np.full(2, preset.loss_drift_db),
            correlation_s=preset.drift_correlation_s,
            start_ns=start_ns,
            calibration_ns=calibration_offset_ns(spec.id),
            rng=spawn_generator(seed, spec.id, "loss drift"),
        )
        self._cycle_ns = round(attempt_cycle_s(preset.local_s, spec.length_km) * SECOND_NS)
        self._patience = round(preset.request_timeout_s * SECOND_NS) // self._cycle_ns
        self._spent = 0  # attempts that the open request has used
        self._nominal = self._optics((0.0, 0.0))
        self._current: tuple[tuple[float, float], _Optics] = ((0.0, 0.0), self._nominal)
        self._link = attributes({ATTR_LINK_ID: spec.id})
        self._outcomes = {
            outcome: attributes({ATTR_LINK_ID: spec.id, ATTR_OUTCOME: outcome}) for outcome in ("success", "timeout")
        }
        self._clicks = [
            attributes({ATTR_LINK_ID: spec.id, ATTR_DETECTOR_ID: detector, ATTR_DETECTION_KIND: kind})
            for kind in ("signal", "dark")
            for detector in DETECTORS
        ]

    def advance(self, tally: Tally) -> None:
        """Run the attempts of the step, in pieces during which the optics do not change."""
        inner = {edge for edge in self._faults.edges(LINK_F1, self.id) if tally.start_ns < edge < tally.end_ns}
        inner |= {tick for tick in recurring(tally.start_ns, tally.end_ns, TICK_NS, 0) if tick < tally.end_ns}
        moments = [tally.start_ns, *sorted(inner), tally.end_ns]
        for start_ns, end_ns in pairwise(moments):
            self._run(start_ns, end_ns, tally)
        report_calibrations(tally, ATTR_LINK_ID, self.id)

    def truths(self, at_ns: int) -> list[Truth]:
        """Return transmission, herald probability and the fidelity of a pair after the usual wait."""
        optics, nominal = self._optics_at(at_ns - 1, at_ns), self._nominal
        chance, usual = optics.heralding.probability, nominal.heralding.probability
        arm = min(optics.transmission)
        wait_s = self._flight_s() + self._controller.round_trip_s
        fidelity = self._delivered(optics, np.array([wait_s]), np.array([at_ns]))
        values = {
            "arm_transmission": (arm, 0.75 * min(nominal.transmission), 1.0),
            "herald_probability": (chance, 0.7 * usual, 1.4 * usual),
            "pair_fidelity": (float(fidelity[0]), 0.9, 1.0),
        }
        return [
            Truth(entity=self.id, kind="link", quantity=quantity, value=value, low=low, high=high)
            for quantity, (value, low, high) in values.items()
        ]

    def _run(self, start_ns: int, end_ns: int, tally: Tally) -> None:
        optics, rng = self._optics_at(start_ns, end_ns), self._rng
        attempts = end_ns // self._cycle_ns - start_ns // self._cycle_ns
        seen = rng.multinomial(attempts, optics.patterns.probability)
        heralds = int(seen[optics.patterns.heralded].sum())
        moments = np.sort(rng.choice(attempts, size=heralds, replace=False, shuffle=False))
        tally.count(METRIC_LINK_ATTEMPTS, self._link, attempts)
        tally.count(METRIC_LINK_HERALDS, self._link, heralds)
        for identity, clicks in zip(self._clicks, seen @ optics.patterns.clicks, strict=True):
            tally.count(METRIC_LINK_PHOTON_DETECTIONS, identity, clicks)
        tally.count(METRIC_LINK_REQUESTS, self._outcomes["success"], heralds)
        tally.count(METRIC_LINK_REQUESTS, self._outcomes["timeout"], self._time_outs(attempts, moments))
        first = start_ns // self._cycle_ns + 1
        self._deliver(optics, (first + moments) * self._cycle_ns, tally)

    def _time_outs(self, attempts: int, heralds: NDArray[np.int64]) -> int:
        """Return how many requests ran out of attempts; each herald ends the request that is open."""
        ends = np.concatenate([[-1], heralds])
        gaps = np.diff(ends)
        tail = attempts - 1 - int(ends[-1])
        if len(gaps):
            gaps[0] += self._spent
        else:
            tail += self._spent
        self._spent = tail % self._patience
        return int(((gaps - 1) // self._patience).sum()) + tail // self._patience

    def _deliver(self, optics: _Optics, times_ns: NDArray[np.int64], tally: Tally) -> None:
        latency_s = self._flight_s() + draw_round_trips(self._controller, len(times_ns), self._rng)
        noise = self._rng.normal(0.0, self._preset.fidelity_noise, len(times_ns))
        fidelity = np.clip(self._delivered(optics, latency_s, times_ns) + noise, 0.0, 1.0)
        tally.samples(METRIC_LINK_HERALD_LATENCY, self._link, latency_s)
        tally.samples(METRIC_LINK_FIDELITY, self._link, fidelity)

    def _delivered(self, optics: _Optics, wait_s: Floats, times_ns: NDArray[np.int64]) -> Floats:
        """Return the true fidelity of pairs whose qubits idled until the herald was confirmed."""
        (t1_a, t2_a), (t1_b, t2_b) = (end.at(times_ns) for end in self._ends)
        return waiting_fidelity(wait_s, t1_a, t2_a, t1_b, t2_b, initial=optics.heralding.fidelity)

    def _flight_s(self) -> float:
        """Return the time from the first emission to the optical herald's arrival at the nodes."""
        return self._preset.emission_s + fibre_delay_s(self._spec.length_km)

    def _optics_at(self, start_ns: int, end_ns: int) -> _Optics:
        drift = self._drift.at(start_ns)
        extra_db = self._faults.magnitude(LINK_F1, self.id, end_ns) or 0.0
        losses_db = (float(drift[0]) + extra_db, float(drift[1]))
        if self._current[0] != losses_db:
            self._current = (losses_db, self._optics(losses_db))
        return self._current[1]

    def _optics(self, losses_db: tuple[float, float]) -> _Optics:
        """Return the optics with extra losses in the two arms; an arm is half the fibre, never a gain."""
        preset, protocol = self._preset, self._spec.protocol
        usual_db = preset.loss_db_per_km * self._spec.length_km / 2
        arm_a, arm_b = (transmission_of_loss(max(usual_db + loss, 0.0)) for loss in losses_db)
        eta_a, eta_b = (preset.detection_probability * arm for arm in (arm_a, arm_b))
        patterns = build_patterns(
            protocol,
            eta_a=eta_a,
            eta_b=eta_b,
            visibility=preset.visibility,
            dark=preset.dark_probability,
            bright=preset.bright_population,
        )
        if protocol is Protocol.TWO_CLICK:
            heralding = two_click(
                eta_a=eta_a, eta_b=eta_b, visibility=preset.visibility, dark=preset.dark_probability
            )
        else:
            heralding = single_click(
                bright=preset.bright_population,
                eta_a=eta_a,
                eta_b=eta_b,
                visibility=preset.visibility,
                dark=preset.dark_probability,
                phase_rms_rad=preset.phase_rms_rad,
            )
        return _Optics(transmission=(arm_a, arm_b), heralding=heralding, patterns=patterns)
