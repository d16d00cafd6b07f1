"""A heralded link: attempts without pause, confirmed pairs, and the applications that queue for them.

A herald becomes a pair when the control plane confirms it in time. Pairs under the fidelity that the policy asks for
are purified with the next ones; a pair goes to the request that waits longest in the highest priority; what nobody
wants is spent on measurements. Telemetry: catalogue link.M1-M7, link.TEL1, 4-9, 22-29, 41, 43, network.TEL4-8.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_S, INTERVALS, Block, Interval, by_interval
from hwsim.click_patterns import DETECTORS, Protocol
from hwsim.demand import PRIORITIES, Demand, Round
from hwsim.devices.controller import ControlPlane
from hwsim.devices.link.attempts import Attempts, attempts_per_second, first_of_second, run_attempts
from hwsim.devices.link.measurement import STORED_SHARE, Estimate, enough, estimate_fidelity, estimate_lifetime
from hwsim.devices.link.optics import Optics, Pieces
from hwsim.devices.link.pairs import Bank, Ends, Pairs, Policy, age_together, heralded_states, purify
from hwsim.devices.link.tracing import trace_request
from hwsim.devices.teleportation import Teleportation
from hwsim.maintenance import Maintenance
from hwsim.physics.waiting import PairState, dephased_fidelity
from hwsim.spec import DeviceSpec
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DETECTION_KIND,
    ATTR_DETECTOR_ID,
    ATTR_LINK_ID,
    ATTR_OUTCOME,
    ATTR_PRIORITY,
    METRIC_LINK_ALLOCATION_LATENCY,
    METRIC_LINK_ATTEMPTS,
    METRIC_LINK_CONFIRMATIONS_LATE,
    METRIC_LINK_EXPIRATIONS,
    METRIC_LINK_FIDELITY,
    METRIC_LINK_FIDELITY_MEASURED,
    METRIC_LINK_HERALD_LATENCY,
    METRIC_LINK_HERALDS,
    METRIC_LINK_PAIR_LIFETIME,
    METRIC_LINK_PHOTON_DETECTIONS,
    METRIC_LINK_PURIFICATIONS,
    METRIC_LINK_QUEUE_DEPTH,
    METRIC_LINK_REQUESTS,
    METRIC_LINK_TRANSMISSION,
)

QUOTA: Final = "quota_ratio"
PURIFY_BELOW: Final = "purify_below_fidelity"
PURIFICATION_ROUNDS: Final = "purification_rounds"
_MINUTE_S = 60
_SHOWN_HZ = 5  # pairs a second whose latency and fidelity telemetry tells

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


class Link:
    """One link and its middleware."""

    def __init__(
        self,
        spec: DeviceSpec,
        optics: Optics,
        banks: tuple[Bank, Bank],
        plane: ControlPlane,
        maintenance: Maintenance,
    ) -> None:
        self.id = spec.id
        self._preset = optics.preset
        self._optics = optics
        self._banks = banks
        self._plane = plane
        self._maintenance = maintenance
        usual_hz = optics.nominal.heralding.probability * optics.attempts_hz
        self._demand = Demand(
            self._preset.load_share * min(usual_hz, self._preset.pair_limit_hz),
            patience_s=self._preset.request_timeout_s,
            daily_share=self._preset.load_daily_share,
        )
        self._teleportation = Teleportation(spec.id)
        self._store_s = 0.0
        self._link = attributes({ATTR_LINK_ID: spec.id})
        self._outcomes = {
            outcome: attributes({ATTR_LINK_ID: spec.id, ATTR_OUTCOME: outcome}) for outcome in ("success", "failure")
        }
        self._priorities = {p: attributes({ATTR_LINK_ID: spec.id, ATTR_PRIORITY: p}) for p in PRIORITIES}
        self._requests = {
            (p, outcome): attributes({ATTR_LINK_ID: spec.id, ATTR_PRIORITY: p, ATTR_OUTCOME: outcome})
            for p in PRIORITIES
            for outcome in ("success", "timeout")
        }
        self._clicks = [
            attributes({ATTR_LINK_ID: spec.id, ATTR_DETECTOR_ID: detector, ATTR_DETECTION_KIND: kind})
            for kind in ("signal", "dark")
            for detector in DETECTORS
        ]

    def simulate(self, block: Block) -> None:
        """Live through a block."""
        pieces, ends = self._optics.pieces(block), Ends.of_block(self._banks, block)
        number = attempts_per_second(self._optics.attempts_hz, block.index)
        attempts = run_attempts(
            pieces, number, limit_hz=self._preset.pair_limit_hz, rng=block.rng(self.id, "attempts")
        )
        self._count(block, attempts)
        rng = block.rng(self.id, "pairs")
        shown, pairs = self._confirm(block, attempts, pieces, rng)
        pairs = self._purify(block, pairs, rng)
        rounds = self._serve(block, pairs, rng)
        self._age(block, (shown, pairs), rounds, ends, rng)
        self._measure_light(block, attempts)
        block.when_asked(lambda asked: self._tell_truth(asked, pieces, ends))
        self._maintenance.report(block)

    def _count(self, block: Block, attempts: Attempts) -> None:
        block.count(METRIC_LINK_ATTEMPTS, self._link, attempts.number)
        block.count(METRIC_LINK_HERALDS, self._link, attempts.heralds)
        for identity, clicks in zip(self._clicks, attempts.clicks, strict=True):
            block.count(METRIC_LINK_PHOTON_DETECTIONS, identity, clicks)

    def _confirm(
        self, block: Block, attempts: Attempts, pieces: Pieces, rng: np.random.Generator
    ) -> tuple[Pairs, Pairs]:
        """Return the pairs that telemetry shows, and all that were confirmed in time; others are wasted trials."""
        moments_s = attempts.moments_s
        times_ns = block.start_ns + (moments_s * SECOND_NS).astype(np.int64)
        latency_s = self._optics.flight_s + self._plane.draw_s(times_ns, rng)
        late = latency_s > self._preset.confirmation_timeout_s
        block.count_at(METRIC_LINK_CONFIRMATIONS_LATE, self._link, moments_s[late])
        origins = heralded_states(pieces)
        errors = rng.normal(0.0, self._preset.fidelity_noise, len(moments_s))
        pairs = Pairs(
            ready_s=moments_s + latency_s,
            idle_s=latency_s,
            estimate=np.minimum(origins.fidelity()[attempts.piece] + errors, 1.0),
            origin=attempts.piece,
            origins=origins,
        )
        shown = pairs.select(first_of_second(moments_s, _SHOWN_HZ))
        block.samples(METRIC_LINK_HERALD_LATENCY, self._link, shown.idle_s, shown.ready_s - shown.idle_s)
        order = np.argsort(pairs.ready_s, kind="stable")
        return shown, pairs.select(order[~late[order]] if late.any() else order)

    def _purify(self, block: Block, pairs: Pairs, rng: np.random.Generator) -> Pairs:
        preset = self._preset
        policy = Policy(
            below=block.parameter(self.id, PURIFY_BELOW, preset.purify_below_fidelity),
            rounds=block.parameter(self.id, PURIFICATION_ROUNDS, preset.purification_rounds),
        )
        result = purify(pairs, policy, preset.fidelity_noise, rng)
        block.count_at(METRIC_LINK_PURIFICATIONS, self._outcomes["success"], result.agreed_s)
        block.count_at(METRIC_LINK_PURIFICATIONS, self._outcomes["failure"], result.failed_s)
        return result.pairs

    def _serve(self, block: Block, pairs: Pairs, rng: np.random.Generator) -> list[Round]:
        minutes_ns = block.moments(MINUTE_NS)
        rounds = self._demand.serve(
            block,
            rng,
            pairs.ready_s,
            until_s=(minutes_ns - block.start_ns) / SECOND_NS,
            factors=(block.parameter(self.id, QUOTA, 1.0), 1.0, 1.0),
        )
        for each in rounds:
            outcome, ready_s = each.outcome, pairs.ready_s[each.outcome.served_by]
            block.count_at(METRIC_LINK_REQUESTS, self._requests[each.priority, "success"], ready_s)
            block.count_at(METRIC_LINK_REQUESTS, self._requests[each.priority, "timeout"], outcome.lost_s)
            waits_s = ready_s - outcome.asked_s
            block.samples(METRIC_LINK_ALLOCATION_LATENCY, self._priorities[each.priority], waits_s, ready_s)
            block.levels(METRIC_LINK_QUEUE_DEPTH, self._priorities[each.priority], each.depth, minutes_ns)
        return rounds

    def _age(
        self,
        block: Block,
        shown_and_all: tuple[Pairs, Pairs],
        rounds: list[Round],
        ends: Ends,
        rng: np.random.Generator,
    ) -> None:
        """Let pairs age until they are looked at, used, teleported over or measured, and report each."""
        shown, pairs = shown_and_all
        served = [each.outcome.served_by for each in rounds]
        taken = zip(*(by_interval(pairs.ready_s[which]) for which in served), strict=True)
        sent_s = pairs.ready_s[served[1]]
        message_s = self._plane.draw_s(block.start_ns + (sent_s * SECOND_NS).astype(np.int64), rng)
        looked_at = by_interval(shown.ready_s - shown.idle_s)
        fidelities, left, expired_s = [], [], []
        columns = zip(block.intervals, looked_at, taken, _spare(pairs, rounds), strict=True)
        for interval, seen, parts, (fresh, stored) in columns:
            here = ends.during(interval)
            used = pairs.select(np.concatenate([which[part] for which, part in zip(served, parts, strict=True)]))
            held_s = rng.exponential(self._preset.use_s, len(used.ready_s))
            sent = pairs.select(served[1][parts[1]])
            now, after_use, after_message, spare = age_together(
                [(shown.select(seen), 0.0), (used, held_s), (sent, message_s[parts[1]]), (fresh, 0.0)], here
            )
            fidelities.append(now.fidelity())
            left.append(after_message.fidelity())
            expired_s.append(used.ready_s[after_use.fidelity() < self._preset.expiry_fidelity])
            self._measure(block, interval, (now, spare, stored), here, rng)
        errors = rng.normal(0.0, self._preset.fidelity_noise, len(shown.ready_s))
        estimates = np.clip(np.concatenate(fidelities) + errors, 0.0, 1.0)
        block.samples(METRIC_LINK_FIDELITY, self._link, estimates, shown.ready_s - shown.idle_s)
        block.count_at(METRIC_LINK_EXPIRATIONS, self._link, np.concatenate(expired_s))
        self._teleportation.run(
            block,
            sent_s,
            message_s=message_s,
            left=np.concatenate(left),
            coherence_s=ends.coherence_s(sent_s),
        )
        flight_s = self._optics.flight_s
        trace_request(block, self.id, rounds[1].outcome, sent_s, flight_s=flight_s, message_s=message_s)

    def _measure(
        self,
        block: Block,
        interval: Interval,
        lots: tuple[PairState, PairState, Pairs],
        ends: Ends,
        rng: np.random.Generator,
    ) -> None:
        """Spend an interval's pairs on measurements: heralded ones, and two lots of those that nobody asked for."""
        heralded, fresh, stored = lots
        if enough(len(heralded.psi_coherence)):
            self._estimate(block, interval, METRIC_LINK_FIDELITY_MEASURED, estimate_fidelity(heralded, rng))
        lifetime = self._measure_lifetime(fresh, stored, ends, rng)
        if lifetime is not None:
            self._estimate(block, interval, METRIC_LINK_PAIR_LIFETIME, lifetime)

    def _measure_lifetime(
        self, fresh: PairState, lot: Pairs, ends: Ends, rng: np.random.Generator
    ) -> Estimate | None:
        """Measure the lifetime with spare pairs: fresh ones, and a lot that is stored for as long as seems right."""
        if not len(lot.ready_s):
            return None
        store_s = self._store_s or STORED_SHARE * float(ends.coherence_s(lot.ready_s)[0])
        (stored,) = age_together([(lot, store_s)], ends)
        lifetime, self._store_s = estimate_lifetime(fresh, stored, store_s, rng)
        return lifetime

    def _measure_light(self, block: Block, attempts: Attempts) -> None:
        """Estimate the transmission of the fibre, mean of both arms, from the photons counted."""
        emitted = 1.0 if self._optics.settings.protocol is Protocol.TWO_CLICK else self._preset.bright_population
        counted = attempts.clicks[:2].sum(axis=0), attempts.number
        columns = (each.reshape(INTERVALS, INTERVAL_S).sum(axis=1).tolist() for each in counted)
        for interval, photons, sent in zip(block.intervals, *columns, strict=True):
            per_photon = 2 * emitted * self._preset.detection_probability * sent
            estimate = Estimate(value=photons / per_photon, error=max(photons, 1) ** 0.5 / per_photon, samples=sent)
            self._estimate(block, interval, METRIC_LINK_TRANSMISSION, estimate)

    def _estimate(self, block: Block, interval: Interval, metric: str, estimate: Estimate) -> None:
        block.estimate(
            metric,
            self._link,
            estimate.value,
            error=estimate.error,
            samples=estimate.samples,
            at_ns=interval.end_ns,
            calibrated_ns=self._maintenance.calibrated_ns(interval.end_ns),
        )

    def _tell_truth(self, block: Block, pieces: Pieces, ends: Ends) -> None:
        """State the light, the herald probability, the fidelity of a pair after the usual wait, and the policies."""
        nominal, preset = self._optics.nominal, self._preset
        station = pieces.station
        arm = pieces.by_second(np.minimum(*station.transmission))
        chance = pieces.by_second(station.heralding.probability)
        fresh = pieces.by_second(station.heralding.fidelity)[::_MINUTE_S]
        wait_s = self._optics.flight_s + self._plane.median_s(block.ends_ns[::_MINUTE_S])
        coherence_s = ends.coherence_s(np.arange(0.0, BLOCK_S, _MINUTE_S))
        fidelity = np.repeat(dephased_fidelity(wait_s, 2 * coherence_s, 2 * coherence_s, initial=fresh), _MINUTE_S)
        usual = nominal.heralding.probability
        least = min(nominal.transmission)
        floor = nominal.heralding.fidelity - 0.045
        for quantity, values, low, high in (
            ("arm_transmission", arm, 0.75 * least, 1.34 * least),
            ("herald_probability", chance, 0.7 * usual, 1.4 * usual),
            ("pair_fidelity", fidelity, floor, 1.0),
            (QUOTA, block.parameter(self.id, QUOTA, 1.0), 0.5, 1.5),
            (PURIFICATION_ROUNDS, block.parameter(self.id, PURIFICATION_ROUNDS, preset.purification_rounds), 0.0,
             preset.purification_rounds),
        ):  # fmt: skip
            block.truth(self.id, "link", quantity, values, low=low, high=high)


def _spare(pairs: Pairs, rounds: list[Round]) -> list[tuple[Pairs, Pairs]]:
    """Return two lots of each interval's pairs that nobody asked for, empty where they are too few to measure."""
    unclaimed = np.ones(len(pairs.ready_s), dtype=np.bool_)
    for each in rounds:
        unclaimed[each.outcome.served_by] = False
    spare = np.flatnonzero(unclaimed)
    lots = [spare[part] for part in by_interval(pairs.ready_s[spare])]
    return [_two_lots(pairs, lot, enough(len(lot) // 2)) for lot in lots]


def _two_lots(pairs: Pairs, which: Int64s, number: int) -> tuple[Pairs, Pairs]:
    return pairs.select(which[::2][:number]), pairs.select(which[1::2][:number])
