"""A chain of repeater nodes.

Pairs of neighbouring links are stored, purified where poor, and swapped until they span the whole chain; applications
queue for them with deadlines.

A chain has its own share of its links' attempts and draws its own pairs from their optics, so it may span sites.
Telemetry: catalogue link.M8, link.TEL4-6, 37, 47, network.M2, M3, M8, network.TEL8, 14-19, 44-46, 53.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_S, INTERVALS, Block, by_interval
from hwsim.demand import PRIORITIES, Demand
from hwsim.devices.controller import ControlPlane
from hwsim.devices.link.optics import Optics
from hwsim.devices.repeater.errors import report_errors
from hwsim.devices.repeater.preset import RepeaterPreset, RepeaterSettings
from hwsim.devices.repeater.segments import Meeting, Segment, empty_segment, join, meet, purify, supply
from hwsim.maintenance import Maintenance
from hwsim.physics.bell_diagonal import PHI_PLUS
from hwsim.physics.swapping import swap_bell_diagonal
from hwsim.spec import DeviceSpec
from model.attributes import attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_FIRMWARE_VERSION,
    ATTR_NODE_ID,
    ATTR_OUTCOME,
    ATTR_PRIORITY,
    METRIC_REPEATER_BUFFER_OCCUPANCY,
    METRIC_REPEATER_CUTOFFS,
    METRIC_REPEATER_FIDELITY,
    METRIC_REPEATER_LATENCY,
    METRIC_REPEATER_PAIRS,
    METRIC_REPEATER_PURIFICATIONS,
    METRIC_REPEATER_QUEUE_DEPTH,
    METRIC_REPEATER_REQUESTS,
    METRIC_REPEATER_SWAPS,
)

SWAP_SUCCESS: Final = "swap_success"
SYNC_LOSS: Final = "sync_loss_probability"
OUT_OF_ORDER: Final = "out_of_order_probability"
LOG_ERRORS: Final = "log_error_hz"
MEMORY_SHARE: Final = "memory_share"
DEMAND: Final = "demand_ratio"
MISALLOCATED: Final = "misallocated_share"
_LONGEST_BACKOFF = 6  # intervals
_WRONGLY_CORRECTED = (2, 3, 0, 1)

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Repeater:
    """The nodes of one chain."""

    def __init__(
        self, spec: DeviceSpec, links: Sequence[Optics], plane: ControlPlane, maintenance: Maintenance
    ) -> None:
        self.id = spec.id
        self._preset: RepeaterPreset = spec.preset
        settings: RepeaterSettings = spec.settings
        self._protocol = settings.purification
        self._links = tuple(links)
        self._plane = plane
        self._maintenance = maintenance
        self._waiting = [(empty_segment(), empty_segment()) for _ in links[1:]]
        self._backoff = [(0, 1) for _ in links]  # per link: intervals still to wait, and the next wait
        rates_hz = [link.nominal.heralding.probability * link.attempts_hz for link in links]
        self._demand = Demand(
            self._preset.load_share * self._preset.attempt_share * min(rates_hz),
            patience_s=self._preset.deadline_s,
            daily_share=self._preset.load_daily_share,
        )
        self._chain = attributes({ATTR_DEVICE_ID: spec.id})
        self._nodes = [f"node-{number}" for number in range(1, len(links))]

    def simulate(self, block: Block) -> None:
        """Live through a block."""
        rng = block.rng(self.id, "chain")
        whole = self._prepare(block, 0, rng)
        for node in range(len(self._nodes)):
            whole = self._swap(block, node, whole, self._prepare(block, node + 1, rng), rng)
        block.count_at(METRIC_REPEATER_PAIRS, self._chain, whole.ready_s)
        noise = rng.normal(0.0, self._preset.fidelity_noise, len(whole.ready_s))
        estimate = np.clip(whole.bell[:, PHI_PLUS] + noise, 0.0, 1.0)
        block.samples(METRIC_REPEATER_FIDELITY, self._chain, estimate, whole.ready_s)
        self._serve(block, whole, rng)
        errors = block.each_second(self.id, LOG_ERRORS, self._preset.log_error_hz)
        report_errors(block, self.id, self._nodes, errors, maintenance=self._maintenance, rng=rng)
        block.when_asked(self._tell_truth)
        self._maintenance.report(block)

    def _prepare(self, block: Block, number: int, rng: np.random.Generator) -> Segment:
        """Return the pairs of a link, purified if the policy asks for it and rounds have been worth their pairs."""
        pairs = supply(self._links[number], block, self._preset.attempt_share, rng)
        return join([self._improve(block, number, pairs.select(part), rng) for part in by_interval(pairs.ready_s)])

    def _improve(self, block: Block, number: int, pairs: Segment, rng: np.random.Generator) -> Segment:
        """Return the pairs of one interval, as the policy wants them."""
        waits, next_wait = self._backoff[number]
        estimate = pairs.bell[:, PHI_PLUS].mean() if len(pairs.bell) else 1.0
        if estimate + rng.normal(0.0, self._preset.fidelity_noise / 3) >= self._preset.purify_below_fidelity:
            self._backoff[number] = (0, 1)
            return pairs
        if waits:
            self._backoff[number] = (waits - 1, next_wait)
            return pairs
        purified = purify(pairs, self._protocol, self._preset.t2_s, rng)
        for outcome, at_s in (("success", purified.agreed_s), ("failure", purified.failed_s)):
            identity = attributes({ATTR_DEVICE_ID: self.id, ATTR_OUTCOME: outcome})
            block.count_at(METRIC_REPEATER_PURIFICATIONS, identity, at_s)
        rounds = len(purified.agreed_s) + len(purified.failed_s)
        if rounds and len(purified.agreed_s) < self._preset.backoff_success * rounds:
            self._backoff[number] = (next_wait, min(2 * next_wait, _LONGEST_BACKOFF))
        return purified.segment

    def _swap(self, block: Block, node: int, left: Segment, right: Segment, rng: np.random.Generator) -> Segment:
        """Swap at a node; a message tells the ends what to correct, and a late or lost one costs the pair."""
        left, right = (join(parts) for parts in zip(self._waiting[node], (left, right), strict=True))
        memories = self._memories(block)
        met = meet(left.ready_s, right.ready_s, memories=memories, cutoff_s=self._preset.cutoff_s)
        self._waiting[node] = (_shifted(left, met.waiting[0]), _shifted(right, met.waiting[1]))
        message_s = self._plane.draw_s(block.start_ns + (met.at_s * SECOND_NS).astype(np.int64), rng)
        chance = block.parameter_at(self.id, SWAP_SUCCESS, self._preset.swap_success, met.at_s)
        lost = block.parameter_at(self.id, SYNC_LOSS, self._preset.sync_loss_probability, met.at_s)
        worked = (rng.random(len(met.at_s)) < chance) & (rng.random(len(met.at_s)) >= lost)
        worked &= message_s <= self._preset.sync_timeout_s
        self._report_swaps(block, node, met, worked, memories)
        bell = swap_bell_diagonal(
            left.stored(met.left, met.at_s, self._preset.t2_s),
            right.stored(met.right, met.at_s, self._preset.t2_s),
            gate_reliability=self._preset.gate_reliability_probability,
            measurement_reliability=self._preset.measurement_reliability_probability,
        )
        mixed_up = block.parameter_at(self.id, OUT_OF_ORDER, self._preset.out_of_order_probability, met.at_s)
        wrong = rng.random(len(met.at_s)) < mixed_up
        bell[wrong] = bell[wrong][:, _WRONGLY_CORRECTED]
        ready_s, good = met.at_s + message_s, np.flatnonzero(worked)
        return Segment(ready_s=ready_s, bell=bell).select(good[np.argsort(ready_s[good])])

    def _memories(self, block: Block) -> Int64s:
        """Return how many memories of a side work, as a whole number for each interval."""
        share = block.each_second(self.id, MEMORY_SHARE, 1.0).reshape(INTERVALS, INTERVAL_S).mean(axis=1)
        return np.asarray(np.maximum(np.round(self._preset.memories * share), 1), dtype=np.int64)

    def _report_swaps(self, block: Block, node: int, met: Meeting, worked: Bools, memories: Int64s) -> None:
        about = {ATTR_DEVICE_ID: self.id, ATTR_NODE_ID: self._nodes[node]}
        changes = [c for c in self._maintenance.changes(block.start_ns, block.end_ns) if c.kind == "firmware"]
        edges_s = [0.0, *((c.time_ns - block.start_ns) / SECOND_NS for c in changes), float(BLOCK_S)]
        versions = [self._maintenance.version("firmware", block.start_ns), *(c.version for c in changes)]
        for version, start_s, stop_s in zip(versions, edges_s, edges_s[1:], strict=False):
            inside = (met.at_s > start_s) & (met.at_s <= stop_s)
            for outcome, which in (("success", worked), ("failure", ~worked)):
                identity = attributes({**about, ATTR_FIRMWARE_VERSION: version, ATTR_OUTCOME: outcome})
                block.count_at(METRIC_REPEATER_SWAPS, identity, met.at_s[inside & which])
        block.count_at(METRIC_REPEATER_CUTOFFS, self._chain, met.given_up_s)
        minutes_ns = block.moments(MINUTE_NS)
        share = met.held.reshape(len(minutes_ns), -1).mean(axis=1) / (
            2 * np.repeat(memories, len(minutes_ns) // INTERVALS)
        )
        block.levels(METRIC_REPEATER_BUFFER_OCCUPANCY, attributes(about), np.clip(share, 0.0, 1.0), minutes_ns)

    def _serve(self, block: Block, pairs: Segment, rng: np.random.Generator) -> None:
        minutes_ns = block.moments(MINUTE_NS)
        astray = block.parameter_at(self.id, MISALLOCATED, 0.0, pairs.ready_s)
        demand = block.parameter(self.id, DEMAND, 1.0)
        rounds = self._demand.serve(
            block,
            rng,
            pairs.ready_s,
            until_s=(minutes_ns - block.start_ns) / SECOND_NS,
            factors=(demand,) * len(PRIORITIES),
            kept_from_high=rng.random(len(pairs.ready_s)) < astray,
        )
        for each in rounds:
            about = {ATTR_DEVICE_ID: self.id, ATTR_PRIORITY: each.priority}
            ready_s = pairs.ready_s[each.outcome.served_by]
            for outcome, at_s in (("success", ready_s), ("timeout", each.outcome.lost_s)):
                block.count_at(METRIC_REPEATER_REQUESTS, attributes({**about, ATTR_OUTCOME: outcome}), at_s)
            block.levels(METRIC_REPEATER_QUEUE_DEPTH, attributes(about), each.depth, minutes_ns)
            block.samples(METRIC_REPEATER_LATENCY, self._chain, ready_s - each.outcome.asked_s, ready_s)

    def _tell_truth(self, block: Block) -> None:
        preset = self._preset
        for quantity, value, low, high in (
            (SWAP_SUCCESS, preset.swap_success, 0.97 * preset.swap_success, 1.0),
            (SYNC_LOSS, preset.sync_loss_probability, 0.0, 0.02),
            (OUT_OF_ORDER, preset.out_of_order_probability, 0.0, 0.02),
            (LOG_ERRORS, preset.log_error_hz, 0.0, 10 * preset.log_error_hz),
            (MEMORY_SHARE, 1.0, 0.6, 1.0),
            (DEMAND, 1.0, 0.5, 1.5),
            (MISALLOCATED, 0.0, 0.0, 0.3),
        ):
            block.truth(self.id, "repeater", quantity, block.parameter(self.id, quantity, value), low=low, high=high)


def _shifted(segment: Segment, which: NDArray[np.int64]) -> Segment:
    """Return the pairs that still wait, as the next block sees them."""
    left = segment.select(which)
    return Segment(ready_s=left.ready_s - BLOCK_S, bell=left.bell)
