"""The two domains whose objectives have boards of their own, and how their rows are found."""

from dataclasses import dataclass

from dashboards.sql import one_of
from model.names import METRIC_LINK_REQUESTS, METRIC_MEMORY_WRITES


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain: its name in the database, its word for people, and the column that names its entities."""

    name: str
    plural: str
    column: str
    metric: str  # every entity of the domain has a series of it
    availability: str  # the objective that says whether users are served

    def rows(self, alias: str = "") -> str:
        """Return the condition on an SLO row: this domain, and an entity chosen on the board."""
        prefix = f"{alias}." if alias else ""
        return f"{prefix}domain = '{self.name}' AND {one_of(prefix + self.column, self.column)}"

    @property
    def chosen(self) -> str:
        """Return the condition on telemetry: an entity chosen on the board."""
        return one_of(self.column, self.column)

    def uid(self, board: str) -> str:
        """Return the uid of one of the domain's boards."""
        return f"herald-{self.name}-{board}"


MEMORY = Domain(
    name="memory",
    plural="memories",
    column="device",
    metric=METRIC_MEMORY_WRITES,
    availability="memory-good-retrieval",
)
LINK = Domain(
    name="link",
    plural="links",
    column="link",
    metric=METRIC_LINK_REQUESTS,
    availability="link-availability",
)
DOMAINS = (MEMORY, LINK)
