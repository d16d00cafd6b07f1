"""Platform presets: the numbers of a kind of hardware, read from `presets/*.yaml`, each with its source."""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TypeVar

from hwsim.documents import Reader, read_document
from model.errors import InvalidInputError

PRESETS = Path(__file__).parent / "presets"
SAMPLE_STAGE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryPreset:
    """A memory slot and how it is operated; times in seconds, the rest probabilities or relative values."""

    t1_s: float
    t2_s: float
    operation_error: float
    write_success: float
    read_success: float
    write_s: float
    read_s: float
    reset_s: float
    mean_hold_s: float
    hold_shape: float
    queue_limit: float
    fidelity_noise: float
    t1_drift: float
    t2_drift: float
    drift_correlation_s: float
    thermal_rate_hz: float
    thermal_reference_k: float
    thermal_activation_k: float
    t1_shots: float
    t2_shots: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreset:
    """A heralded link; `detection_probability` is that of a node's photon at zero fibre length."""

    detection_probability: float
    visibility: float
    dark_probability: float
    loss_db_per_km: float
    bright_population: float
    phase_rms_rad: float
    local_s: float
    emission_s: float
    request_timeout_s: float
    fidelity_noise: float
    loss_drift_db: float
    drift_correlation_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerPreset:
    """Control messages: log-normal round trips, a few of them lost once and repeated."""

    round_trip_s: float
    round_trip_spread: float
    retransmit_probability: float
    retransmit_s: float
    heartbeat_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePreset:
    """A cryostat stage at its operating temperature; `rise` is its warming per kelvin of the sample stage."""

    name: str
    title: str
    temperature_k: float
    rise: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CryostatPreset:
    """A closed-cycle cryostat; one of its stages is called `sample`."""

    warming_s: float
    cooling_s: float
    sensor_noise_k: float
    alarm_k: float
    stages: tuple[StagePreset, ...]

    @property
    def sample(self) -> StagePreset:
        """Return the stage that holds the qubits."""
        return next(stage for stage in self.stages if stage.name == SAMPLE_STAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Everything that a platform's devices have in common."""

    name: str
    title: str
    memory: MemoryPreset
    link: LinkPreset
    controller: ControllerPreset
    cryostat: CryostatPreset


@cache
def load_preset(name: str, folder: Path = PRESETS) -> Preset:
    """Return the preset of that name.

    Raises InvalidInputError for an unknown name, or with everything that is wrong with the file.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise InvalidInputError(f"unknown preset {name!r}", remedy=f"choose one of {known}")
    reader = Reader(read_document(path), place=str(path))
    cryostat = reader.entry("cryostat")
    stages = _read_stages(cryostat)
    memory = _read_numbers(MemoryPreset, reader.entry("memory"))
    if memory.t2_s > 2 * memory.t1_s:
        reader.offend("memory.t2_s", "must not exceed 2 t1_s")
    preset = Preset(
        name=reader.text("name"),
        title=reader.text("title"),
        memory=memory,
        link=_read_numbers(LinkPreset, reader.entry("link")),
        controller=_read_numbers(ControllerPreset, reader.entry("controller")),
        cryostat=CryostatPreset(
            warming_s=cryostat.number("warming_s"),
            cooling_s=cryostat.number("cooling_s"),
            sensor_noise_k=cryostat.number("sensor_noise_k"),
            alarm_k=cryostat.number("alarm_k"),
            stages=stages,
        ),
    )
    reader.finish()
    return preset


_Numbers = TypeVar("_Numbers", MemoryPreset, LinkPreset, ControllerPreset)


def _read_numbers(kind: type[_Numbers], reader: Reader) -> _Numbers:
    return kind(**{field.name: reader.number(field.name, minimum=0.0) for field in fields(kind)})


def _read_stages(cryostat: Reader) -> tuple[StagePreset, ...]:
    stages = tuple(
        StagePreset(
            name=stage.text("name"),
            title=stage.text("title"),
            temperature_k=stage.number("temperature_k", minimum=0.0),
            rise=stage.number("rise", minimum=0.0),
        )
        for stage in cryostat.entries("stages")
    )
    if not any(stage.name == SAMPLE_STAGE for stage in stages):
        cryostat.offend("stages", f"must have one named {SAMPLE_STAGE}")
    return stages
