"""Which shipped objectives have something to count before the first incident is over."""

from alert_rules import load_shipped_objectives
from herald.recount import metrics_of
from model.names import METRIC_HERALD_INCIDENT_TIME_TO_RECOVER, METRIC_HERALD_INCIDENT_TIME_TO_REPAIR

_OF_INCIDENTS = {METRIC_HERALD_INCIDENT_TIME_TO_RECOVER, METRIC_HERALD_INCIDENT_TIME_TO_REPAIR}

COUNTED = [objective for objective in load_shipped_objectives() if not metrics_of(objective) & _OF_INCIDENTS]
