"""What most likely caused an incident: statistics over all series, and an explainable ranking of suspects."""

from reports.cause.rank import investigate, rank_suspects
from reports.cause.suspect import Ranking, Suspect

__all__ = ["Ranking", "Suspect", "investigate", "rank_suspects"]
