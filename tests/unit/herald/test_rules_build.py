"""`herald rules build`: every receiver and mute that a person names stands in what Alertmanager reads."""

from pathlib import Path
from typing import Any

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


def test_a_mute_that_says_not_when_is_refused(tmp_path):
    (tmp_path / "mutes.yaml").write_text("- {name: thursdays, matchers: {device: a}}")
    result = build(tmp_path, "--mutes", str(tmp_path / "mutes.yaml"))
    assert "entries 1 need name, matchers and times" in str(result.exception)


def test_rules_come_with_their_tests(tmp_path):
    build(tmp_path, "--sloth")
    (rules,) = (tmp_path / "rules" / "prometheus").glob("*.yml")
    assert "sloth_slo" in rules.read_text()
    assert list((tmp_path / "rules" / "prometheus" / "tests").glob(f"{rules.stem}-*.yml"))
