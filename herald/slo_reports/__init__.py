"""What an SLO report says, collected from the stored minutes, alerts, exclusions and rollups."""

from herald.slo_reports.collect import collect_report
from herald.slo_reports.period import ReportPeriod, last_period, parse_period, rolling_period

__all__ = ["ReportPeriod", "collect_report", "last_period", "parse_period", "rolling_period"]
