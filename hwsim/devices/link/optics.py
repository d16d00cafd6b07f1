"""The light of a link: what its arms, detectors and interference are like at any time.

A pure function of time and faults, so that repeaters may ask it too. Within a block the optics are constant, except
where a fault is at work: then they are cut into pieces, at every step of a parameter or, where it glides, every 20 s.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, Block
from hwsim.click_patterns import Patterns, Protocol, build_patterns
from hwsim.devices.link.preset import LinkPreset, LinkSettings
from hwsim.drift import DriftPath
from hwsim.maintenance import Maintenance
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
_MOST_STEPS = 12

Float64s = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """What decides on an attempt: losses of the arms in dB, visibility, dark counts and phase spread."""

    losses_db: tuple[float, float]
    visibility: float
    dark: float
    phase_rms_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Seconds `start` to `stop` of a block with the same optics; `transmission` of the two arms."""

    start: int
    stop: int
    transmission: tuple[float, float]
    heralding: Heralding[float]
    patterns: Patterns


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
        self.nominal = self.piece(
            Light(
                losses_db=(0.0, 0.0),
                visibility=preset.visibility,
                dark=preset.dark_probability,
                phase_rms_rad=preset.phase_rms_rad,
            )
        )
        self._told: tuple[object, list[Piece]] = (None, [])

    def pieces(self, block: Block) -> list[Piece]:
        """Return the optics of a block."""
        key = (block.index, self._conditions.schedule.injections)
        if self._told[0] != key:
            self._told = (key, self._pieces(block))
        return self._told[1]

    def _pieces(self, block: Block) -> list[Piece]:
        columns = self._columns(block)
        if all(np.ndim(column) == 0 for column in columns):
            return [self._at(*(float(column) for column in columns), start=0, stop=BLOCK_S)]
        table = np.column_stack(
            [np.broadcast_to(np.asarray(column, dtype=np.float64), BLOCK_S) for column in columns]
        )
        cuts = 1 + np.flatnonzero((np.diff(table, axis=0) != 0).any(axis=1))
        if len(cuts) > _MOST_STEPS:
            cuts = np.arange(_GLIDE_S, BLOCK_S, _GLIDE_S)
        edges = [0, *cuts.tolist(), BLOCK_S]
        return [self._at(*table[(start + stop) // 2], start=start, stop=stop) for start, stop in pairwise(edges)]

    def _columns(self, block: Block) -> tuple[float | Float64s, ...]:
        preset = self.preset
        drift_db = self._drift.at(block.start_ns, self._maintenance.calibrated_ns(block.start_ns))
        damp, shaking = self._room_excess(block)
        weather_db = preset.humidity_loss_db * damp + preset.vibration_loss_db * shaking
        both_db = block.parameter(self._id, FIBRE_LOSS, 0.0) + weather_db
        steady = np.exp(-preset.vibration_visibility_share * shaking)
        return (
            drift_db[0] + both_db + block.parameter(self._id, ARM_LOSS, 0.0),
            drift_db[1] + both_db,
            np.clip(block.parameter(self._id, VISIBILITY, preset.visibility) * steady, 0.0, 1.0),
            np.clip(block.parameter(self._id, DARK, preset.dark_probability), 0.0, 0.5),
            block.parameter(self._id, PHASE, preset.phase_rms_rad),
        )

    def _room_excess(self, block: Block) -> tuple[float | Float64s, float | Float64s]:
        """Return by how much humidity and vibration exceed their means: of the block's start unless disturbed."""
        if self._room is None:
            return 0.0, 0.0
        name, room = self._room
        quantities = ("humidity", "vibration_m_s2")
        if any(self._conditions.disturbed(name, each, block.start_ns, block.end_ns) for each in quantities):
            damp, shaking = (np.maximum(room.relative(each, block.ends_ns) - 1, 0.0) for each in quantities)
            return damp, shaking
        start_ns = np.array([block.start_ns])
        damp, shaking = (max(float(room.relative(each, start_ns)[0]) - 1, 0.0) for each in quantities)
        return damp, shaking

    def _at(
        self,
        loss_a_db: float,
        loss_b_db: float,
        visibility: float,
        dark: float,
        phase_rms_rad: float,
        *,
        start: int,
        stop: int,
    ) -> Piece:
        light = Light(losses_db=(loss_a_db, loss_b_db), visibility=visibility, dark=dark, phase_rms_rad=phase_rms_rad)
        return self.piece(light, start=start, stop=stop)

    def piece(self, light: Light, *, start: int = 0, stop: int = BLOCK_S) -> Piece:
        """Return the optics with extra losses in the two arms; an arm is half the fibre, never a gain."""
        preset, protocol = self.preset, self.settings.protocol
        usual_db = preset.loss_db_per_km * self.settings.length_km / 2
        arm_a, arm_b = (transmission_of_loss(max(usual_db + loss, 0.0)) for loss in light.losses_db)
        eta_a, eta_b, dark = self._detected(arm_a, arm_b, light.dark)
        patterns = build_patterns(
            Protocol.TWO_CLICK if protocol is Protocol.TWO_CLICK else Protocol.SINGLE_CLICK,
            eta_a=eta_a,
            eta_b=eta_b,
            visibility=light.visibility,
            dark=dark,
            bright=preset.bright_population,
        )
        heralding = (
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
            heralding = _with_multipairs(
                heralding, float(multipair_error(preset.bright_population, max(eta_a, eta_b)))
            )
        return Piece(start=start, stop=stop, transmission=(arm_a, arm_b), heralding=heralding, patterns=patterns)

    def _detected(self, arm_a: float, arm_b: float, dark: float) -> tuple[float, float, float]:
        """Return detection probabilities and dark counts behind jitter, dead time and afterpulses."""
        preset = self.preset
        sigma_s = max(float(jitter_sigma_s(preset.jitter_fwhm_s)), 1e-15)
        seen = preset.detection_probability * float(gate_acceptance(preset.gate_s, sigma_s))
        emitted = 1.0 if self.settings.protocol is Protocol.TWO_CLICK else preset.bright_population
        clicks = emitted * seen * (arm_a + arm_b) / 2 + dark
        dead_gates = preset.dead_time_s * self.attempts_hz
        awake = float(live_share(clicks, dead_gates))
        return (
            seen * arm_a * awake,
            seen * arm_b * awake,
            1 - (1 - dark) * (1 - preset.afterpulse_probability * clicks),
        )


def _with_multipairs(heralding: Heralding[float], share: float) -> Heralding[float]:
    """Return heralds of which a share hides a second pair: both ends are then excited and nothing is coherent."""
    pair = heralding.pair
    populations = (1 - share) * pair.populations + share * np.array([0.0, 0.0, 0.0, 1.0])
    return Heralding(
        probability=heralding.probability,
        pair=PairState(
            populations=populations,
            psi_coherence=(1 - share) * pair.psi_coherence,
            phi_coherence=(1 - share) * pair.phi_coherence,
        ),
    )
