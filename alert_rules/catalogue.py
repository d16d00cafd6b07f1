"""Which rule fulfils each alerting entry of the catalogue; rendered as `alert_rules/catalogue.md`.

An entry is named `<domain>.<list>.<n>`, counted from one, e.g. memory.page_when.2. Entries about hardware and events
are fulfilled by the rules in `rules/*.yaml` that cite them. The others are fulfilled by how alerts are judged,
grouped and muted, and stand here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alert_rules.conditions import ConditionRule

LISTS = ("page_when", "ticket_when", "noise_reduction")

ENTRIES: Mapping[str, str] = {
    "memory.page_when.1": "a user-facing SLO is breached at service level",
    "memory.page_when.2": "hardware safety is at stake",
    "memory.page_when.3": "example S3: fidelity drops across a cluster and breaks its SLO",
    "memory.ticket_when.1": "drift that can wait",
    "memory.ticket_when.2": "signals caused by planned maintenance",
    "memory.ticket_when.3": "calibration drift, routed to platform engineering",
    "memory.noise_reduction.1": "merge alerts that correlate with one change event",
    "memory.noise_reduction.2": "group by device or by cluster",
    "memory.noise_reduction.3": "mute transients inside known calibration windows",
    "memory.noise_reduction.4": "raise thresholds and group when alerts are too chatty (A6)",
    "memory.noise_reduction.5": "standardise metric and event tags so routing works (A22)",
    "memory.noise_reduction.6": "automatic repair goes first on routine hardware alarms",
    "link.page_when.1": "production feels an SLO breach (availability of a link under its floor, say)",
    "link.page_when.2": "critical hardware fault (implementation step 6)",
    "link.page_when.3": "example S3: swap success breach",
    "link.ticket_when.1": "degradation without immediate effect, e.g. fidelity slides slowly and no job is active",
    "link.noise_reduction.1": "group by link id to deduplicate",
    "link.noise_reduction.2": "silence during planned maintenance",
    "link.noise_reduction.3": "aggregate; tune thresholds to baseline noise",
    "link.noise_reduction.4": "rolling windows rather than touchy thresholds (A5)",
    "network.page_when.1": "critical SLO breach, e.g. entanglement success of a production link under its floor",
    "network.page_when.2": "repeater failure",
    "network.page_when.3": "control-plane partition",
    "network.page_when.4": "major key loss",
    "network.ticket_when.1": "noncritical degradation",
    "network.ticket_when.2": "calibration drift alarm",
    "network.ticket_when.3": "failed low-priority jobs",
    "network.noise_reduction.1": "join by link and by incident identifier",
    "network.noise_reduction.2": "group by topology segment",
    "network.noise_reduction.3": "mute calibration-run alerts inside their planned windows",
    "network.noise_reduction.4": "add classical metrics as context to quantum alerts",
    "scaleup.page_when.1": "device failure",
    "scaleup.page_when.2": "lost calibration that breaks an SLO",
    "scaleup.page_when.3": "security incident",
    "scaleup.ticket_when.1": "slow drift and other non-urgent degradation",
    "scaleup.ticket_when.2": "cost anomaly",
    "scaleup.noise_reduction.1": "deduplicate by signature",
    "scaleup.noise_reduction.2": "group per device",
    "scaleup.noise_reduction.3": "suppress short flapping",
    "scaleup.noise_reduction.4": "brief alert delay on noisy signals",
    "scaleup.noise_reduction.5": "loosen over-sensitive SLO thresholds (A3)",
    "scaleup.noise_reduction.6": "attach runbooks to alerts (A20)",
    "community.page_when.1": "SLO breach on high-priority jobs",
    "community.page_when.2": "critical provider outage",
    "community.page_when.3": "security incident",
    "community.ticket_when.1": "non-critical degradation",
    "community.ticket_when.2": "postmortem tasks",
    "community.ticket_when.3": "long-tail failures",
    "community.noise_reduction.1": "group repeats by failure signature",
    "community.noise_reduction.2": "suppress in planned maintenance",
    "community.noise_reduction.3": "adaptive thresholds from baseline variance",
    "community.noise_reduction.4": "tune and group (A11)",
}

_RULE_TEST = "tests/unit/alert_rules/test_rules.py::test_every_rule_fires_for_what_it_is_about_and_for_nothing_else"
_DATA = "tests/unit/alert_rules/test_rules.py"
_ROUTES = "tests/integration/test_alert_rules_alertmanager.py"


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """What makes an entry true, and the test that shows it."""

    by: str
    test: str


_TIERS_PAGE = Fulfilment(
    "tiers of severity page of every shipped objective (`slo/tier_sets.py`)",
    "tests/acceptance/test_alert_times.py::test_a_page_comes_and_goes_at_the_minutes_that_the_formula_gives",
)
_TIERS_TICKET = Fulfilment(
    "tiers of severity ticket of every shipped objective (`slo/tier_sets.py`)",
    "tests/unit/alert_rules/test_detection_times.py::test_each_tier_fires_at_the_minute_the_formula_gives",
)
_SEGMENT = Fulfilment(
    "notifications are grouped by alertname, slo and segment (`alert_rules/routes.py`)",
    f"{_ROUTES}::test_a_hundred_links_of_one_segment_are_one_notification",
)
_SIGNATURE = Fulfilment(
    "the alertname is the signature: repeats of one are one group (`alert_rules/routes.py`)",
    f"{_ROUTES}::test_a_hundred_links_of_one_segment_are_one_notification",
)
_MAINTENANCE = Fulfilment(
    "maintenance that `herald exclude` names inhibits as MaintenanceWindow, and schedules mute (`--mutes`)",
    f"{_ROUTES}::test_maintenance_inhibits_what_is_maintained",
)
_FLAPPING = Fulfilment("`keep` of a rule", f"{_DATA}::test_what_flaps_is_one_alert")
_DELAY = Fulfilment("`delay` of a rule", f"{_DATA}::test_a_brief_spike_is_waited_out")

BY_DESIGN: Mapping[str, Fulfilment] = {
    "memory.page_when.1": _TIERS_PAGE,
    "link.page_when.1": _TIERS_PAGE,
    "network.page_when.1": _TIERS_PAGE,
    "network.ticket_when.1": _TIERS_TICKET,
    "memory.ticket_when.2": Fulfilment(
        "scheduled mutes and exclusions keep it from paging; what burns on is a ticket of a slow tier",
        f"{_ROUTES}::test_maintenance_inhibits_what_is_maintained",
    ),
    "memory.noise_reduction.1": Fulfilment(
        "label `change` of the newest change in the two hours before, by which such alerts are grouped",
        f"{_ROUTES}::test_what_one_change_may_have_broken_is_one_notification",
    ),
    "memory.noise_reduction.2": _SEGMENT,
    "memory.noise_reduction.4": _FLAPPING,
    "memory.noise_reduction.5": Fulfilment(
        "labels come from the registry's columns; rules name registered metrics only",
        f"{_DATA}::test_a_rule_that_could_not_work_is_refused",
    ),
    "memory.noise_reduction.6": _DELAY,
    "link.noise_reduction.1": _SEGMENT,
    "link.noise_reduction.2": _MAINTENANCE,
    "network.noise_reduction.1": Fulfilment(
        "one alert per objective and entity from its first tier to its last",
        "tests/unit/herald/test_notifier.py::test_a_slower_tier_goes_on_with_the_page_of_the_faster_one",
    ),
    "network.noise_reduction.2": _SEGMENT,
    "scaleup.noise_reduction.1": _SIGNATURE,
    "scaleup.noise_reduction.2": _SEGMENT,
    "scaleup.noise_reduction.3": _FLAPPING,
    "scaleup.noise_reduction.4": _DELAY,
    "scaleup.noise_reduction.6": Fulfilment(
        "every rule names its runbook", f"{_DATA}::test_every_rule_that_reaches_people_names_a_runbook_that_exists"
    ),
    "community.noise_reduction.1": _SIGNATURE,
    "community.noise_reduction.2": _MAINTENANCE,
    "community.noise_reduction.4": _SEGMENT,
}


def fulfilments(rules: Iterable[ConditionRule]) -> dict[str, list[Fulfilment]]:
    """Return what fulfils each entry; empty lists are gaps."""
    found: dict[str, list[Fulfilment]] = defaultdict(list)
    for entry, fulfilment in BY_DESIGN.items():
        found[entry].append(fulfilment)
    for rule in rules:
        for entry in rule.catalogue:
            found[entry].append(Fulfilment(f"rule `{rule.name}` ({rule.severity})", f"{_RULE_TEST}[{rule.name}]"))
    return {entry: found[entry] for entry in ENTRIES}


def render_table(rules: Iterable[ConditionRule]) -> str:
    """Return the text of `alert_rules/catalogue.md`."""
    lines = [
        "# The catalogue's alerting entries, and what fulfils them",
        "",
        "Generated from `alert_rules/catalogue.py` and `alert_rules/rules/*.yaml` by `make generate`; do not edit.",
        "",
        "| entry | what it asks | fulfilled by | test |",
        "| --- | --- | --- | --- |",
    ]
    for entry, by in fulfilments(rules).items():
        what = "<br>".join(each.by for each in by)
        tests = "<br>".join(dict.fromkeys(f"`{each.test}`" for each in by))
        lines.append(f"| {entry} | {ENTRIES[entry]} | {what} | {tests} |")
    return "\n".join(lines) + "\n"
