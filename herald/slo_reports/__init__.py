"""What an SLO report says, collected from the stored minutes, alerts, incidents, exclusions and rollups."""

from herald.slo_reports.collect import collect_report

__all__ = ["collect_report"]
