"""The five domains: what names their entities on a board, and how their rows are found."""

from dataclasses import dataclass

from dashboards.sql import one_of
from model.names import (
    METRIC_CALIBRATION_AGE,
    METRIC_CONTROL_MESSAGES,
    METRIC_JOB_COMPLETIONS,
    METRIC_LINK_REQUESTS,
    METRIC_MEMORY_STORAGE_LIFETIME,
    METRIC_MEMORY_WRITES,
    METRIC_PROVIDER_RPCS,
    METRIC_QKD_PULSES,
    METRIC_REPEATER_REQUESTS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain: its name in the database, its words for people, and the column that names its entities."""

    name: str
    title: str
    entity: str
    column: str
    metrics: tuple[str, ...]  # counters; every entity that carries traffic has a series of one of them
    known_by: tuple[str, ...] = ()  # further metrics whose series name entities that a reader may choose
    availability: str = ""  # the objective that says whether users are served

    @property
    def metric(self) -> str:
        """Return the counter by which the domain's traffic is seen first."""
        return self.metrics[0]

    @property
    def identified_by(self) -> tuple[str, ...]:
        """Return the metrics whose series name the entities."""
        return (*self.metrics, *self.known_by)

    def rows(self, alias: str = "") -> str:
        """Return the condition on an SLO row: this domain, and a chosen entity or a promise of the whole service."""
        prefix = f"{alias}." if alias else ""
        column = prefix + self.column
        return f"{prefix}domain = '{self.name}' AND (coalesce({column}, '') = '' OR {one_of(column, self.column)})"

    def alerts(self, alias: str = "") -> str:
        """Return the condition on alerts: of a chosen row, or of a rule without a budget that concerns the domain.

        What such a rule is about, a cryostat for example, is not chosen on the boards, so that all of them count.
        """
        prefix = f"{alias}." if alias else ""
        concerns = f"position('{self.name}.' IN coalesce({prefix}annotations ->> 'catalogue_id', '')) > 0"
        return f"({self.rows(alias)} OR {prefix}domain IS NULL AND {concerns})"

    @property
    def chosen(self) -> str:
        """Return the condition on telemetry: an entity chosen on the board."""
        return one_of(self.column, self.column)

    def uid(self, board: str) -> str:
        """Return the uid of one of the domain's boards."""
        return f"herald-{self.name}-{board}"


MEMORY = Domain(
    name="memory",
    title="Memory",
    entity="Memory",
    column="device",
    metrics=(METRIC_MEMORY_WRITES,),
    availability="memory-good-retrieval",
)
LINK = Domain(
    name="link",
    title="Link",
    entity="Link",
    column="link",
    metrics=(METRIC_LINK_REQUESTS,),
    availability="link-availability",
)
SCALEUP = Domain(
    name="scaleup",
    title="Scale-up",
    entity="Processor",
    column="backend",
    metrics=(METRIC_JOB_COMPLETIONS,),
    known_by=(METRIC_CALIBRATION_AGE,),
)
NETWORK = Domain(
    name="network",
    title="Network",
    entity="Device",
    column="device",
    metrics=(METRIC_REPEATER_REQUESTS, METRIC_QKD_PULSES),
    known_by=(METRIC_CONTROL_MESSAGES, METRIC_MEMORY_STORAGE_LIFETIME),
)
COMMUNITY = Domain(
    name="community",
    title="Community",
    entity="Backend",
    column="backend",
    metrics=(METRIC_PROVIDER_RPCS,),
    known_by=(METRIC_CALIBRATION_AGE, METRIC_JOB_COMPLETIONS),
)
DOMAINS = (MEMORY, LINK, SCALEUP, NETWORK, COMMUNITY)
AUDIENCES = ("executive", "on-call", "debug")


def in_sites(column: str = "site") -> str:
    """Return the condition that a row belongs to a chosen site."""
    return one_of(column, "site")
