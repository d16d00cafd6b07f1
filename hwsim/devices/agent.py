"""A telemetry agent: it decides what of its site is told, and can itself fail.

It is the last device of a site to live through a block. What it loses is lost for good, as from an agent that keeps
nothing. While it is silent so is its heartbeat; when it speaks again it knows from its own schedule how many points
it owes and counts them as failures, so that completeness can be told afterwards. Catalogue link.M9, scaleup.M8,
community.M8, link.TEL38, link.TEL39, link.TEL42.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_S, INTERVALS, Block
from hwsim.kind import Kind
from hwsim.loss import estimate_times_ns, lose_calibrations, lose_stages, second_of, trace_ends_ns
from hwsim.maintenance import Maintenance
from hwsim.spec import DeviceSpec
from hwsim.tracks import Bools
from hwsim.world import World
from model.attributes import Attributes, attributes
from model.clock import MINUTE_NS, SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    METRIC_AGENT_ESTIMATES,
    METRIC_AGENT_POINTS,
    METRIC_AGENT_TRACES,
    METRIC_AGENT_UPTIME,
)
from model.topology import Relation

SILENT: Final = "silent"
METRICS_LOST: Final = "metrics_lost_share"
TRACES_LOST: Final = "traces_lost"
CALIBRATION_LOST: Final = "calibration_metadata_lost"
_MINUTE_S = MINUTE_NS // SECOND_NS
_LOSS_LIMIT = 0.02  # of exports, beyond what nominal life has

Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPreset:
    """An agent that exports once a minute; a share of its exports fails in nominal life."""

    export_loss_share: float


class Agent:
    """Watches the entities that name it in `watched_by`, or all of its site (None) if none does."""

    def __init__(
        self, spec: DeviceSpec, watched: frozenset[str] | None, maintenance: Maintenance, start_ns: int
    ) -> None:
        self.id = spec.id
        self._preset: AgentPreset = spec.preset
        self._watched = watched
        self._maintenance = maintenance
        self._up_since_ns = start_ns
        self._was_silent = False
        self._owed = 0
        self._known: dict[Attributes, bool] = {}
        self._identity = attributes({ATTR_DEVICE_ID: spec.id})
        self._sent, self._failed = (
            attributes({ATTR_DEVICE_ID: spec.id, ATTR_OUTCOME: outcome}) for outcome in ("success", "failure")
        )

    def simulate(self, block: Block) -> None:
        """Lose what the agent loses of the block, and report what it did."""
        self._known.clear()  # jobs come once: what was known of them would grow for ever
        self._maintenance.report(block)
        silent = self._flag(block, SILENT)
        failed = self._failed_exports(block)
        points = self._points(block)
        traceless = self._flag(block, TRACES_LOST)
        self._tell(block, METRIC_AGENT_TRACES, trace_ends_ns(block, self._speaks_for), traceless)
        undated = self._flag(block, CALIBRATION_LOST)
        self._tell(block, METRIC_AGENT_ESTIMATES, estimate_times_ns(block, self._speaks_for), undated)
        if traceless.any():
            lose_stages(block, traceless, self._speaks_for)
        if undated.any():
            lose_calibrations(block, undated, self._speaks_for)
        if failed.any():
            block.mute(failed, lambda about: about != self._identity and self._speaks_for(about))
        self._report_points(block, points, failed, silent)
        self._report_uptime(block, silent)
        if silent.any():
            block.mute(silent, self._speaks_for)

    def _flag(self, block: Block, parameter: str) -> Bools:
        """Return the seconds in which a parameter of 0 or 1 is set."""
        values = block.each_second(self.id, parameter, 0.0)
        block.when_asked(lambda asked: asked.truth(self.id, "agent", parameter, values, low=0.0, high=0.0))
        return values > 0.5

    def _speaks_for(self, about: Attributes) -> bool:
        """Return whether telemetry about an entity comes from this agent; its own heartbeat does."""
        if self._watched is None:
            return True
        if about not in self._known:
            self._known[about] = any(value == self.id or value in self._watched for _, value in about)
        return self._known[about]

    def _failed_exports(self, block: Block) -> Bools:
        """Return the seconds of the minutes whose export fails."""
        share = block.each_second(self.id, METRICS_LOST, self._preset.export_loss_share)
        block.when_asked(lambda asked: asked.truth(self.id, "agent", METRICS_LOST, share, low=0.0, high=_LOSS_LIMIT))
        fails = block.rng(self.id, "exports").random(BLOCK_S // _MINUTE_S) < share[_MINUTE_S - 1 :: _MINUTE_S]
        return np.repeat(fails, _MINUTE_S)

    def _points(self, block: Block) -> Int64s:
        """Return how many points there are to send, second by second: counters and histograms once a minute.

        A histogram counts in those intervals in which it has samples.
        """
        tracks = block.tracks
        points = np.zeros(BLOCK_S, dtype=np.int64)
        counters = sum(self._speaks_for(about) for _, about in tracks.counts)
        sampled = [parts for (_, about), parts in tracks.samples.items() if self._speaks_for(about)]
        filled = np.zeros((len(sampled), BLOCK_S), dtype=np.bool_)
        for row, parts in zip(filled, sampled, strict=True):
            for seconds, _ in parts:
                row[seconds] = True
        histograms = filled.reshape(-1, INTERVALS, INTERVAL_S).any(axis=2).sum(axis=0)
        points[_MINUTE_S - 1 :: _MINUTE_S] = counters + np.repeat(histograms, INTERVAL_S // _MINUTE_S)
        times = [times for (_, a), parts in tracks.levels.items() if self._speaks_for(a) for times, _ in parts]
        return points + _per_second(block, np.concatenate(times)) if times else points

    def _tell(self, block: Block, metric: str, times_ns: Int64s, lost: Bools) -> None:
        numbers = _per_second(block, times_ns)
        block.count(metric, self._sent, np.where(lost, 0, numbers))
        block.count(metric, self._failed, np.where(lost, numbers, 0))

    def _report_points(self, block: Block, points: Int64s, failed: Bools, silent: Bools) -> None:
        """Report what was sent, what was not, and once the agent speaks again what it owes."""
        lost = np.where(failed & ~silent, points, 0)
        owed = self._owed + np.cumsum(np.where(silent, points, 0))
        back = np.flatnonzero(~silent & np.concatenate([[self._was_silent], silent[:-1]]))
        lost[back] += np.diff(owed[back], prepend=0)
        self._owed = int(owed[-1] - owed[back[-1]]) if len(back) else int(owed[-1])
        self._was_silent = bool(silent[-1])
        block.count(METRIC_AGENT_POINTS, self._sent, np.where(failed | silent, 0, points))
        block.count(METRIC_AGENT_POINTS, self._failed, lost)

    def _report_uptime(self, block: Block, silent: Bools) -> None:
        """Report each minute for how long the agent has been up: its heartbeat."""
        times_ns = block.moments(MINUTE_NS)
        downs_ns = np.concatenate([[self._up_since_ns], block.ends_ns[silent]])
        since_ns = downs_ns[np.maximum(np.searchsorted(downs_ns, times_ns, side="right") - 1, 0)]
        self._up_since_ns = int(downs_ns[-1])
        block.levels(METRIC_AGENT_UPTIME, self._identity, np.maximum(times_ns - since_ns, 0) / SECOND_NS, times_ns)


def _per_second(block: Block, times_ns: Int64s) -> Int64s:
    return np.bincount(second_of(block, times_ns), minlength=BLOCK_S)


def _build(world: World, spec: DeviceSpec) -> Agent:
    named = world.targets(spec.id, Relation.WATCHES)
    watched = frozenset(device.id for device in named) if named else None
    return Agent(spec, watched, world.maintenance(spec.id), world.start_ns)


KIND = Kind(
    name="agent",
    identity=ATTR_DEVICE_ID,
    preset_type=AgentPreset,
    build=_build,
    parameters=frozenset({SILENT, METRICS_LOST, TRACES_LOST, CALIBRATION_LOST}),
)
