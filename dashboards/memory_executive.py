"""The memory board for those who answer for the service: promises, budgets, trends, missed SLAs."""

from collections.abc import Sequence

from dashboards import annotations, variables
from dashboards.board import Audience, Board, Way
from dashboards.counter_panels import LEAST, gauges
from dashboards.distribution_panels import spread
from dashboards.domain_panels import budget_bars, budget_lines, objectives_met, open_alerts, page_record, worst_state
from dashboards.domains import MEMORY
from dashboards.objective_panels import burn_panels, of_domain, sli_stat
from dashboards.panels import Head
from model.names import METRIC_MEMORY_FIDELITY, METRIC_MEMORY_T2
from slo import TICKET, Objective


def build(objectives: Sequence[Objective]) -> Board:
    """Return the board."""
    own = of_domain(objectives, MEMORY)
    return Board(
        uid=MEMORY.uid("executive"),
        title="Herald / Memory / Executive",
        question="Do the quantum memories keep their promises, and what did it cost when they did not?",
        audience=Audience.EXECUTIVE,
        domain=MEMORY.name,
        variables=variables.of_domain(MEMORY),
        annotations=annotations.of_domain(MEMORY),
        ways=[
            Way(title="On call", uid=MEMORY.uid("on-call"), keeps_time=False),
            Way(title="Links", uid="herald-link-executive"),
            Way(title="Home", uid="herald-home", keeps_time=False),
        ],
        rows=[
            [
                worst_state(
                    Head(
                        id=1,
                        title="Worst state",
                        about="Worst state of any objective now. AT RISK: a budget burns or less than a "
                        "quarter is left; EXHAUSTED: stop risky changes; NO DATA is not success",
                        cites=("memory.PE1", "memory.X3"),
                        width=6,
                        height=5,
                    ),
                    MEMORY,
                ),
                objectives_met(
                    Head(
                        id=2,
                        title="Objectives met, rolling window",
                        about="Share of objectives and memories at or above target over the objective's "
                        "window. Below 100 %: see which in the table of missed SLAs",
                        cites=("memory.PE1", "memory.X20"),
                        width=6,
                        height=5,
                    ),
                    MEMORY,
                ),
                open_alerts(
                    Head(
                        id=3,
                        title="Pages firing now",
                        about="Alerts that woke somebody and are not resolved. Above 0: open the on-call board",
                        cites=("memory.PE3",),
                        width=6,
                        height=5,
                    ),
                    MEMORY,
                    "page",
                ),
                open_alerts(
                    Head(
                        id=4,
                        title="Tickets firing now",
                        about="Alerts that can wait for working hours and are not resolved",
                        cites=("memory.PE3",),
                        width=6,
                        height=5,
                    ),
                    MEMORY,
                    "ticket",
                ),
            ],
            [sli_stat(objective, MEMORY, ("memory.PE1",)) for objective in own],
            [
                budget_bars(
                    Head(
                        id=5,
                        title="Error budget left, rolling window",
                        about="Share of each error budget that is left, now. Below 25 % at risk, below 0 overspent",
                        cites=("memory.PE1",),
                    ),
                    MEMORY,
                ),
                budget_lines(
                    Head(
                        id=6,
                        title="Error budget over time",
                        about="How each budget was spent and came back as bad minutes left the rolling "
                        "window. A cliff is an incident, a slope is drift",
                        cites=("memory.PE1",),
                    ),
                    MEMORY,
                ),
            ],
            [
                spread(
                    Head(
                        id=7,
                        title="Retrieval fidelity",
                        about="Mean fidelity of all retrieved states, with the band that holds nine in ten of "
                        "them. A falling lower edge comes before a falling mean",
                        cites=("memory.PE2", "memory.M3"),
                    ),
                    METRIC_MEMORY_FIDELITY,
                    MEMORY.chosen,
                    decimals=2,
                ),
                gauges(
                    Head(
                        id=8,
                        title="Coherence time T2, worst slot",
                        about="T2 of the worst slot of each memory. A slow fall asks for recalibration, a "
                        "sudden one for a look at the cryostat",
                        cites=("memory.PE2", "memory.M4", "memory.PX1"),
                    ),
                    METRIC_MEMORY_T2,
                    "device",
                    MEMORY.chosen,
                    value=LEAST,
                ),
            ],
            [
                page_record(
                    Head(
                        id=9,
                        title="Missed SLAs and pages",
                        about="How often and how long each objective paged in the range, and whether its "
                        "promise was kept. Start the review with the first row",
                        cites=("memory.PE3", "memory.X20"),
                        width=24,
                    ),
                    MEMORY,
                )
            ],
            burn_panels(own, MEMORY, TICKET, ("memory.PE1",)),
        ],
    )
