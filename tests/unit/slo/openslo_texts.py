"""A valid OpenSLO file to change one thing in."""

VALID = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: read-success
  annotations:
    herald.dev/group-by: quantum.device.id
spec:
  service: quantum-memory
  budgetingMethod: Occurrences
  timeWindow:
    - duration: 28d
      isRolling: true
  indicator:
    metadata: {name: read-success}
    spec:
      ratioMetric:
        good:
          metricSource:
            type: herald
            spec:
              metric: quantum.memory.reads
              filter: {quantum.outcome: success}
        total:
          metricSource:
            type: herald
            spec: {metric: quantum.memory.reads}
  objectives:
    - target: 0.99
"""

LATENCY = (
    VALID.replace("quantum.memory.reads", "quantum.link.herald.latency")
    .replace("filter: {quantum.outcome: success}", "atMost: 0.01")
    .replace("quantum.device.id", "quantum.link.id")
)

THRESHOLD = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: link-fidelity}
spec:
  service: quantum-link
  budgetingMethod: Timeslices
  timeWindow: [{duration: 4w, isRolling: true}]
  indicatorRef: fidelity
  objectives:
    - {op: gte, value: 0.9, targetPercent: 99, timeSliceWindow: 5m, timeSliceTarget: 0.8}
---
apiVersion: openslo/v1
kind: SLI
metadata: {name: fidelity}
spec:
  thresholdMetric:
    metricSource:
      type: herald
      spec: {metric: quantum.link.fidelity, reducer: mean}
"""

POLICY = """\
- apiVersion: openslo/v1
  kind: AlertPolicy
  metadata: {name: fast}
  spec:
    conditions: [{conditionRef: fast-burn}]
    notificationTargets: [{targetRef: pager}]
- apiVersion: openslo/v1
  kind: AlertCondition
  metadata: {name: fast-burn}
  spec:
    severity: page
    condition: {kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h, alertAfter: 0m}
- apiVersion: openslo/v1
  kind: AlertNotificationTarget
  metadata: {name: pager}
  spec: {target: pagerduty}
"""

WITH_POLICY = VALID + "  alertPolicies: [{alertPolicyRef: fast}]\n"


def line_of(text: str, part: str) -> int:
    """The line in which `part` first stands."""
    return text[: text.index(part)].count("\n") + 1
