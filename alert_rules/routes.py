"""Who hears of an alert: the routing tree as data, and Alertmanager's configuration made from it.

First match wins. What a change event may have caused is one notification, else what burns the same objective (shows
the same signature) in the same segment of the topology. A page inhibits the tickets of the same objective and entity;
a calibration inhibits everything of what is being calibrated, maintenance everything of what is maintained.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from alert_rules.alerts import CALIBRATING_ALERT, INFO, MAINTENANCE_ALERT
from alert_rules.mutes import Mute
from model.registry import load_registry
from model.yaml_text import render_yaml
from slo.burn import PAGE, TICKET

NOBODY = "nobody"
PLATFORM = "platform"
GROUP_BY = ("alertname", "slo", "segment")
GROUP_CHANGED_BY = ("change",)
ENTITY = tuple(sorted({a.column for a in load_registry().attributes.values()}))
"""Every label that an objective may group by: which of them an alert has is its entity."""

MACHINES = ("device", "link", "backend")
"""What calibration, maintenance and pauses are about. Inhibitions compare all: else a link would mute every link."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A condition on one label; `=~` matches the whole value. A missing label is an empty one."""

    label: str
    operator: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the labels satisfy the condition."""
        value = labels.get(self.label, "")
        return value == self.value if self.operator == "=" else re.fullmatch(self.value, value) is not None

    def __str__(self) -> str:
        """Return the matcher as Alertmanager writes it; quoted, as its strict UTF-8 mode wants."""
        return f'{self.label}{self.operator}"{self.value}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A branch of the tree: which alerts, to whom, how they are bundled and how often repeated."""

    receiver: str
    matchers: tuple[Matcher, ...] = ()
    group_wait: str = ""
    group_interval: str = ""
    repeat_interval: str = ""
    group_by: tuple[str, ...] = ()
    mutes: tuple[str, ...] = ()
    routes: tuple["Route", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """While a source fires, targets with the same values of `equal` are muted."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]


_CHANGED = Matcher("change", "=~", ".+")


def _branch(severity: str, *, wait: str, interval: str, repeat: str) -> Route:
    """Return the branch of a severity, with a twig for what a change may have caused."""
    receiver, matcher = severity, Matcher("severity", "=", severity)
    changed = Route(receiver=receiver, matchers=(_CHANGED,), group_by=GROUP_CHANGED_BY)
    platform = Route(receiver=PLATFORM, matchers=(Matcher("team", "=", PLATFORM),))
    twigs = (platform, changed) if receiver == TICKET else (changed,)
    return Route(
        receiver=receiver,
        matchers=(matcher,),
        group_wait=wait,
        group_interval=interval,
        repeat_interval=repeat,
        routes=twigs,
    )


ROUTES = Route(
    receiver=TICKET,  # an alert that nobody foresaw is at least written down
    group_wait="30s",
    group_interval="5m",
    repeat_interval="1d",
    group_by=GROUP_BY,
    routes=(
        Route(receiver=NOBODY, matchers=(Matcher("severity", "=", INFO),)),
        _branch(PAGE, wait="10s", interval="1m", repeat="1h"),
        _branch(TICKET, wait="5m", interval="30m", repeat="3d"),
    ),
)

INHIBITIONS = (
    Inhibition(
        source=(Matcher("severity", "=", PAGE), Matcher("slo", "=~", ".+")),
        target=(Matcher("severity", "=", TICKET),),
        equal=("slo", *ENTITY),
    ),
    Inhibition(
        source=(Matcher("alertname", "=", CALIBRATING_ALERT),),
        target=(Matcher("severity", "=~", f"{PAGE}|{TICKET}"),),
        equal=MACHINES,
    ),
    Inhibition(
        source=(Matcher("alertname", "=", MAINTENANCE_ALERT),),
        target=(Matcher("severity", "=~", f"{PAGE}|{TICKET}"),),
        equal=MACHINES,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Where notifications go."""

    page_url: str = "http://localhost:9095/page"
    ticket_url: str = "http://localhost:9095/ticket"
    platform_url: str = "http://localhost:9095/platform"


def route_for(labels: Mapping[str, str], tree: Route = ROUTES) -> str:
    """Return the receiver of an alert with these labels: page, ticket, platform or nobody."""
    for route in tree.routes:
        if all(matcher.matches(labels) for matcher in route.matchers):
            return route_for(labels, route)
    return tree.receiver


def render_alertmanager(webhooks: Webhooks, mutes: Sequence[Mute] = ()) -> str:
    """Return the text of alertmanager.yml; `mutes` are silent at their times, each on a twig of its own."""
    config: dict[str, Any] = {
        "route": _route(_with_mutes(ROUTES, mutes)),
        "inhibit_rules": [_inhibition(rule) for rule in INHIBITIONS],
        "receivers": [
            _receiver(PAGE, webhooks.page_url),
            _receiver(TICKET, webhooks.ticket_url),
            _receiver(PLATFORM, webhooks.platform_url),
            {"name": NOBODY},
        ],
    }
    if mutes:
        config["time_intervals"] = [
            {"name": mute.name, "time_intervals": [dict(times) for times in mute.times]} for mute in mutes
        ]
    return "# Generated by `herald rules build`; edit the routes there.\n" + render_yaml(config)


def _with_mutes(root: Route, mutes: Sequence[Mute]) -> Route:
    """Return the tree in which each branch first asks whether a mute meets the alert."""
    if not mutes:
        return root
    branches = tuple(
        branch if branch.receiver == NOBODY else replace(branch, routes=(*_twigs(branch, mutes), *branch.routes))
        for branch in root.routes
    )
    return replace(root, routes=branches)


def _twigs(branch: Route, mutes: Sequence[Mute]) -> list[Route]:
    return [
        Route(
            receiver=branch.receiver,
            matchers=tuple(Matcher(label, "=~", value) for label, value in mute.matchers.items()),
            mutes=(mute.name,),
        )
        for mute in mutes
    ]


def _route(route: Route) -> dict[str, Any]:
    built: dict[str, Any] = {"receiver": route.receiver}
    if route.matchers:
        built["matchers"] = [str(matcher) for matcher in route.matchers]
    if route.group_by:
        built["group_by"] = list(route.group_by)
    timers = {
        "group_wait": route.group_wait,
        "group_interval": route.group_interval,
        "repeat_interval": route.repeat_interval,
    }
    built |= {name: value for name, value in timers.items() if value}
    if route.mutes:
        built["mute_time_intervals"] = list(route.mutes)
    if route.routes:
        built["routes"] = [_route(child) for child in route.routes]
    return built


def _inhibition(rule: Inhibition) -> dict[str, Any]:
    return {
        "source_matchers": [str(matcher) for matcher in rule.source],
        "target_matchers": [str(matcher) for matcher in rule.target],
        "equal": list(rule.equal),
    }


def _receiver(name: str, url: str) -> dict[str, Any]:
    return {"name": name, "webhook_configs": [{"url": url, "send_resolved": True}]}
