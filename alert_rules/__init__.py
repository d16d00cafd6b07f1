"""From budgets to people: the shipped objectives, when alerts fire, what they say and whom they reach.

Also Prometheus rules, Alertmanager's configuration and runbooks from the same objectives. Only the Alertmanager
client talks to anybody; whoever keeps the firing alerts (the database) hands them in.
"""

from alert_rules.alertmanager import RESEND_NS, AlertmanagerClient, Delivery, build_payload, select_alerts
from alert_rules.alerts import Alert, burn_alert, condition_alert, describe, describe_condition
from alert_rules.conditions import ConditionChange, ConditionRule
from alert_rules.incidents import FiredAlert, Grouping, Kinship, KnownIncident, group_alerts
from alert_rules.policy import (
    NO_DATA_TIER,
    AlertInterval,
    AlertTracker,
    Change,
    Transition,
    alerting_tiers,
    replay,
    replay_transitions,
    step_all,
)
from alert_rules.prometheus import render_rules
from alert_rules.routes import Webhooks, render_alertmanager, route_for
from alert_rules.rule_files import load_rules
from alert_rules.shipped import OBJECTIVES, build, load_runbooks, load_shipped_objectives
from alert_rules.surroundings import Surroundings

__all__ = [
    "NO_DATA_TIER",
    "OBJECTIVES",
    "RESEND_NS",
    "Alert",
    "AlertInterval",
    "AlertTracker",
    "AlertmanagerClient",
    "Change",
    "ConditionChange",
    "ConditionRule",
    "Delivery",
    "FiredAlert",
    "Grouping",
    "Kinship",
    "KnownIncident",
    "Surroundings",
    "Transition",
    "Webhooks",
    "alerting_tiers",
    "build",
    "build_payload",
    "burn_alert",
    "condition_alert",
    "describe",
    "describe_condition",
    "group_alerts",
    "load_rules",
    "load_runbooks",
    "load_shipped_objectives",
    "render_alertmanager",
    "render_rules",
    "replay",
    "replay_transitions",
    "route_for",
    "select_alerts",
    "step_all",
]
