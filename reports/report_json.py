"""An SLO report as plain JSON values: the same numbers as its tables, unrounded."""

from dataclasses import asdict
from typing import Any

from model.clock import format_time
from model.json_text import finite
from model.windows import render_duration
from reports.report_facts import Basis, Correction, ReportAlert
from reports.report_incidents import ReportIncident
from reports.report_rows import ReportRow
from reports.slo_report import Report


def report_as_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values."""
    precise, known = report.precision
    return {
        **_basis(report.basis),
        "label": report.label,
        "subject": report.subject,
        "verdict": report.verdict,
        "coverage": report.coverage,
        "objectives": [{**describe_row(row), **_course(row)} for row in report.rows],
        "alerts": [_alert(alert) for alert in report.alerts],
        "alert_precision": {"about_a_loss": precise, "of": known},
        "incidents": [_incident(each) for each in report.incidents],
        "acknowledgement": [asdict(each) for each in report.acknowledgement],
        "corrections": [_correction(each) for each in report.corrections],
        "metered": [asdict(each) for each in report.metered],
    }


def _basis(basis: Basis) -> dict[str, Any]:
    return {
        "from": format_time(basis.window.start_ns),
        "to": format_time(basis.window.end_ns),
        "window": render_duration(basis.window.length_ns),
        "period_end": format_time(basis.period_end_ns),
        "complete": basis.is_complete,
        "zone": basis.zone,
        "as_of": format_time(basis.as_of_ns),
        "configuration": basis.configuration,
        "version": basis.version,
    }


def describe_row(row: ReportRow) -> dict[str, Any]:
    """Return one row without its course; what failed and what may fail is told in `unit` (UCUM)."""
    return {
        "objective": row.objective,
        "display_name": row.display_name,
        "domain": row.domain,
        "owner": row.owner,
        "catalogue_id": row.catalogue_id,
        "entity": row.entity,
        "target": row.target,
        "good": row.good,
        "total": row.total,
        "sli": row.sli,
        "bad": row.unit.amount(row.bad),
        "allowed": row.unit.amount(row.allowed),
        "unit": row.unit.symbol,
        "coverage": row.coverage,
        "excluded_minutes": row.excluded_minutes,
        "budget_remaining": row.remaining,
        "budget_remaining_before": row.remaining_before,
        "budget_remaining_without_exclusions": row.remaining_without_exclusions,
        "worst_hour": _moment(row.worst_hour_ns),
        "worst_hour_bad": row.unit.amount(row.worst_hour_bad),
        "months": [{**asdict(month), "kept": row.keeps(month)} for month in row.months],
        "state": row.state,
    }


def _course(row: ReportRow) -> dict[str, Any]:
    """Return what the charts of a row draw."""
    return {
        "course": {
            "at": [format_time(when_ns) for when_ns in row.history_ns.tolist()],
            "sli": finite(row.history_sli.tolist()),
            "budget_remaining": finite(row.history_remaining.tolist()),
        }
    }


def _alert(alert: ReportAlert) -> dict[str, Any]:
    return {
        "objective": alert.objective,
        "entity": alert.entity,
        "tier": alert.tier,
        "severity": alert.severity,
        "fired_at": format_time(alert.fired_ns),
        "resolved_at": _moment(alert.resolved_ns),
        "budget_spent": alert.spent,
    }


def _incident(incident: ReportIncident) -> dict[str, Any]:
    moments = ("impact", "detected", "acknowledged", "mitigated", "resolved")
    return {
        "id": incident.incident_id,
        "title": incident.title,
        "domain": incident.domain or None,
        "entities": list(incident.entities),
        "new": incident.is_new,
        **{f"{moment}_at": _moment(getattr(incident, f"{moment}_ns")) for moment in moments},
        **{f"{moment}_by": getattr(incident, f"{moment}_by") for moment in moments[2:]},
        **{f"seconds_to_{what}": seconds for what, seconds in incident.seconds_to.items()},
        "cause": incident.cause or None,
        "budget_lost": [asdict(each) for each in incident.lost],
    }


def _moment(when_ns: int | None) -> str | None:
    return None if when_ns is None else format_time(when_ns)


def _correction(correction: Correction) -> dict[str, Any]:
    told = asdict(correction)
    return {"at": format_time(told.pop("at_ns")), **told}
