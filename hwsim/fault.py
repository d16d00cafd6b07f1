"""Faults as data: what each entry of `faults/*.yaml` does to which physical parameter, and what should follow.

A fault never writes a metric. It changes parameters of the entity that it strikes (physics, load or behaviour),
may arrive with a change (firmware, configuration, credential), and everything that telemetry shows follows from
that. Ids are those of the catalogue: failure modes F and production breakages B of the five domains.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from hwsim.documents import Reader, open_document
from hwsim.shapes import Form, Shape
from hwsim.signal import SignalQuery, read_signal
from model.errors import InvalidInputError

CALIBRATION_PAUSED: Final = "calibration_paused"

SHIPPED = Path(__file__).parent / "faults"
MEMORY_F7 = "memory.F7"
LINK_F1 = "link.F1"
DOMAINS = ("memory", "link", "scaleup", "network", "community")
ROUTES = ("page", "ticket")
CHANGES = ("firmware", "configuration", "credential", "software")


class Operation(StrEnum):
    """What an amount does to a nominal value."""

    ADD = "add"
    MULTIPLY = "multiply"
    SET = "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A parameter of the struck entity under the fault; the amount is `scale` times the magnitude, plus `offset`."""

    parameter: str
    operation: Operation
    scale: float
    offset: float
    shape: Shape

    def amount(self, magnitude: float) -> float:
        """Return what is added, multiplied with or set at full strength."""
        return self.offset + self.scale * magnitude


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnitude:
    """How strong a fault may be. `faint` may stay unnoticed, `typical` and `gross` break an objective."""

    meaning: str
    faint: float
    typical: float
    gross: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One entry of the fault catalogue; `strikes` is the kind of entity that it can strike.

    `change` is the kind of change with which the fault arrives and with whose roll-back it leaves, or None.
    The true cause is of `cause_kind` and shows in `cause_metric`, or is the change event of that name.
    """

    id: str
    title: str
    strikes: str
    magnitude: Magnitude
    effects: tuple[Effect, ...]
    change: str | None
    cause_kind: str
    cause_metric: str
    signal: SignalQuery
    route: str
    runbook: str

    @property
    def domain(self) -> str:
        """Return the catalogue's domain."""
        return self.id.partition(".")[0]

    @property
    def skips_calibrations(self) -> bool:
        """Return whether calibrations fall out, which is seen once one is late."""
        return any(effect.parameter == CALIBRATION_PAUSED for effect in self.effects)

    def true_cause(self, entity_id: str) -> dict[str, str]:
        """Return what an investigation should name when this fault struck `entity_id`."""
        return {"kind": self.cause_kind, "entity": entity_id, "metric": self.cause_metric}


@cache
def load_faults(folder: Path = SHIPPED) -> Mapping[str, Fault]:
    """Return the fault catalogue by id, in the order of the domains.

    Raises InvalidInputError with everything that is wrong with a file.
    """
    faults = [fault for domain in DOMAINS for fault in _load_file(folder / f"{domain}.yaml")]
    return {fault.id: fault for fault in faults}


def find_fault(fault_id: str) -> Fault:
    """Return the shipped fault of that id; raises InvalidInputError, which names those of the same domain."""
    faults = load_faults()
    if fault_id not in faults:
        alike = [known for known in faults if known.startswith(f"{fault_id.partition('.')[0]}.")]
        remedy = f"choose one of {', '.join(alike)}" if alike else "herald gameday list names them all"
        raise InvalidInputError(f"there is no fault {fault_id!r}", remedy=remedy)
    return faults[fault_id]


def targets_of(fault: Fault, kinds: Mapping[str, str]) -> list[str]:
    """Return the entities that a fault fits; `kinds` are the kinds of a fleet's entities by id."""
    return [name for name, kind in kinds.items() if kind == fault.strikes]


def choose_target(fault: Fault, kinds: Mapping[str, str], entity: str | None = None) -> str:
    """Return the entity to strike: the one that is asked for, or else the first that the fault fits.

    Raises InvalidInputError where the fault fits none of them, or not the one that is asked for.
    """
    fitting = targets_of(fault, kinds)
    remedy = f"choose one of {', '.join(fitting)}" if fitting else f"use a fleet that has a {fault.strikes}"
    if entity is not None and entity not in fitting:
        raise InvalidInputError(
            f"{fault.id} cannot strike {entity!r}, which is no {fault.strikes} of the fleet", remedy=remedy
        )
    if not fitting:
        raise InvalidInputError(f"{fault.id} strikes a {fault.strikes}, and the fleet has none", remedy=remedy)
    return entity or fitting[0]


def _load_file(path: Path) -> list[Fault]:
    if not path.exists():
        return []
    reader = open_document(path)
    faults = [_read_fault(entry) for entry in reader.entries("faults")]
    reader.finish()
    return faults


def _read_fault(entry: Reader) -> Fault:
    cause, change = entry.entry("cause"), entry.text("change", "none")
    return Fault(
        id=entry.text("id"),
        title=entry.text("title"),
        strikes=entry.text("strikes"),
        magnitude=_read_magnitude(entry.entry("magnitude")),
        effects=tuple(_read_effect(effect) for effect in entry.entries("effects")),
        change=None if change == "none" else entry.one_of("change", CHANGES),
        cause_kind=cause.text("kind"),
        cause_metric=cause.text("metric"),
        signal=read_signal(entry.entry("signal")),
        route=entry.one_of("route", ROUTES),
        runbook=entry.text("runbook"),
    )


def _read_magnitude(entry: Reader) -> Magnitude:
    magnitude = Magnitude(
        meaning=entry.text("meaning"),
        **{key: entry.number(key) for key in ("faint", "typical", "gross", "minimum", "maximum")},
    )
    if not all(magnitude.minimum <= m <= magnitude.maximum for m in (magnitude.faint, magnitude.gross)):
        entry.offend("minimum", "minimum and maximum must enclose faint, typical and gross")
    return magnitude


def _read_effect(entry: Reader) -> Effect:
    return Effect(
        parameter=entry.text("parameter"),
        operation=Operation(entry.one_of("change", tuple(Operation))),
        scale=entry.number("scale", 1.0),
        offset=entry.number("offset", 0.0),
        shape=_read_shape(entry),
    )


def _read_shape(entry: Reader) -> Shape:
    form = Form(entry.one_of("form", tuple(Form), Form.STEP))
    shape = Shape(
        form=form,
        **{key: entry.number(key, 0.0, minimum=0.0) for key in ("over_s", "period_s", "on_s", "fade_s")},
    )
    if form in (Form.RAMP, Form.DRIFT) and not shape.over_s:
        entry.offend("over_s", f"a {form} needs it")
    if form in (Form.BURST, Form.OSCILLATION, Form.INTERMITTENT) and not shape.period_s:
        entry.offend("period_s", f"{form} needs it")
    if form in (Form.BURST, Form.INTERMITTENT) and not 0 < shape.on_s <= shape.period_s:
        entry.offend("on_s", "must be more than 0 and at most period_s")
    return shape
