"""The scale-up board for diagnosis: every qubit and gate, readout, the room around, and one job stage by stage."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames, scaleup_qubits, variables
from dashboards.board import Board
from dashboards.counter_panels import gauges, temperatures
from dashboards.domains import SCALEUP, in_sites
from dashboards.estimate_panels import estimates
from dashboards.frames import OWN
from dashboards.panels import Head
from dashboards.trace_panels import latest_jobs, stages_of_job
from model.names import (
    ATTR_QUBIT_ID,
    METRIC_CROSSTALK_ERROR,
    METRIC_ENVIRONMENT_HUMIDITY,
    METRIC_ENVIRONMENT_LASER_POWER,
    METRIC_ENVIRONMENT_MAGNETIC_FIELD,
    METRIC_ENVIRONMENT_VIBRATION,
    METRIC_QUBIT_READOUT_ERROR,
    SPAN_JOB,
)
from slo import Objective


def build(_objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.debug(
        SCALEUP,
        question="Which qubit, gate or sensor explains the errors, and where did this one job lose its time?",
        cites=("scaleup.PD3",),
        more=[
            variables.attribute("qubit", "Qubit", METRIC_QUBIT_READOUT_ERROR, ATTR_QUBIT_ID, within=("backend",)),
            variables.jobs(),
        ],
        rows=[
            [scaleup_qubits.gate_map(), scaleup_qubits.gates()],
            [scaleup_qubits.readout(), scaleup_qubits.qubits()],
            [_jobs(), _stages()],
            [_crosstalk(), _temperatures()],
            _environment(),
        ],
    )


def _jobs() -> core.Panel:
    head = Head(
        id=OWN + 4,
        title="Latest jobs",
        about="Traced jobs, newest first. Click one to see its stages beside it",
        cites=("scaleup.PD4",),
        width=14,
    )
    return latest_jobs(head, SPAN_JOB, in_sites(), uid=SCALEUP.uid("debug"))


def _stages() -> core.Panel:
    head = Head(
        id=OWN + 5,
        title="Stages of one job",
        about="The trace of the newest chosen job: queue, compile, cold start, execute, postprocess. The longest "
        "bar is where its time went",
        cites=("scaleup.PD4",),
        width=10,
    )
    return stages_of_job(head, SPAN_JOB, in_sites())


def _crosstalk() -> core.Panel:
    head = Head(
        id=OWN + 6,
        title="Crosstalk error",
        about="Error that a two-qubit gate gains while its neighbours are driven, within its 95 % limits",
        cites=("scaleup.PD1", "community.F9"),
    )
    return estimates(head, METRIC_CROSSTALK_ERROR, "backend", SCALEUP.chosen, decimals=2)


def _temperatures() -> core.Panel:
    head = Head(
        id=OWN + 7,
        title="Temperatures at the site",
        about="Cryostat stages and the room. A warm stage shortens T1 and T2 of every qubit at once",
        cites=("scaleup.PD3",),
    )
    return temperatures(head, in_sites())


def _environment() -> list[core.Panel]:
    sensors = (
        ("Humidity", METRIC_ENVIRONMENT_HUMIDITY, "Relative humidity of the laboratory; above 60 % optics drift"),
        ("Vibration", METRIC_ENVIRONMENT_VIBRATION, "Acceleration of the floor; peaks are works or a pump"),
        ("Magnetic field", METRIC_ENVIRONMENT_MAGNETIC_FIELD, "Stray field; slow swings move qubit frequencies"),
        ("Laser power", METRIC_ENVIRONMENT_LASER_POWER, "Power of the laser; a fall comes before fidelity falls"),
    )
    return [
        gauges(
            Head(id=OWN + 8 + index, title=title, about=about, cites=("scaleup.PD3",), width=6, height=6),
            metric,
            "device",
            in_sites(),
        )
        for index, (title, metric, about) in enumerate(sensors)
    ]
