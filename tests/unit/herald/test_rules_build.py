"""`herald rules build`: every receiver and mute that a person names stands in what Alertmanager reads."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from herald.cli import app
from model.yaml_text import parse_yaml
from tests.unit.slo.openslo_texts import VALID

MUTES = """
- name: thursdays
  matchers: {device: mem-delft}
  times: [{weekdays: [thursday]}]
"""


def build(folder: Path, *options: str) -> Result:
    (folder / "objectives").mkdir()
    (folder / "objectives" / "one.yaml").write_text(VALID)
    paths = ("--out", str(folder / "rules"), "--objectives", str(folder / "objectives"))
    return CliRunner().invoke(app, ["rules", "build", *paths, *options])


def alertmanager(folder: Path) -> Any:
    return parse_yaml((folder / "rules" / "alertmanager.yml").read_text())


def test_every_receiver_can_be_named(tmp_path):
    urls = {name: f"https://{name}.example.org/" for name in ("page", "ticket", "platform")}
    build(tmp_path, *(word for name, url in urls.items() for word in (f"--{name}-url", url)))
    receivers = {each["name"]: each.get("webhook_configs") for each in alertmanager(tmp_path)["receivers"]}
    assert {name: hooks[0]["url"] for name, hooks in receivers.items() if hooks} == urls


def test_mutes_are_put_into_the_routes(tmp_path):
    (tmp_path / "mutes.yaml").write_text(MUTES)
    build(tmp_path, "--mutes", str(tmp_path / "mutes.yaml"))
    config = alertmanager(tmp_path)
    assert [each["name"] for each in config["time_intervals"]] == ["thursdays"]
    muted = [branch["routes"][0].get("mute_time_intervals") for branch in config["route"]["routes"][1:]]
    assert muted == [["thursdays"], ["thursdays"]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("- {name: a, matchers: {device: a}}", "[0] needs name, matchers and times", id="no times"),
        pytest.param("- {name: a, matchers: {b: c}, times: [{}], tims: 1}", "and nothing else", id="an unknown key"),
        pytest.param("- {name: '', matchers: {b: c}, times: [{}]}", "[0].name must be a text", id="no name"),
        pytest.param("- {name: a, matchers: {b: 1}, times: [{}]}", "[0].matchers must map", id="no expression"),
        pytest.param("- {name: a, matchers: {b: c}, times: thursday}", "[0].times must be", id="text as times"),
        pytest.param("- {name: a, matchers: {b: c}, times: [thursday]}", "[0].times must be", id="text as time"),
        pytest.param(f"{MUTES}{MUTES}", "the name thursdays is given 2 times", id="the same name"),
        pytest.param(
            "- {name: a, matchers: {b: c, b: d}, times: [{}]}", "[0].matchers.b: is given again in line 1", id="twice"
        ),
        pytest.param("name: a", "is no list", id="no list"),
    ],
)
def test_mutes_that_say_too_little_or_too_much_are_refused(tmp_path, text, told):
    (tmp_path / "mutes.yaml").write_text(text)
    result = build(tmp_path, "--mutes", str(tmp_path / "mutes.yaml"))
    assert told in str(result.exception)
    assert not (tmp_path / "rules").exists()


def test_rules_come_with_their_tests(tmp_path):
    build(tmp_path, "--sloth")
    (rules,) = (tmp_path / "rules" / "prometheus").glob("*.yml")
    assert "sloth_slo" in rules.read_text()
    assert list((tmp_path / "rules" / "prometheus" / "tests").glob(f"{rules.stem}-*.yml"))
