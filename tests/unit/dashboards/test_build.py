"""Boards as files: written, checked for drift, provisioned without a password."""

from pathlib import Path

import pytest

from dashboards import DATASOURCE_UID, check_boards, write_boards
from dashboards.sql import sql, view
from model.errors import DirectoryNotWritableError
from model.yaml_text import parse_yaml
from tests.unit.dashboards.rendered import BOARDS, OBJECTIVES


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_boards(tmp_path, OBJECTIVES)
    return tmp_path


def test_written_boards_do_not_drift(written: Path):
    assert check_boards(written, OBJECTIVES) == ()


def test_every_board_is_a_file_of_its_own(written: Path):
    assert {path.stem for path in (written / "dashboards").glob("*.json")} == set(BOARDS)


@pytest.mark.parametrize(
    ("name", "change", "drift"),
    [
        ("dashboards/herald-home.json", lambda path: path.write_text("{}"), "changed: dashboards/herald-home.json"),
        ("dashboards/herald-home.json", Path.unlink, "missing: dashboards/herald-home.json"),
        ("dashboards/mine.json", lambda path: path.write_text("{}"), "unknown: dashboards/mine.json"),
    ],
)
def test_drift_is_named(written: Path, name: str, change, drift: str):
    change(written / name)
    assert check_boards(written, OBJECTIVES) == (drift,)


def test_a_changed_target_is_drift(written: Path):
    fewer = [objective for objective in OBJECTIVES if objective.name != "memory-read-success"]
    assert "changed: dashboards/herald-memory-executive.json" in check_boards(written, fewer)


def test_unwritable_folder_is_named(tmp_path: Path):
    (tmp_path / "dashboards").write_text("in the way")
    with pytest.raises(DirectoryNotWritableError, match=r"cannot write .*choose another directory"):
        write_boards(tmp_path)


def test_data_source_is_fixed_and_its_password_comes_from_the_environment(written: Path):
    [source] = parse_yaml((written / "provisioning/datasources/herald.yaml").read_text())["datasources"]
    assert source["uid"] == DATASOURCE_UID
    assert source["secureJsonData"] == {"password": "$GRAFANA_DB_PASSWORD"}
    assert (source["jsonData"]["timescaledb"], source["jsonData"]["timeInterval"]) == (True, "10s")
    assert "/" not in source["url"]


def test_provider_reads_what_compose_mounts(written: Path):
    [provider] = parse_yaml((written / "provisioning/dashboards/herald.yaml").read_text())["providers"]
    compose = parse_yaml((Path(__file__).parents[3] / "docker-compose.yml").read_text())
    [mount] = [each for each in compose["services"]["grafana"]["volumes"] if each.startswith("generated:")]
    assert provider["options"]["path"].startswith(f"{mount.split(':')[1]}/")
    assert provider["allowUiUpdates"] is False


def test_view_of_an_unregistered_metric_is_refused():
    with pytest.raises(KeyError, match=r"quantum\.memory\.mood"):
        view("quantum.memory.mood")


def test_statement_leaves_grafanas_dollars_alone():
    assert sql("SELECT @what FROM t WHERE $__timeFilter(time)", what="1").endswith("WHERE $__timeFilter(time)")


def test_statement_without_one_of_its_parts_is_refused():
    with pytest.raises(KeyError, match="what"):
        sql("SELECT @what")
