"""The incidents of an SLO report: what happened when, what it cost, its likely cause, and how soon it was taken."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean

from model.clock import SECOND_NS
from model.incidents import IncidentFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The share of the window's budget that an objective of one entity lost to an incident."""

    objective: str
    entity: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIncident(IncidentFacts):
    """One incident that hurt inside the window; where it was detected before, it `is_new` no more.

    `lost` has the dearest first. `cause` names the likely one, or says that there is not enough evidence; it is empty
    where nobody looked.
    """

    incident_id: int
    is_new: bool = True
    cause: str = ""
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """How the incidents of a domain were taken: how many of them, and after how many seconds from detection."""

    domain: str
    incidents: int
    acknowledged: int
    mean_s: float | None
    longest_s: float | None


def acknowledgement_by_domain(incidents: Iterable[ReportIncident]) -> tuple[Acknowledgement, ...]:
    """Return how new incidents were acknowledged, domain by domain; those of no domain last.

    What nobody took counts in the share and not in the times: it has none.
    """
    by_domain: dict[str, list[ReportIncident]] = defaultdict(list)
    for incident in incidents:
        if incident.is_new:
            by_domain[incident.domain].append(incident)
    return tuple(
        _acknowledgement(domain, by_domain[domain]) for domain in sorted(by_domain, key=lambda d: (not d, d))
    )


def _acknowledgement(domain: str, incidents: list[ReportIncident]) -> Acknowledgement:
    took_s = [(i.acknowledged_ns - i.detected_ns) / SECOND_NS for i in incidents if i.acknowledged_ns is not None]
    return Acknowledgement(
        domain=domain,
        incidents=len(incidents),
        acknowledged=len(took_s),
        mean_s=mean(took_s) if took_s else None,
        longest_s=max(took_s, default=None),
    )
