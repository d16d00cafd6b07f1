"""A postmortem as one JSON document with the same numbers, unrounded."""

import json
from dataclasses import asdict
from typing import Any

from model.clock import SECOND_NS, format_time
from model.json_text import finite
from reports.evidence import EvidenceSeries
from reports.postmortem import OPEN, REVIEW_QUESTIONS, Incident, Postmortem
from reports.postmortem_facts import AlertFact, StateChange, TelemetryGap
from reports.postmortem_tables import actions_table
from reports.report_tables import Table
from reports.review import alerting_badly, alerting_well, review_points


def render_postmortem_json(postmortem: Postmortem) -> str:
    """Return the postmortem as one JSON document."""
    return json.dumps(finite(postmortem_as_dict(postmortem)), indent=2, allow_nan=False) + "\n"


def postmortem_as_dict(postmortem: Postmortem) -> dict[str, Any]:
    """Return the postmortem as plain JSON values."""
    window = postmortem.incident.window
    return {
        "incident": _incident(postmortem.incident),
        "window": {"from": format_time(window.start_ns), "to": format_time(window.end_ns)},
        "impact": [asdict(impact) for impact in postmortem.impacts],
        "tenants": [asdict(each) for each in postmortem.tenants],
        "timeline": [
            {
                "at": format_time(m.at_ns),
                "layer": m.layer,
                "kind": m.kind,
                "source": m.source,
                "text": m.text,
                "link": m.link,
            }
            for m in postmortem.timeline
        ],
        "suspects": [suspect.as_dict(rank) for rank, suspect in enumerate(postmortem.suspects, start=1)],
        "no_suspect": postmortem.no_suspect,
        "fidelities": [asdict(bucket) for bucket in postmortem.fidelities],
        "states": [_state(change) for change in postmortem.states],
        "telemetry_gaps": [_gap(gap) for gap in postmortem.gaps],
        "alerts": [_alert(alert) for alert in postmortem.alerts],
        "alerting": {"well": [*alerting_well(postmortem)], "badly": [*alerting_badly(postmortem)]},
        "charts": [_chart(chart) for chart in postmortem.charts],
        "actions": _actions(actions_table(postmortem)),
        "review": [
            {"question": question, "answer": postmortem.written.get(name, OPEN)}
            for name, question in REVIEW_QUESTIONS.items()
        ],
        "checklist": [*review_points(postmortem.incident.domain)],
        "written": dict(postmortem.written),
    }


def _incident(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.incident_id,
        "title": incident.title,
        "entity": incident.entity,
        "domain": incident.domain or None,
        "impact_at": format_time(incident.impact_ns),
        "detected_at": _time(incident.detected_ns),
        "acknowledged_at": _time(incident.acknowledged_ns),
        "acknowledged_by": incident.acknowledged_by,
        "mitigated_at": _time(incident.mitigated_ns),
        "resolved_at": _time(incident.resolved_ns),
        "seconds_to_detect": _seconds(incident.impact_ns, incident.detected_ns),
        "seconds_to_acknowledge": _seconds(incident.detected_ns, incident.acknowledged_ns),
        "seconds_to_mitigate": _seconds(incident.impact_ns, incident.mitigated_ns),
        "seconds_to_resolve": _seconds(incident.impact_ns, incident.resolved_ns),
    }


def _state(change: StateChange) -> dict[str, Any]:
    return {
        "entity": change.before.entity,
        "slot": change.before.slot,
        **{
            phase: {
                "at": format_time(each.at_ns),
                "state": each.state,
                "fidelity": each.fidelity,
                "error": each.error,
                "matrix": [[[cell.real, cell.imag] for cell in row] for row in each.matrix.tolist()],
            }
            for phase, each in (("before", change.before), ("during", change.during))
        },
        "fidelity_between": change.fidelity,
    }


def _gap(gap: TelemetryGap) -> dict[str, Any]:
    return {
        "entity": gap.entity,
        "from": format_time(gap.start_ns),
        "to": format_time(gap.end_ns),
        "metrics": gap.metrics,
        "examples": gap.examples,
    }


def _alert(alert: AlertFact) -> dict[str, Any]:
    told = asdict(alert)
    return {"fired_at": format_time(told.pop("fired_ns")), "resolved_at": _time(told.pop("resolved_ns")), **told}


def _actions(proposed: Table) -> list[dict[str, str]]:
    return [dict(zip(map(str.lower, proposed.columns), row, strict=True)) for row in proposed.rows]


def _chart(chart: EvidenceSeries) -> dict[str, Any]:
    points = zip(chart.minute_ns.tolist(), chart.value.tolist(), strict=True)
    return {
        "metric": chart.metric,
        "entity": chart.entity,
        "part": chart.part,
        "points": [[format_time(at_ns), value] for at_ns, value in points],
    }


def _time(when_ns: int | None) -> str | None:
    return None if when_ns is None else format_time(when_ns)


def _seconds(start_ns: int | None, end_ns: int | None) -> float | None:
    return None if start_ns is None or end_ns is None else (end_ns - start_ns) / SECOND_NS
