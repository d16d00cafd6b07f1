"""The scoreboard of game days: goals, rates by domain and magnitude, and one row for each fault, the worst first.

Markdown for a terminal, HTML in one self-contained file for everybody else; both say the same.
"""

from collections.abc import Sequence

from herald.gameday.cause_sweep import Score, judge_goals, tell_misses
from herald.gameday.cause_sweep import tabulate as tabulate_causes
from herald.gameday.detection_sweep import Detection, judge_detections
from herald.gameday.detection_sweep import tabulate as tabulate_days
from herald.gameday.goals import Result, tabulate_results
from reports.render_html import render_page, render_titled
from reports.render_text import render_table
from reports.report_tables import Table

_TITLE = "Game days"


def judge(days: Sequence[Detection], scores: Sequence[Score]) -> list[Result]:
    """Return how everything that was played stands to its goals."""
    return [*(judge_detections(days) if days else ()), *(judge_goals(scores) if scores else ())]


def render_scoreboard_markdown(days: Sequence[Detection], scores: Sequence[Score]) -> str:
    """Return the scoreboard as Markdown."""
    tables = [tabulate_results(judge(days, scores)), *_rates(days, scores), *_each(days), *_misses(scores)]
    return "\n".join([f"# {_TITLE}\n", *map(render_table, tables)])


def render_scoreboard_html(days: Sequence[Detection], scores: Sequence[Score]) -> str:
    """Return the scoreboard as one HTML document without script."""
    results = judge(days, scores)
    states = [_STATES[verdict] for *_, verdict in tabulate_results(results).rows]
    body = [
        f"<h1>{_TITLE}</h1>",
        render_titled(tabulate_results(results), states),
        *map(render_titled, _rates(days, scores)),
        *(render_titled(table, [_state(day) for day in sorted(days, key=_worst_first)]) for table in _each(days)),
        *map(render_titled, _misses(scores)),
    ]
    return render_page(_TITLE, "\n".join(body) + "\n")


_STATES = {
    "MISSED": "exhausted",
    "less than asked, as documented": "at_risk",
    "not measured": "no_data",
    "met": "ok",
}

_VERDICTS = {"exhausted": "missed", "at_risk": "short", "ok": "met"}


def _rates(days: Sequence[Detection], scores: Sequence[Score]) -> list[Table]:
    return [*([tabulate_days(days)] if days else ()), *([tabulate_causes(scores)] if scores else ())]


def _each(days: Sequence[Detection]) -> list[Table]:
    if not days:
        return []
    numbers = ("Noticed", "At best", "Resolved", "Resolved at best", "Cause's rank")
    return [
        Table(
            title="Each fault, worst first",
            columns=("Fault", "On", "Strength", "Route", *numbers, "What went wrong", "Verdict"),
            numbers=frozenset(numbers),
            sentence=(
                "Noticed is the time from the injection to the first alert of the route, resolved that from the "
                "clearing to the end of the last alert; at best, on the simulator's own events. The cause's rank is "
                "its place among the suspects ten minutes after that alert."
            ),
            rows=[_row(day) for day in sorted(days, key=_worst_first)],
        )
    ]


def _row(day: Detection) -> tuple[str, ...]:
    return (
        f"{day.fault} {day.title}",
        day.struck,
        f"{day.magnitude}, seed {day.seed}",
        day.route if day.noticed_s is not None else f"no {day.route}",
        *(_minutes(s) for s in (day.noticed_s, day.least_noticed_s, day.resolved_s, day.least_resolved_s)),
        "-" if day.rank is None else str(day.rank),
        "; ".join(day.shortcomings) or "nothing",
        _VERDICTS[_state(day)],
    )


def _minutes(length_s: float | None) -> str:
    """Return `11 min`; nothing that is judged by the minute is known better.

    >>> _minutes(660.0)
    '11 min'
    """
    return "-" if length_s is None else f"{length_s / 60:.0f} min"


def _worst_first(day: Detection) -> tuple[object, ...]:
    """Return the order: unnoticed, false alerts, late, slow to resolve, cause not first; then by how long it took."""
    return (
        day.noticed_s is not None,
        not day.false_alerts,
        day.in_time,
        day.resolved_in_time,
        -(day.rank or 1_000),
        -(day.noticed_s or 0.0),
        day.fault,
        day.magnitude,
        day.seed,
    )


def _state(day: Detection) -> str:
    if day.noticed_s is None or day.false_alerts:
        return "exhausted"
    return "at_risk" if day.shortcomings else "ok"


def _misses(scores: Sequence[Score]) -> list[Table]:
    rows = [(told,) for told in tell_misses(scores)]
    return [Table(title="Causes that did not come first", columns=("Case",), rows=rows)] if scores else []
