"""What both ends of a QKD pair count in a block, and the key that each minute's counts are worth.

Decoy-state BB84 sends weak pulses of three classes; BBM92 has a source of entangled photons in the middle. Counts are
binomial second by second. A session is a minute: its key follows from what was counted, not from the channel, so it
fluctuates as real key does, and it never exceeds the sifted bits, thereby never the repeaterless bound.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_S, INTERVALS
from hwsim.devices.qkd.counted import counted_number, counted_share, with_error
from hwsim.devices.qkd.preset import QkdPreset
from hwsim.physics.arrays import binary_entropy, ratio
from hwsim.physics.bbm92 import EntangledLink
from hwsim.physics.decoy_bb84 import Channel, key_rate_per_pulse, vacuum_and_weak_bounds
from hwsim.physics.detectors import coherent_click_probability, live_share
from hwsim.physics.finite_key import BlockCounts

Float64s = NDArray[np.float64]
Int64s = NDArray[np.int64]
PerSecond = float | Float64s

SESSION_S = 60
SESSIONS = BLOCK_S // SESSION_S
_SIFTED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """The state of a pair's channel: one value, or one per second. `transmittance` is that of the fibre alone."""

    transmittance: PerSecond
    misalignment: PerSecond


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A block's counts: pulses and detections by class and second, and sifted signal bits by second.

    By session (last axis) there are the errors among these and the secret bits they are worth, with the standard
    error that counting gives them; `test` has one row per interval.
    """

    pulses: dict[str, Int64s]
    detections: dict[str, Int64s]
    sifted: Int64s
    errors: Int64s
    secret: Float64s
    secret_error: Float64s
    test: BlockCounts | None = None

    @property
    def sifted_by_session(self) -> Int64s:
        """Return the sifted bits of each session."""
        return by_session(self.sifted)

    @property
    def error_ratio(self) -> Float64s:
        """Return the error ratio of each session."""
        return np.asarray(ratio(self.errors, self.sifted_by_session))


class KeyProtocol(Protocol):
    """What the device asks of a protocol."""

    def run(self, light: Light, rng: np.random.Generator) -> Counts:
        """Return a block's counts."""
        ...

    def expected_bits_per_s(self, light: Light) -> float:
        """Return the secret bits a second of an undisturbed channel, without fluctuations."""
        ...


def by_session(per_second: Int64s) -> Int64s:
    """Return the sums of each minute."""
    return np.asarray(per_second.reshape(SESSIONS, SESSION_S).sum(axis=1))


