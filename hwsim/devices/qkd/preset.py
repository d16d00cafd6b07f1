"""What describes a QKD pair: source, fibre, detectors, post-processing and key store, and which protocol it runs."""

from dataclasses import dataclass
from typing import Final

from hwsim.documents import Reader

DECOY_BB84: Final = "decoy_bb84"
BBM92: Final = "bbm92"


@dataclass(frozen=True, slots=True, kw_only=True)
class QkdPreset:
    """A kind of QKD pair.

    `background_probability` is that of a click per pulse without light, of both detectors together, which sleep for
    `dead_time_s` after one; `signal_photons` and
    `decoy_photons` are means per pulse, and what is neither signal nor decoy is vacuum. `mean_pairs` per pulse are
    those of an entangled source in the middle. A session is post-processed with `reconciliation_factor` times the
    Shannon limit and repeated at most `retry_limit` times.
    """

    repetition_hz: float
    loss_db_per_km: float
    detector_efficiency: float
    dead_time_s: float
    background_probability: float
    misalignment_error: float
    misalignment_drift_share: float
    drift_correlation_s: float
    signal_photons: float
    decoy_photons: float
    signal_share: float
    decoy_share: float
    mean_pairs: float
    reconciliation_factor: float
    mismatch_probability: float
    retry_limit: float
    reconciliation_s: float
    finite_block_bits: float
    store_limit_bits: float
    load_share: float
    load_daily_share: float
    handoff_s: float
    rotation_s: float

    def problems(self) -> list[tuple[str, str]]:
        """Return what does not fit together."""
        wrong = []
        if not self.signal_photons > self.decoy_photons > 0:
            wrong.append(("decoy_photons", "must be more than 0 and less than signal_photons"))
        if not 0 < self.decoy_share < 1 - self.signal_share:
            wrong.append(("decoy_share", "must be more than 0 and leave pulses for the vacuum"))
        if self.reconciliation_factor < 1:
            wrong.append(("reconciliation_factor", "must be at least 1, the Shannon limit"))
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class QkdSettings:
    """The fibre between both ends, and the protocol."""

    length_km: float
    protocol: str


def read_settings(reader: Reader) -> QkdSettings:
    """Read the keys `length_km` and `protocol` of a device."""
    return QkdSettings(
        length_km=reader.number("length_km", minimum=0.0),
        protocol=reader.one_of("protocol", (DECOY_BB84, BBM92), DECOY_BB84),
    )
