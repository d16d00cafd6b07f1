"""Boards as files: written, checked for drift, provisioned without a password."""

import re
from pathlib import Path
from typing import Any

import pytest

from dashboards import DATASOURCE_UID, check_boards, write_boards
from dashboards.sql import sql, view
from model.errors import DirectoryNotWritableError
from model.yaml_text import parse_yaml
from tests.unit.dashboards.rendered import BOARDS, OBJECTIVES

ROOT = Path(__file__).parents[3]
COMPOSE = parse_yaml((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
HOME = "dashboards/overview/herald-home.json"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_boards(tmp_path, OBJECTIVES)
    return tmp_path


def test_written_boards_do_not_drift(written: Path):
    assert check_boards(written, OBJECTIVES) == ()


def test_every_board_is_a_file_of_its_own(written: Path):
    assert {path.stem for path in (written / "dashboards").rglob("*.json")} == set(BOARDS)


@pytest.mark.parametrize(
    ("name", "change", "drift"),
    [
        (HOME, lambda path: path.write_text("{}"), f"changed: {HOME}"),
        (HOME, Path.unlink, f"missing: {HOME}"),
        ("dashboards/mine.json", lambda path: path.write_text("{}"), "unknown: dashboards/mine.json"),
    ],
)
def test_drift_is_named(written: Path, name: str, change, drift: str):
    change(written / name)
    assert check_boards(written, OBJECTIVES) == (drift,)


def test_a_changed_target_is_drift(written: Path):
    fewer = [objective for objective in OBJECTIVES if objective.name != "memory-read-success"]
    assert "changed: dashboards/executive/herald-memory-executive.json" in check_boards(written, fewer)


def test_unwritable_folder_is_named(tmp_path: Path):
    (tmp_path / "dashboards").write_text("in the way")
    with pytest.raises(DirectoryNotWritableError, match=r"cannot write .*choose another directory"):
        write_boards(tmp_path)


def test_data_source_is_fixed_and_its_password_comes_from_the_environment(written: Path):
    source, _ = sources_of(written)
    assert source["uid"] == DATASOURCE_UID
    assert source["secureJsonData"] == {"password": "$GRAFANA_DB_PASSWORD"}
    assert (source["jsonData"]["timescaledb"], source["jsonData"]["timeInterval"]) == (True, "10s")
    assert "/" not in source["url"]


def test_grafana_reads_the_database_of_compose_as_a_role_that_may_do_nothing_else(written: Path):
    source, _ = sources_of(written)
    roles = (ROOT / "deploy/timescaledb/reader.sh").read_text(encoding="utf-8")
    assert re.search(rf"^create role {source['user']} login .* in role herald_reader;$", roles, re.MULTILINE)
    host, _, port = source["url"].partition(":")
    assert (COMPOSE["services"][host]["environment"]["POSTGRES_DB"], "5432") == (source["jsonData"]["database"], port)


def test_nothing_that_is_provisioned_can_be_changed_or_outlives_its_file(written: Path):
    texts = [(written / f"provisioning/{name}/herald.yaml").read_text() for name in ("datasources", "dashboards")]
    sources, providers = map(parse_yaml, texts)
    assert sources["prune"] is True
    assert [(each["editable"], each.get("isDefault", False)) for each in sources["datasources"]] == [
        (False, True),
        (False, False),
    ]
    assert {(each["allowUiUpdates"], each["disableDeletion"]) for each in providers["providers"]} == {(False, False)}
    uids = [each["folderUid"] for each in providers["providers"]]
    assert len(set(uids)) == len(uids) == 4


def sources_of(written: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parse_yaml((written / "provisioning/datasources/herald.yaml").read_text())[
        "datasources"
    ]
    return found


def test_grafana_is_shown_the_alertmanager_of_compose(written: Path):
    _, source = sources_of(written)
    [port] = COMPOSE["services"]["alertmanager"]["ports"]
    assert (source["type"], source["url"]) == ("alertmanager", f"http://alertmanager:{port.split(':')[-1]}")
    assert source["jsonData"] == {"implementation": "prometheus", "handleGrafanaManagedAlerts": False}


def where_compose_mounts(path: str) -> str:
    """The path below `herald dashboards build --out` of a file in Grafana's container."""
    [mount] = [each for each in COMPOSE["services"]["grafana"]["volumes"] if each.startswith("generated:")]
    return path.removeprefix(f"{mount.split(':')[1]}/grafana/")


def test_every_audience_has_a_folder_and_no_board_is_in_two(written: Path):
    providers = parse_yaml((written / "provisioning/dashboards/herald.yaml").read_text())["providers"]
    boards = {
        provider["folder"]: {
            path.stem for path in (written / where_compose_mounts(provider["options"]["path"])).iterdir()
        }
        for provider in providers
    }
    assert sorted(uid for uids in boards.values() for uid in uids) == sorted(BOARDS)
    for folder, tag in (("Herald executive", "executive"), ("Herald on call", "on-call"), ("Herald debug", "debug")):
        assert boards[folder] == {uid for uid, board in BOARDS.items() if tag in board["tags"]}


def test_grafana_opens_with_the_board_of_the_fleet():
    environment = COMPOSE["services"]["grafana"]["environment"]
    assert where_compose_mounts(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]) == HOME


def test_view_of_an_unregistered_metric_is_refused():
    with pytest.raises(KeyError, match=r"quantum\.memory\.mood"):
        view("quantum.memory.mood")


def test_statement_leaves_grafanas_dollars_alone():
    assert sql("SELECT @what FROM t WHERE $__timeFilter(time)", what="1").endswith("WHERE $__timeFilter(time)")


def test_statement_without_one_of_its_parts_is_refused():
    with pytest.raises(KeyError, match="what"):
        sql("SELECT @what")