class DecoyBb84:
    """Prepare and measure with vacuum and one weak decoy."""

    def __init__(self, preset: QkdPreset) -> None:
        self._preset = preset
        self._shares = np.array(
            [preset.signal_share, preset.decoy_share, 1 - preset.signal_share - preset.decoy_share]
        )
        self._photons = {"signal": preset.signal_photons, "decoy": preset.decoy_photons, "vacuum": 0.0}

    def run(self, light: Light, rng: np.random.Generator) -> Counts:
        """Return a block's counts."""
        channel = self._channel(light)
        sent = rng.multinomial(round(self._preset.repetition_hz), self._shares, size=BLOCK_S).T
        pulses = dict(zip(self._photons, sent, strict=True))
        seen = {name: rng.binomial(pulses[name], channel.gain(mean)) for name, mean in self._photons.items()}
        sifted = rng.binomial(seen["signal"], _SIFTED)
        decoys = rng.binomial(by_session(seen["decoy"]), _SIFTED)
        errors = rng.binomial(by_session(sifted), _session_mean(channel.error_ratio(self._preset.signal_photons)))
        decoy_errors = rng.binomial(decoys, _session_mean(channel.error_ratio(self._preset.decoy_photons)))
        secret, error = self._secret(pulses, seen, (by_session(sifted), errors), (decoys, decoy_errors))
        return Counts(
            pulses=pulses,
            detections=seen,
            sifted=sifted,
            errors=errors,
            secret=secret,
            secret_error=error,
            test=self._test_counts(channel, seen, rng),
        )

    def expected_bits_per_s(self, light: Light) -> float:
        """Return the secret bits a second of an undisturbed channel, without fluctuations."""
        channel, preset = self._channel(light), self._preset
        single = vacuum_and_weak_bounds(
            signal=preset.signal_photons,
            decoy=preset.decoy_photons,
            signal_gain=channel.gain(preset.signal_photons),
            decoy_gain=channel.gain(preset.decoy_photons),
            decoy_error_ratio=channel.error_ratio(preset.decoy_photons),
            background=channel.background,
        )
        rate = key_rate_per_pulse(
            signal=preset.signal_photons,
            gain=channel.gain(preset.signal_photons),
            error_ratio=channel.error_ratio(preset.signal_photons),
            single=single,
            reconciliation=preset.reconciliation_factor,
        )
        return float(rate) * preset.signal_share * preset.repetition_hz

    def _channel(self, light: Light) -> Channel:
        """Return the channel up to the click; detectors that sleep after a click see less of both."""
        preset = self._preset
        arriving = np.multiply(light.transmittance, preset.detector_efficiency)
        dead_pulses = preset.dead_time_s * preset.repetition_hz
        awake = live_share(coherent_click_probability(arriving, preset.signal_photons), dead_pulses)
        return Channel(
            transmittance=arriving * awake,
            background=preset.background_probability * awake,
            misalignment=light.misalignment,
        )

    def _secret(
        self,
        pulses: dict[str, Int64s],
        seen: dict[str, Int64s],
        signal: tuple[Int64s, Int64s],
        decoy: tuple[Int64s, Int64s],
    ) -> tuple[Float64s, Float64s]:
        preset, sifted, sent = self._preset, signal[0], by_session(pulses["signal"])

        def bits(gain: Float64s, decoy_gain: Float64s, vacuum: Float64s, wrong: Float64s, odd: Float64s) -> Float64s:
            single = vacuum_and_weak_bounds(
                signal=preset.signal_photons,
                decoy=preset.decoy_photons,
                signal_gain=gain,
                decoy_gain=decoy_gain,
                decoy_error_ratio=odd,
                background=vacuum,
            )
            rate = key_rate_per_pulse(
                signal=preset.signal_photons,
                gain=gain,
                error_ratio=np.minimum(wrong, 1.0),
                single=single,
                reconciliation=preset.reconciliation_factor,
                sifted=_SIFTED,
            )
            return np.minimum(rate * sent, sifted)

        gains = [counted_share(by_session(seen[name]), by_session(pulses[name])) for name in self._photons]
        ratios = [counted_share(errors, number) for number, errors in (signal, decoy)]
        secret, error = with_error(bits, [*gains, *ratios])
        return np.floor(secret), error

    def _test_counts(self, channel: Channel, seen: dict[str, Int64s], rng: np.random.Generator) -> BlockCounts:
        """Return what each basis saw of each interval, a quarter of the detections: key in one, test in the other."""
        totals = np.column_stack([_by_interval(clicks).sum(axis=1) for clicks in seen.values()])
        ratios = [np.broadcast_to(channel.error_ratio(mean), BLOCK_S) for mean in self._photons.values()]
        wrong = np.column_stack([_by_interval(ratio).mean(axis=1) for ratio in ratios])
        key, test = rng.binomial(totals, _SIFTED**2), rng.binomial(totals, _SIFTED**2)
        return BlockCounts(
            key_detections=key.astype(np.float64),
            key_errors=rng.binomial(key, wrong).astype(np.float64),
            test_detections=test.astype(np.float64),
            test_errors=rng.binomial(test, wrong).astype(np.float64),
        )


class Bbm92:
    """Entangled photons from a source half-way."""

    def __init__(self, preset: QkdPreset) -> None:
        self._preset = preset

    def run(self, light: Light, rng: np.random.Generator) -> Counts:
        """Return a block's counts."""
        link, mean = self._link(light), self._preset.mean_pairs
        pulses = np.full(BLOCK_S, round(self._preset.repetition_hz), dtype=np.int64)
        seen = rng.binomial(pulses, link.gain(mean))
        sifted = rng.binomial(seen, _SIFTED)
        total = by_session(sifted)
        errors = rng.binomial(total, _session_mean(link.error_ratio(mean)))
        secret, error = self._secret(total, errors)
        return Counts(
            pulses={"pair": pulses},
            detections={"pair": seen},
            sifted=sifted,
            errors=errors,
            secret=secret,
            secret_error=error,
        )

    def _secret(self, sifted: Int64s, errors: Int64s) -> tuple[Float64s, Float64s]:
        def bits(number: Float64s, wrong: Float64s) -> Float64s:
            entropy = binary_entropy(np.minimum(wrong, 0.5))
            return number * np.maximum(1 - (1 + self._preset.reconciliation_factor) * entropy, 0.0)

        secret, error = with_error(bits, [counted_number(sifted), counted_share(errors, sifted)])
        return np.floor(secret), error

    def expected_bits_per_s(self, light: Light) -> float:
        """Return the secret bits a second of an undisturbed channel, without fluctuations."""
        factor = self._preset.reconciliation_factor
        rate = self._link(light).key_rate_per_pulse(self._preset.mean_pairs, reconciliation=factor)
        return float(rate) * self._preset.repetition_hz

    def _link(self, light: Light) -> EntangledLink:
        arm = np.sqrt(light.transmittance) * self._preset.detector_efficiency
        return EntangledLink(
            eta_a=arm,
            eta_b=arm,
            background_a=self._preset.background_probability,
            background_b=self._preset.background_probability,
            misalignment=light.misalignment,
        )


def _by_interval(per_second: NDArray[Any]) -> NDArray[Any]:
    return per_second.reshape(INTERVALS, INTERVAL_S)


def _session_mean(values: Float64s) -> Float64s:
    if np.ndim(values) == 0:
        return np.full(SESSIONS, float(values))
    return np.asarray(values.reshape(SESSIONS, SESSION_S).mean(axis=1))
