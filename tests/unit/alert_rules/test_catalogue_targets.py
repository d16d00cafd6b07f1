"""Every indicator of the catalogue is promised with the catalogue's number, or there is a reason why not."""

import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alert_rules import load_shipped_objectives
from model.yaml_text import parse_yaml
from slo import Objective, RatioIndicator
from slo.objective import ThresholdIndicator

CATALOGUE: dict[str, Any] = parse_yaml(Path(__file__).with_name("catalogue_targets.yaml").read_text("utf-8"))
WITH_A_NUMBER: dict[str, dict[str, str]] = CATALOGUE["with_a_number"]
LEFT_OUT = set(CATALOGUE["left_out"])
UNITS = {
    "%": "0.01",
    "ratio": "1",
    "per pair": "1",
    "ms": "0.001",
    "min": "60",
    "h": "3600",
    "business day": "28800",
}
WRITTEN = re.compile(r"(?:>=|<|=|[0-9.]+-) ?([0-9.]+) (.+)")

SERVING: dict[str, list[Objective]] = defaultdict(list)
for shipped in load_shipped_objectives():
    SERVING[shipped.catalogue_id].append(shipped)


def number_of(written: str) -> Decimal:
    """Return the number in SI units; of a range the upper end."""
    match = WRITTEN.fullmatch(written)
    assert match is not None, written
    return Decimal(match[1]) * Decimal(UNITS[match[2]])


def number_in(objective: Objective, place: str) -> Decimal:
    """Return the number that stands in the objective as its target, bad share or bound."""
    indicator = objective.indicator
    if place == "target":
        return objective.target
    if place == "bad_share":
        return 1 - objective.target
    if isinstance(indicator, ThresholdIndicator):
        return indicator.bound
    assert isinstance(indicator, RatioIndicator)
    assert indicator.good is not None
    return Decimal(repr(indicator.good.at_most))


@pytest.mark.parametrize("id_", sorted(WITH_A_NUMBER.keys() - LEFT_OUT - CATALOGUE["otherwise"].keys()))
def test_a_number_of_the_catalogue_is_what_is_promised(id_):
    entry = WITH_A_NUMBER[id_]
    assert number_of(entry["written"]) in [number_in(objective, entry["is"]) for objective in SERVING[id_]]


def test_what_has_no_number_is_promised_all_the_same():
    assert {id_ for id_ in CATALOGUE["without_a_number"] if id_ not in SERVING} <= LEFT_OUT


def test_what_is_left_out_or_promised_otherwise_has_a_reason_and_no_other_does():
    assert LEFT_OUT.isdisjoint(SERVING)
    assert CATALOGUE["otherwise"].keys() <= SERVING.keys()
    assert all(len(reason) > 20 for table in ("left_out", "otherwise") for reason in CATALOGUE[table].values())


def test_a_target_of_our_own_says_why():
    folder = Path(__file__).parents[3] / "alert_rules" / "objectives"
    own = {id_ for id_ in CATALOGUE["without_a_number"] if id_ in SERVING}
    silent = {
        objective.name
        for id_ in own
        for objective in SERVING[id_]
        if len(_comment((folder / f"{objective.name}.yaml").read_text("utf-8"))) < 2
    }
    assert silent == set()


def _comment(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]
