"""The memory board for those who answer for the service: promises, budgets, trends, missed SLAs."""

from collections.abc import Sequence

from grafanalib import core

from dashboards import frames
from dashboards.board import Board
from dashboards.counter_panels import LEAST, gauges, rates
from dashboards.distribution_panels import spread
from dashboards.domains import MEMORY
from dashboards.frames import OWN
from dashboards.objective_panels import bound_steps
from dashboards.panels import Head
from model.names import METRIC_MEMORY_FIDELITY, METRIC_MEMORY_READS, METRIC_MEMORY_T2
from slo import Objective


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    return frames.executive(
        MEMORY,
        objectives,
        question="Do the quantum memories keep their promises, and what did it cost when they did not?",
        cites=("memory.PE1", "memory.PE3"),
        rows=[[_fidelity(), _coherence(objectives)], [_reads()]],
    )


def _fidelity() -> core.Panel:
    head = Head(
        id=OWN,
        title="Retrieval fidelity",
        about="Mean fidelity of all retrieved states, with the band that holds nine in ten of them. A falling lower "
        "edge comes before a falling mean",
        cites=("memory.PE2", "memory.M3"),
    )
    return spread(head, METRIC_MEMORY_FIDELITY, MEMORY.chosen, decimals=2)


def _coherence(objectives: Sequence[Objective]) -> core.Panel:
    head = Head(
        id=OWN + 1,
        title="Coherence time T2, worst slot",
        about="T2 of the worst slot of each memory. A slow fall asks for recalibration, a sudden one for a look at "
        "the cryostat",
        cites=("memory.PE2", "memory.M4", "memory.PX1"),
    )
    steps = bound_steps(objectives, "memory-coherence")
    return gauges(head, METRIC_MEMORY_T2, "device", MEMORY.chosen, value=LEAST, by_device=True, steps=steps)


def _reads() -> core.Panel:
    head = Head(
        id=OWN + 2,
        title="States served",
        about="Reads per second by memory: how much was asked of it while promises were kept or missed",
        cites=("memory.PE1", "memory.M6"),
        width=24,
        height=6,
    )
    return rates(head, METRIC_MEMORY_READS, "device", MEMORY.chosen, unit="suffix: reads/s")
