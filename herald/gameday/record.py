"""What is written about a game day, as a review would read it a week later.

The postmortem of the incident that the fault made, and the SLO report of the day.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from herald import VERSION
from herald.gameday.outcome import Outcome
from herald.gameday.plan import Plan
from herald.incident_postmortem import describe_row
from herald.postmortem import collect_postmortem, find_incident
from herald.postmortem_files import write_illustrated
from herald.postmortem_record import PostmortemRecord
from herald.report_period import rolling_period
from herald.slo_reports import collect_report
from herald.standings import read_judged
from model.clock import HOUR_NS
from model.files import write_text
from model.windows import Window
from reports.cause import PAST_NS, SEARCH_NS
from reports.postmortem import Incident
from reports.render_text import render_markdown
from slo import Objective
from store import IncidentRow, RollupStore, Store

_PAST_NS = PAST_NS + SEARCH_NS + HOUR_NS
"""How much before the impact anything looks at, with the hour that may have been dated too late."""
_BUDGET_S = 3600.0
WEB_URL = "http://localhost:8080"
_CONTENTS = """# Postmortems of game days

Herald wrote each of these, and the SLO report of that day, about a fault that a game day injected into the simulated
fleet. Nothing in them was edited by hand. Nobody is on call on a game day, so nobody acknowledges; `TODO(author)`
marks what is for people to write. What ranks the causes knows neither the fault nor the simulator: the true cause
stands in this table and not there.

| Fault | Struck | True cause | Noticed by a | The day |
| --- | --- | --- | --- | --- |
{rows}

This writes them anew, the same to the byte:

```sh
herald gameday run {faults} --postmortem-dir docs/examples
```
"""


def write_record(outcome: Outcome, url: str, objectives: Sequence[Objective], directory: Path) -> Iterator[Path]:
    """Write postmortem and report of what was just played on the database; yield the files, none if nobody was told.

    The postmortem is about the first incident since the fault, or else the alert that noticed it.
    """
    plan = outcome.plan
    with Store(url) as store:
        rows = store.read_incidents(Window(start_ns=plan.injected_ns, end_ns=plan.end_ns))
        row = min(rows, key=lambda row: (row.opened_ns, row.incident_id), default=None)
        incident = _incident(outcome, store, objectives, row)
        if incident is None:
            return
        with RollupStore(url) as rollups:
            rollups.refresh(closed_ns=plan.end_ns, since_ns=incident.impact_ns - _PAST_NS, budget_s=_BUDGET_S)
        record = PostmortemRecord(store, url)
        collected = collect_postmortem(record, objectives, incident, version=VERSION, row=row, web_url=WEB_URL)
        yield from write_illustrated(collected, directory, name_record(plan.fault.id))
        yield write_text(directory / f"{name_record(plan.fault.id)}-report.md", _report(store, objectives, plan))


def _report(store: Store, objectives: Sequence[Objective], plan: Plan) -> str:
    """Return the report of the day on the service in whose domain the fault was."""
    domain = plan.fault.id.partition(".")[0]
    hurt = [objective for objective in objectives if objective.domain == domain]
    judged_ns = read_judged(store)
    day = rolling_period((judged_ns - plan.start_ns) // HOUR_NS * HOUR_NS, judged_ns)
    return render_markdown(
        collect_report(store, hurt, day, version=VERSION, service=hurt[0].service, web_url=WEB_URL)
    )


def name_record(fault_id: str) -> str:
    """Return what the files of a fault's postmortem are called, without suffix."""
    return fault_id.lower().replace(".", "-")


def _incident(
    outcome: Outcome, store: Store, objectives: Sequence[Objective], row: IncidentRow | None
) -> Incident | None:
    if row is not None:
        return describe_row(row, now_ns=outcome.plan.end_ns)
    if outcome.detection is None:
        return None
    return find_incident(store, objectives, outcome.detection.alert_id, now_ns=outcome.plan.end_ns)


def write_contents(outcomes: Sequence[Outcome], directory: Path) -> Path:
    """Write the page that leads to the postmortems of the faults that were played, and return it."""
    rows = "\n".join(map(_row, outcomes))
    faults = " ".join(f"--fault {outcome.plan.fault.id}" for outcome in outcomes)
    return write_text(directory / "index.md", _CONTENTS.format(rows=rows, faults=faults))


def _row(outcome: Outcome) -> str:
    fault = outcome.plan.fault
    told = "nobody" if outcome.detection is None else outcome.detection.severity
    cells = (outcome.plan.entity, f"{fault.cause_kind}: {fault.cause_metric}", told)
    name = name_record(fault.id)
    return f"| [{fault.id}: {fault.title}]({name}.md) | {' | '.join(cells)} | [report]({name}-report.md) |"
