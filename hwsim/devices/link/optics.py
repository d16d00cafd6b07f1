"""The light of a link: what its arms, detectors and interference are like at any time.

A pure function of time and faults, so that repeaters may ask it too. A block is cut into pieces within which the
optics are constant: its intervals, and where a fault is at work, every step of a parameter or, where it glides, every
20 s.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_S, INTERVALS, Block
from hwsim.click_patterns import Patterns, Protocol, build_patterns
from hwsim.devices.link.preset import LinkPreset, LinkSettings
from hwsim.drift import DriftPath
from hwsim.maintenance import Maintenance
from hwsim.physics.arrays import Real
from hwsim.physics.detectors import gate_acceptance, jitter_sigma_s, live_share
from hwsim.physics.heralding import Heralding, attempt_cycle_s, single_click, two_click
from hwsim.physics.pair_sources import multipair_error
from hwsim.physics.photonics import fibre_delay_s, transmission_of_loss
from hwsim.physics.waiting import PairState
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.topology import Relation

ARM_LOSS: Final = "arm_loss_db"
FIBRE_LOSS: Final = "fibre_loss_db"
VISIBILITY: Final = "visibility"
DARK: Final = "dark_probability"
PHASE: Final = "phase_rms_rad"
_GLIDE_S = 20
_MOST_STEPS = 12 * INTERVALS

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """What decides on an attempt: losses of the arms in dB, visibility, dark counts and phase spread.

    Numbers, or one value per piece of a block.
    """

    losses_db: tuple[Real, Real]
    visibility: Real
    dark: Real
    phase_rms_rad: Real


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What the midpoint station makes of such light; `transmission` of the two arms."""

    transmission: tuple[Any, Any]
    heralding: Heralding[Any]
    patterns: Patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Stretches of a block with the same optics: piece i is seconds `edges[i]` to `edges[i + 1]`."""

    edges: Int64s
    station: Station

    @property
    def lasts_s(self) -> Int64s:
        """Return for how long each lasts."""
        return np.diff(self.edges)

    def by_second(self, values: Float64s) -> Float64s:
        """Return a value of each piece for all its seconds."""
        return np.repeat(values, self.lasts_s)


class Optics:
    """The optics of one link."""

    def __init__(self, world: World, spec: DeviceSpec) -> None:
        self.preset: LinkPreset = spec.preset
        self.settings: LinkSettings = spec.settings
        self._id = spec.id
        self._conditions = world.conditions
        self._maintenance: Maintenance = world.maintenance(spec.id)
        room = world.source(spec, Relation.SURROUNDS, "environment")
        self._room = None if room is None else (room.id, world.nature(room.id))
        self._drift = DriftPath(
            spec.id,
            "loss",
            sigmas=np.full(2, self.preset.loss_drift_db),
            correlation_s=self.preset.drift_correlation_s,
            seed=world.seed,
            start_ns=world.start_ns,
        )
        preset = self.preset
        self.attempts_hz = preset.modes * preset.duty_share / attempt_cycle_s(preset.local_s, self.settings.length_km)
        self.flight_s = preset.emission_s + fibre_delay_s(self.settings.length_km)
        self.nominal = self.station(
            Light(
                losses_db=(0.0, 0.0),
                visibility=preset.visibility,
                dark=preset.dark_probability,
                phase_rms_rad=preset.phase_rms_rad,
            )
        )
        self._told: tuple[object, Pieces] | None = None

    def pieces(self, block: Block) -> Pieces:
        """Return the optics of a block."""
        key = (block.index, self._conditions.schedule.injections)
        if self._told is None or self._told[0] != key:
            self._told = (key, self._pieces(block))
        return self._told[1]

    def _pieces(self, block: Block) -> Pieces:
        columns = self._columns(block)
        moves = np.zeros(BLOCK_S - 1, dtype=np.bool_)
        for column in columns:
            if isinstance(column, np.ndarray) and column.ndim:
                moves |= column[1:] != column[:-1]
        steps = 1 + np.flatnonzero(moves)
        every_s = INTERVAL_S if len(steps) <= _MOST_STEPS else _GLIDE_S
        cuts = np.arange(every_s, BLOCK_S, every_s)
        edges = np.concatenate([[0], np.union1d(steps, cuts) if every_s == INTERVAL_S else cuts, [BLOCK_S]])
        middles = (edges[:-1] + edges[1:]) // 2
        loss_a_db, loss_b_db, visibility, dark, phase_rms_rad = (
            np.broadcast_to(column, BLOCK_S)[middles] for column in columns
        )
        light = Light(losses_db=(loss_a_db, loss_b_db), visibility=visibility, dark=dark, phase_rms_rad=phase_rms_rad)
        return Pieces(edges=edges, station=self.station(light))

    def _columns(self, block: Block) -> tuple[float | Float64s, ...]:
        preset = self.preset
        starts_ns = [interval.start_ns for interval in block.intervals]
        drift_db = [self._drift.at(each, self._maintenance.calibrated_ns(each)) for each in starts_ns]
        drift_a_db, drift_b_db = np.repeat(drift_db, INTERVAL_S, axis=0).T
        damp, shaking = self._room_excess(block)
        weather_db = preset.humidity_loss_db * damp + preset.vibration_loss_db * shaking
        both_db = block.parameter(self._id, FIBRE_LOSS, 0.0) + weather_db
        steady = np.exp(-preset.vibration_visibility_share * shaking)
        return (
            drift_a_db + both_db + block.parameter(self._id, ARM_LOSS, 0.0),
            drift_b_db + both_db,
            np.clip(block.parameter(self._id, VISIBILITY, preset.visibility) * steady, 0.0, 1.0),
            np.clip(block.parameter(self._id, DARK, preset.dark_probability), 0.0, 0.5),
            block.parameter(self._id, PHASE, preset.phase_rms_rad),
        )

    def _room_excess(self, block: Block) -> tuple[float | Float64s, float | Float64s]:
        """Return by how much humidity and vibration exceed their means: of intervals' starts unless disturbed."""
        if self._room is None:
            return 0.0, 0.0
        name, room = self._room
        quantities = ("humidity", "vibration_m_s2")
        if any(self._conditions.disturbed(name, each, block.start_ns, block.end_ns) for each in quantities):
            damp, shaking = (np.maximum(room.relative(each, block.ends_ns) - 1, 0.0) for each in quantities)
            return damp, shaking
        starts_ns = np.array([interval.start_ns for interval in block.intervals])
        damp, shaking = (np.maximum(room.relative(each, starts_ns) - 1, 0.0) for each in quantities)
        return np.repeat(damp, INTERVAL_S), np.repeat(shaking, INTERVAL_S)

    def station(self, light: Light) -> Station:
        """Return what comes of extra losses in the two arms; an arm is half the fibre, never a gain."""
        preset, protocol = self.preset, self.settings.protocol
        usual_db = preset.loss_db_per_km * self.settings.length_km / 2
        arm_a, arm_b = (transmission_of_loss(np.maximum(usual_db + loss, 0.0)) for loss in light.losses_db)
        eta_a, eta_b, dark = self._detected(arm_a, arm_b, light.dark)
        patterns = build_patterns(
            Protocol.TWO_CLICK if protocol is Protocol.TWO_CLICK else Protocol.SINGLE_CLICK,
            eta_a=eta_a,
            eta_b=eta_b,
            visibility=light.visibility,
            dark=dark,
            bright=preset.bright_population,
        )
        heralding: Heralding[Any] = (
            two_click(eta_a=eta_a, eta_b=eta_b, visibility=light.visibility, dark=dark)
            if protocol is Protocol.TWO_CLICK
            else single_click(
                bright=preset.bright_population,
                eta_a=eta_a,
                eta_b=eta_b,
                visibility=light.visibility,
                dark=dark,
                phase_rms_rad=light.phase_rms_rad,
            )
        )
        if protocol is Protocol.SPDC:
            share = multipair_error(preset.bright_population, np.maximum(eta_a, eta_b))
            heralding = _with_multipairs(heralding, np.asarray(share))
        return Station(transmission=(arm_a, arm_b), heralding=heralding, patterns=patterns)

    def _detected(self, arm_a: Real, arm_b: Real, dark: Real) -> tuple[Real, Real, Real]:
        """Return detection probabilities and dark counts behind jitter, dead time and afterpulses."""
        preset = self.preset
        sigma_s = max(float(jitter_sigma_s(preset.jitter_fwhm_s)), 1e-15)
        seen = preset.detection_probability * float(gate_acceptance(preset.gate_s, sigma_s))
        emitted = 1.0 if self.settings.protocol is Protocol.TWO_CLICK else preset.bright_population
        clicks = emitted * seen * (arm_a + arm_b) / 2 + dark
        dead_gates = preset.dead_time_s * self.attempts_hz
        awake: Real = live_share(clicks, dead_gates)
        return (
            seen * arm_a * awake,
            seen * arm_b * awake,
            1 - (1 - dark) * (1 - preset.afterpulse_probability * clicks),
        )


def _with_multipairs(heralding: Heralding[Any], share: Float64s) -> Heralding[Any]:
    """Return heralds of which a share hides a second pair: both ends are then excited and nothing is coherent."""
    pair = heralding.pair
    hidden = share[..., None]
    populations = (1 - hidden) * pair.populations + hidden * np.array([0.0, 0.0, 0.0, 1.0])
    return Heralding(
        probability=heralding.probability,
        pair=PairState(
            populations=populations,
            psi_coherence=(1 - share) * pair.psi_coherence,
            phi_coherence=(1 - share) * pair.phi_coherence,
        ),
    )
