"""How a state gets into a memory and out again: write and read efficiency from what limits them.

A heralded or deterministic interface states both. An atomic frequency comb follows from optical depth and finesse, an
ensemble in free space from its optical depth, one in a cavity from its cooperativity.
"""

from dataclasses import dataclass
from math import sqrt

from hwsim.documents import Reader
from hwsim.physics.afc import Direction, Teeth, afc_efficiency, spin_wave_efficiency, temporal_modes
from hwsim.physics.optical_memory import amplitude_depth, cavity_efficiency, optimal_efficiency

_SCHEMES = ("direct", "afc", "ensemble", "cavity_ensemble")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """Efficiencies of one write and one read, modes that a write sends, and whether the state is a spin wave."""

    write_efficiency: float
    read_efficiency: float
    modes: float = 1.0
    is_collective: bool = False


def read_interface(entry: Reader) -> Interface:
    """Read the mapping `interface` of a preset; offences are noted in the reader."""
    scheme = entry.one_of("scheme", _SCHEMES)
    if scheme == "direct":
        return Interface(
            write_efficiency=entry.number("write_efficiency", minimum=0.0, maximum=1.0),
            read_efficiency=entry.number("read_efficiency", minimum=0.0, maximum=1.0),
        )
    modes = 1.0
    if scheme == "afc":
        efficiency = _comb(entry)
        modes = temporal_modes(_positive(entry, "spacing_hz"), _positive(entry, "mode_s"))
    elif scheme == "ensemble":
        depth = amplitude_depth(_positive(entry, "optical_depth"))
        efficiency = optimal_efficiency(depth, backward=entry.one_of("direction", tuple(Direction)) == "backward")
    else:
        efficiency = cavity_efficiency(_positive(entry, "cooperativity"))
    one_way = sqrt(efficiency)  # write and read are each other's time reverse
    return Interface(write_efficiency=one_way, read_efficiency=one_way, modes=max(modes, 1.0), is_collective=True)


def _comb(entry: Reader) -> float:
    echo = afc_efficiency(
        _positive(entry, "optical_depth"),
        _positive(entry, "finesse"),
        teeth=Teeth(entry.one_of("teeth", tuple(Teeth))),
        direction=Direction(entry.one_of("direction", tuple(Direction))),
        background=entry.number("background_depth", minimum=0.0),
    )
    control = entry.number("control_efficiency", minimum=0.0, maximum=1.0)
    return float(spin_wave_efficiency(echo, control=control, spin_hold_s=0.0, spin_t2_s=1.0))


def _positive(entry: Reader, key: str) -> float:
    value = entry.number(key, minimum=0.0)
    if value == 0.0:
        entry.offend(key, "must be more than 0")
    return value or 1.0
