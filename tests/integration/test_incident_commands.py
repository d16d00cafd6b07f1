"""`herald incident` and `herald note`: what people say and do about incidents, in the database and the audit log."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from herald.cli import app
from model.errors import HeraldError
from store import AccessStore, Store
from tests.integration.telemetry import query_all

Say = Callable[..., Any]


@pytest.fixture
def server_url(embedded_server_url: str) -> str:
    """One kind of server is enough for what only moves rows."""
    return embedded_server_url


@pytest.fixture
def say(database: str) -> Say:
    """Run a command as ann and return the JSON that it prints."""

    def run(*words: object) -> Any:
        line = [*map(str, words), "--database", database, "--json"]
        ran = CliRunner().invoke(app, line, env={"HERALD_ACTOR": "ann"}, catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    return run


def opened(say: Say, *options: object) -> int:
    number: int = say("incident", "open", "fibre cut", "--entity", "link-a", *options)["id"]
    return number


def test_a_person_opens_an_incident_and_everything_around_it_is_pinned(say: Say, database: str):
    told = say("incident", "open", "fibre cut", "--entity", "link-a", "--from", "now-20m", "--domain", "link")
    assert (told["state"], told["title"], told["entities"], told["domain"]) == (
        "open",
        "fibre cut",
        ["link-a"],
        "link",
    )
    assert told["seconds_to_detect"] == pytest.approx(1200, abs=1)
    assert told["opened_by"].startswith("ann (")
    pins = query_all(database, "select reason, end_time = 'infinity', keep_until from pin")
    assert pins == [(f"incident {told['id']}", True, None)]


def test_a_name_that_nothing_speaks_of_is_said_and_the_incident_open_all_the_same(database: str):
    with Store(database) as store:
        store.entity_ids("reads", [(("device", "mem-a"),)])
    words = ["incident", "open", "it hurts", "--entity", "mem-b", "--entity", "mem-a", "--database", database]
    told = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "nothing that is stored speaks of 'mem-b' - did you mean mem-a?; alerts of it cannot join" in told.stderr
    assert "speaks of 'mem-a'" not in told.stderr
    assert "incident 1 is open" in told.stderr


def test_it_goes_through_its_states_and_the_list_shows_the_open_ones_first(say: Say):
    first, second = opened(say), opened(say)
    states = [say("incident", step, second)["state"] for step in ("acknowledge", "mitigate", "resolve")]
    assert states == ["acknowledged", "mitigated", "resolved"]
    assert [each["id"] for each in say("incident", "list")["incidents"]] == [first, second]


def test_who_mitigates_has_looked_after_it(say: Say):
    told = say("incident", "mitigate", opened(say))
    assert told["acknowledged_by"] == told["mitigated_by"]
    assert told["acknowledged"] == told["mitigated"]


def test_notes_are_kept_with_time_and_author(say: Say):
    number = opened(say)
    say("note", number, "splice ordered")
    say("note", number, "splice done")
    notes = say("incident", "show", number)["notes"]
    assert [note["text"] for note in notes] == ["splice ordered", "splice done"]
    assert all(note["author"].startswith("ann (") and note["at"].endswith("Z") for note in notes)


def test_every_step_is_in_the_audit_log(say: Say, database: str):
    number = opened(say)
    say("incident", "acknowledge", number)
    say("note", number, "on it")
    with AccessStore(database) as access:
        told = [entry for entry in access.read_audit(limit=9) if entry.action.startswith("incident.")]
    assert [(entry.action, entry.subject) for entry in told] == [
        ("incident.change", str(number)),
        ("incident.change", str(number)),
        ("incident.add", str(number)),
    ]
    assert all(entry.actor.startswith("ann (") for entry in told)


@pytest.mark.parametrize(
    ("words", "exit_code", "match"),
    [
        (("incident", "show", 77), 2, "there is no incident 77"),
        (("incident", "acknowledge", 77), 2, "there is no incident 77"),
        (("note", 77, "x"), 2, "there is no incident 77"),
        (("incident", "open", " "), 2, "needs a title"),
        (("incident", "open", "x", "--from", "2199-01-01"), 2, "begins in the future"),
        (("incident", "open", "x", "--domain", "kitchen"), 2, "'kitchen' is no domain"),
    ],
)
def test_what_cannot_be_done_is_told(say: Say, words: tuple[object, ...], exit_code: int, match: str):
    with pytest.raises(HeraldError, match=match) as refused:
        say(*words)
    assert refused.value.exit_code == exit_code


def test_a_step_back_is_the_answer_no(say: Say):
    number = opened(say)
    say("incident", "resolve", number)
    for step in ("acknowledge", "mitigate", "resolve"):
        with pytest.raises(HeraldError, match=f"incident {number} is resolved since") as refused:
            say("incident", step, number)
        assert refused.value.exit_code == 1


def test_an_empty_note_is_refused(say: Say):
    number = opened(say)
    with pytest.raises(HeraldError, match="a note says something"):
        say("note", number, "  ")


def test_without_json_people_read_a_table(say: Say, database: str):
    say("note", opened(say), "splice ordered")
    shown = CliRunner().invoke(app, ["incident", "show", "1", "--database", database], catch_exceptions=False)
    listed = CliRunner().invoke(app, ["incident", "list", "--database", database], catch_exceptions=False)
    assert "fibre cut" in shown.stdout
    assert "link-a" in listed.stdout


def test_a_postmortem_is_written_of_an_incident_that_nothing_paged_about(say: Say, database: str):
    say("note", opened(say), "splice ordered")
    words = ["postmortem", "--incident", "1", "--format", "json", "--database", database]
    told = json.loads(CliRunner().invoke(app, words, catch_exceptions=False).stdout)
    assert told["incident"]["title"] == "fibre cut"
    assert "splice ordered" in [moment["text"] for moment in told["timeline"]]


def test_a_postmortem_is_written_as_pages_but_not_as_a_table(say: Say, database: str, tmp_path: Path):
    opened(say)
    words = ["postmortem", "--incident", "1", "--database", database, "--out", str(tmp_path / "it.pdf")]
    CliRunner().invoke(app, [*words, "--format", "pdf"], catch_exceptions=False)
    assert (tmp_path / "it.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(HeraldError, match="not written as csv"):
        CliRunner().invoke(app, [*words, "--format", "csv"], catch_exceptions=False)


def test_what_people_wrote_into_a_postmortem_is_kept_when_it_is_written_anew(say: Say, database: str, tmp_path: Path):
    opened(say)
    words = ["postmortem", "--incident", "1", "--into", str(tmp_path), "--database", database]
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert {file.name for file in tmp_path.iterdir()} == {
        f"postmortem-incident-1.{suffix}" for suffix in ("md", "html", "json")
    }
    markdown = tmp_path / "postmortem-incident-1.md"
    markdown.write_text(markdown.read_text().replace("TODO(author)\n<!-- end -->", "A digger.\n<!-- end -->", 1))
    say("note", 1, "splice done")
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert "A digger." in markdown.read_text()
    assert "splice done" in markdown.read_text()


def test_a_postmortem_written_over_its_own_markdown_keeps_what_people_wrote(say: Say, database: str, tmp_path: Path):
    opened(say)
    file = tmp_path / "it.md"
    words = ["postmortem", "--incident", "1", "--out", str(file), "--database", database]
    CliRunner().invoke(app, words, catch_exceptions=False)
    file.write_text(file.read_text().replace("TODO(author)\n<!-- end -->", "A digger.\n<!-- end -->", 1))
    CliRunner().invoke(app, words, catch_exceptions=False)
    assert "A digger." in file.read_text()


@pytest.mark.parametrize("spoilt", [b"<!-- written: cause -->\nA digger.\n", "A diggér.".encode("latin-1")])
def test_a_file_whose_words_are_not_found_again_is_left_alone(say: Say, database: str, tmp_path: Path, spoilt: bytes):
    opened(say)
    file = tmp_path / "postmortem-incident-1.md"
    file.write_bytes(spoilt)
    with pytest.raises(HeraldError, match=r"postmortem-incident-1\.md"):
        CliRunner().invoke(
            app, ["postmortem", "--incident", "1", "--into", str(tmp_path), "--database", database],
            catch_exceptions=False,
        )  # fmt: skip
    assert file.read_bytes() == spoilt


def test_a_title_is_one_line(say: Say):
    assert say("incident", "open", "fibre\n  cut")["title"] == "fibre cut"


@pytest.mark.parametrize(
    "words",
    [("--incident", "1", "--alert", "1"), ("--alert", "1", "--from", "now-1h"), ("--incident", "1", "--to", "now")],
)
def test_a_postmortem_is_about_one_thing(say: Say, database: str, words: tuple[str, ...]):
    with pytest.raises(HeraldError, match="a postmortem is about one thing"):
        CliRunner().invoke(app, ["postmortem", *words, "--database", database], catch_exceptions=False)
