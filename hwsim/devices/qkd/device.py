"""A QKD pair: pulses, sifting, sessions of post-processing a minute long, and keys for applications.

A session whose error ratio leaves no key is aborted; one whose reconciliation does not agree is repeated a few times
and then fails (catalogue network.F5, network.B4). Telemetry: network.M6, network.TEL9-13, 37, 39-41, 47, 48, 54, 55,
link.TEL10, 52. Names follow ETSI GS QKD 015 where it has the word.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.block import BLOCK_S, INTERVAL_S, INTERVALS, Block
from hwsim.devices.controller import ControlPlane
from hwsim.devices.qkd.counts import SESSION_S, SESSIONS, Bbm92, Counts, DecoyBb84, KeyProtocol, Light
from hwsim.devices.qkd.finite import FiniteBlocks
from hwsim.devices.qkd.preset import BBM92, QkdPreset, QkdSettings
from hwsim.devices.qkd.store import KeyStore
from hwsim.drift import DriftPath
from hwsim.maintenance import Maintenance
from hwsim.physics.key_thresholds import bb84_threshold
from hwsim.physics.photonics import fibre_transmission, transmission_of_loss
from hwsim.spec import DeviceSpec
from hwsim.world import World
from model.attributes import attributes
from model.clock import SECOND_NS
from model.names import (
    ATTR_DEVICE_ID,
    ATTR_OUTCOME,
    ATTR_QKD_PULSE,
    EVENT_QKD_ABORT,
    EVENT_QKD_ROTATION,
    METRIC_QKD_DETECTIONS,
    METRIC_QKD_ERROR_RATIO,
    METRIC_QKD_HANDOFF_LATENCY,
    METRIC_QKD_KEY_RATE,
    METRIC_QKD_KEYS_DELIVERED,
    METRIC_QKD_PULSES,
    METRIC_QKD_RECONCILIATION_RETRIES,
    METRIC_QKD_SECRET_BITS,
    METRIC_QKD_SESSION_DURATION,
    METRIC_QKD_SESSIONS,
    METRIC_QKD_SIFTED_BITS,
    METRIC_QKD_STORE_LEVEL,
)
from model.readings import Happening

MISALIGNMENT: Final = "misalignment_error"
FIBRE_LOSS: Final = "fibre_loss_db"
MISMATCH: Final = "mismatch_probability"
_HANDOFFS_TOLD = 5  # hand-offs a minute whose latency is reported

Float64s = NDArray[np.float64]
Bools = NDArray[np.bool_]
_ENDS_S = SESSION_S * np.arange(1, SESSIONS + 1, dtype=np.float64)


class QkdPair:
    """Both ends of one QKD pair."""

    def __init__(self, world: World, spec: DeviceSpec, plane: ControlPlane, maintenance: Maintenance) -> None:
        self.id = spec.id
        self._preset: QkdPreset = spec.preset
        settings: QkdSettings = spec.settings
        self._length_km = settings.length_km
        self._protocol: KeyProtocol = (Bbm92 if settings.protocol == BBM92 else DecoyBb84)(self._preset)
        self._plane = plane
        self._maintenance = maintenance
        self._drift = DriftPath(
            spec.id,
            "misalignment",
            sigmas=np.array([self._preset.misalignment_drift_share]),
            correlation_s=self._preset.drift_correlation_s,
            seed=world.seed,
            start_ns=world.start_ns,
        )
        self._fibre = fibre_transmission(self._length_km, self._preset.loss_db_per_km)
        usual = Light(transmittance=self._fibre, misalignment=self._preset.misalignment_error)
        self._store = KeyStore(self._preset, self._protocol.expected_bits_per_s(usual))
        self._finite = FiniteBlocks(spec.id, self._preset)
        self._limit = bb84_threshold(self._preset.reconciliation_factor)
        self._pair = attributes({ATTR_DEVICE_ID: spec.id})
        self._outcomes = [
            attributes({ATTR_DEVICE_ID: spec.id, ATTR_OUTCOME: outcome}) for outcome in ("success", "failure")
        ]

    def simulate(self, block: Block) -> None:
        """Live through a block."""
        light, rng = self._light(block), block.rng(self.id, "key")
        counts = self._protocol.run(light, rng)
        for name, pulses in counts.pulses.items():
            about = attributes({ATTR_DEVICE_ID: self.id, ATTR_QKD_PULSE: name})
            block.count(METRIC_QKD_PULSES, about, pulses)
            block.count(METRIC_QKD_DETECTIONS, about, counts.detections[name])
        block.count(METRIC_QKD_SIFTED_BITS, self._pair, counts.sifted)
        secret = self._reconcile(block, counts, rng)
        self._estimate_errors(block, counts)
        self._finite.report(block, counts)
        self._hand_out(block, secret, rng)
        block.when_asked(lambda asked: self._tell_truth(asked, light))
        self._maintenance.report(block)

    def _light(self, block: Block) -> Light:
        starts_ns = [interval.start_ns for interval in block.intervals]
        drift = [float(self._drift.at(each, self._maintenance.calibrated_ns(each))[0]) for each in starts_ns]
        usual = block.parameter(self.id, MISALIGNMENT, self._preset.misalignment_error)
        loss_db = np.maximum(block.parameter(self.id, FIBRE_LOSS, 0.0), 0.0)
        return Light(
            transmittance=self._fibre * transmission_of_loss(loss_db),
            misalignment=np.clip(usual * np.repeat(np.exp(drift), INTERVAL_S), 0.0, 0.5),
        )

    def _reconcile(self, block: Block, counts: Counts, rng: np.random.Generator) -> Float64s:
        """Return the secret bits of each session that reconciliation and the error ratio let through."""
        at_s = _ENDS_S
        mismatch = block.parameter_at(self.id, MISMATCH, self._preset.mismatch_probability, at_s)
        failures = rng.geometric(1 - np.clip(mismatch, 0.0, 0.999)) - 1
        retries = np.minimum(failures, int(self._preset.retry_limit))
        block.count_at(METRIC_QKD_RECONCILIATION_RETRIES, self._pair, np.repeat(at_s, retries))
        spread = np.exp(rng.normal(0.0, 0.1, SESSIONS))
        block.samples(
            METRIC_QKD_SESSION_DURATION, self._pair, self._preset.reconciliation_s * (1 + retries) * spread, at_s
        )
        hopeless = (counts.error_ratio > self._limit) | (counts.secret <= 0)
        good = (failures <= retries) & ~hopeless
        secret = np.where(good, counts.secret, 0.0)
        for identity, which in zip(self._outcomes, (good, ~good), strict=True):
            block.count_at(METRIC_QKD_SESSIONS, identity, at_s[which])
        self._report_aborts(block, counts, good)
        per_second = np.zeros(BLOCK_S)
        per_second[SESSION_S - 1 :: SESSION_S] = secret
        block.count(METRIC_QKD_SECRET_BITS, self._pair, per_second.astype(np.int64))
        self._estimate_key_rate(block, counts, secret / SESSION_S)
        return secret

    def _estimate_key_rate(self, block: Block, counts: Counts, rates: Float64s) -> None:
        """Report each session's key rate, 0 without key, with the error of what its counts were worth."""
        columns = (rates, counts.secret_error / SESSION_S, counts.sifted_by_session)
        ends_ns = block.ends_ns[SESSION_S - 1 :: SESSION_S].tolist()
        for end_ns, rate, error, sifted in zip(ends_ns, *(each.tolist() for each in columns), strict=True):
            block.estimate(
                METRIC_QKD_KEY_RATE,
                self._pair,
                rate,
                error=error,
                samples=sifted,
                at_ns=end_ns,
                calibrated_ns=self._maintenance.calibrated_ns(end_ns),
            )

    def _report_aborts(self, block: Block, counts: Counts, good: Bools) -> None:
        for session in np.flatnonzero(~good).tolist():
            block.happening(
                Happening(
                    event=EVENT_QKD_ABORT,
                    attributes=self._pair,
                    time_ns=block.start_ns + (session + 1) * SESSION_S * SECOND_NS,
                    body=f"Session of {self.id} without key at an error ratio of {counts.error_ratio[session]:.3f}",
                    severity="WARN",
                )
            )

    def _estimate_errors(self, block: Block, counts: Counts) -> None:
        columns = (each.reshape(INTERVALS, -1).sum(axis=1).tolist() for each in (counts.sifted, counts.errors))
        for end_ns, sifted, errors in zip(block.interval_ends_ns.tolist(), *columns, strict=True):
            if not sifted:
                continue
            share = (errors + 1) / (sifted + 2)
            block.estimate(
                METRIC_QKD_ERROR_RATIO,
                self._pair,
                errors / sifted,
                error=float(np.sqrt(share * (1 - share) / sifted)),
                samples=sifted,
                at_ns=end_ns,
                calibrated_ns=self._maintenance.calibrated_ns(end_ns),
            )

    def _hand_out(self, block: Block, secret: Float64s, rng: np.random.Generator) -> None:
        deliveries = self._store.pass_minutes(block, secret, rng)
        minutes_ns = block.ends_ns[SESSION_S - 1 :: SESSION_S]
        block.levels(METRIC_QKD_STORE_LEVEL, self._pair, deliveries.level, minutes_ns)
        for identity, keys in zip(self._outcomes, (deliveries.delivered, deliveries.missed), strict=True):
            per_second = np.zeros(BLOCK_S, dtype=np.int64)
            per_second[SESSION_S - 1 :: SESSION_S] = keys
            block.count(METRIC_QKD_KEYS_DELIVERED, identity, per_second)
        told = np.repeat(_ENDS_S, np.minimum(deliveries.delivered, _HANDOFFS_TOLD))
        message_s = self._plane.draw_s(block.start_ns + (told * SECOND_NS).astype(np.int64), rng)
        block.samples(METRIC_QKD_HANDOFF_LATENCY, self._pair, self._preset.handoff_s + message_s, told)
        for when_ns in block.moments(round(self._preset.rotation_s * SECOND_NS)).tolist():
            body = f"Keys of {self.id} were rotated"
            block.happening(Happening(event=EVENT_QKD_ROTATION, attributes=self._pair, time_ns=when_ns, body=body))

    def _tell_truth(self, block: Block, light: Light) -> None:
        preset = self._preset
        drift = np.exp(6 * preset.misalignment_drift_share)
        for quantity, values, low, high in (
            ("transmittance", light.transmittance, 0.7 * self._fibre, self._fibre),
            (MISALIGNMENT, light.misalignment, 0.0, preset.misalignment_error * drift),
            (MISMATCH, block.parameter(self.id, MISMATCH, preset.mismatch_probability), 0.0,
             3 * preset.mismatch_probability),
        ):  # fmt: skip
            block.truth(self.id, "qkd", quantity, values, low=low, high=high)
