"""What can be read of a folder of reports, and what cannot."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from tests.unit.web.calling import get
from tests.unit.web.given import a_clock, made_up_sources
from web import create_app

HTML = "<!doctype html><title>SLO report &amp; more</title><script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    reports = tmp_path / "reports"
    reports.mkdir()
    (tmp_path / "secret.md").write_text("# Secret")
    written = {"november.html": HTML, "outage.md": "# What happened\n\nIt was warm.", "numbers.json": "{}"}
    for age, (name, text) in enumerate(written.items()):
        (reports / name).write_text(text)
        os.utime(reports / name, (1000 - age, 1000 - age))
    return reports


def app(reports: Path | None) -> Starlette:
    return create_app(made_up_sources(), {}, [], "1.2.3", clock=a_clock(), reports=reports)


def listed(reports: Path | None) -> list[tuple[str, str]]:
    documents = get(app(reports), "/api/herald/reports").json()["documents"]
    return [(each["name"], each["title"]) for each in documents]


def test_the_newest_report_comes_first_with_the_title_inside_it(folder: Path):
    assert listed(folder) == [
        ("november.html", "SLO report & more"),
        ("outage.md", "What happened"),
        ("numbers.json", "numbers.json"),
    ]


def test_only_documents_are_listed(folder: Path):
    (folder / "notes.txt").touch()
    (folder / ".hidden.md").touch()
    (folder / "folder.md").mkdir()
    (folder / "link.md").symlink_to(folder.parent / "secret.md")
    assert len(listed(folder)) == 3


def test_a_postmortem_is_told_by_its_name_and_so_is_its_incident(folder: Path):
    for name in ("postmortem-incident-12.md", "postmortem-mem-delft-20261120T1110.md"):
        (folder / name).touch()
    documents = get(app(folder), "/api/herald/reports").json()["documents"]
    told = {each["name"]: each["incident"] for each in documents if each["postmortem"]}
    assert told == {"postmortem-incident-12.md": 12, "postmortem-mem-delft-20261120T1110.md": None}


@pytest.mark.parametrize("missing", [None, Path("/nowhere")])
def test_without_a_folder_there_is_nothing_to_list(missing: Path | None):
    assert listed(missing) == []


def test_a_report_in_html_may_neither_run_nor_load_anything(folder: Path):
    answer = get(app(folder), "/reports/files/november.html")
    policy = answer.headers["content-security-policy"]
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name", ["../secret.md", "..%2fsecret.md", "%2e%2e/secret.md", "link.md", "notes.txt", "november.html%00.md", "."]
)
def test_nothing_but_what_is_listed_can_be_read(folder: Path, name: str):
    (folder / "link.md").symlink_to(folder.parent / "secret.md")
    (folder / "notes.txt").write_text("Secret")
    for address in (name, quote(name, safe="")):
        answer = get(app(folder), f"/reports/files/{address}")
        assert answer.status == 404
        assert b"# Secret" not in answer.body
