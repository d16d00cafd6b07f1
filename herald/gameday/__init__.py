"""Game days: break a simulated fleet on purpose; see whether Herald notices, whom it tells, and what it blames.

The database is thrown away afterwards. What the simulator itself knows is asked for the comparison alone.
"""

from herald.gameday.outcome import Outcome
from herald.gameday.plan import Plan, make_plan
from herald.gameday.play import play

__all__ = ["Outcome", "Plan", "make_plan", "play"]
