"""What most likely caused an incident: statistics over all series, and an explainable ranking of suspects."""

from reports.cause.findings import PAST_NS, SEARCH_NS
from reports.cause.rank import investigate, rank_suspects
from reports.cause.suspect import Ranking, Suspect

__all__ = ["PAST_NS", "SEARCH_NS", "Ranking", "Suspect", "investigate", "rank_suspects"]
