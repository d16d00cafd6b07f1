"""What describes a heralded link: the numbers of its hardware and policies, and what a fleet file says of it."""

from dataclasses import dataclass

from hwsim.click_patterns import Protocol
from hwsim.documents import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreset:
    """A kind of link. `detection_probability` is that of a node's photon at zero length, all losses included.

    `bright_population` is that of a single-click node, or the pair probability of a down-conversion source. `modes`
    attempts run in parallel during `duty_share` of the time. The controller confirms at most `pair_limit_hz` pairs.
    Sensitivities are per unit by which the room's humidity or vibration exceeds its mean, relative to it.
    """

    detection_probability: float
    visibility: float
    dark_probability: float
    loss_db_per_km: float
    bright_population: float
    phase_rms_rad: float
    gate_s: float
    jitter_fwhm_s: float
    dead_time_s: float
    afterpulse_probability: float
    local_s: float
    emission_s: float
    duty_share: float
    modes: float
    pair_limit_hz: float
    confirmation_timeout_s: float
    load_share: float
    load_daily_share: float
    request_timeout_s: float
    use_s: float
    expiry_fidelity: float
    purify_below_fidelity: float
    purification_rounds: float
    fidelity_noise: float
    loss_drift_db: float
    drift_correlation_s: float
    humidity_loss_db: float
    vibration_loss_db: float
    vibration_visibility_share: float

    def problems(self) -> list[tuple[str, str]]:
        """Return what does not fit together."""
        positive = ("duty_share", "detection_probability", "gate_s")
        wrong = [(key, "must be more than 0") for key in positive if not getattr(self, key)]
        if self.modes < 1:
            wrong.append(("modes", "must be at least 1"))
        return wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Where a link runs: the memory banks whose qubits it entangles, the fibre between them, how it heralds."""

    ends: tuple[str, str]
    length_km: float
    protocol: Protocol


def read_settings(reader: Reader) -> LinkSettings:
    """Read the keys `ends`, `length_km` and `protocol` of a device."""
    ends = reader.texts("ends")
    if len(ends) != 2:
        reader.offend("ends", "must name two memory banks, or one twice")
        ends = ("", "")
    return LinkSettings(
        ends=(ends[0], ends[1]),
        length_km=reader.number("length_km", minimum=0.0),
        protocol=Protocol(reader.one_of("protocol", tuple(Protocol))),
    )


def name_banks(settings: LinkSettings) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the banks that a link names."""
    return tuple((end, ("memory",)) for end in settings.ends)
