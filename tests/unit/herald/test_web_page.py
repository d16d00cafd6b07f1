"""The web page is open to this machine, and to others only with a token or on request."""

from pathlib import Path

import pytest

from herald.commands.processes import read_web_token
from herald.settings import DataDirectory
from herald.web_page import run_web
from model.errors import InvalidInputError


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "herald.lab"])
def test_a_page_that_others_can_reach_wants_a_token(host: str, tmp_path: Path):
    with pytest.raises(InvalidInputError, match=f"whoever reaches {host} could read every page"):
        run_web(database=None, data=DataDirectory(tmp_path), objectives=None, host=host, port=8080)


def test_the_token_is_in_a_file_or_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "token"
    file.write_text("of the file\n")
    monkeypatch.setenv("HERALD_WEB_TOKEN", " of the environment ")
    assert [read_web_token(file), read_web_token(None)] == ["of the file", "of the environment"]


@pytest.mark.parametrize(
    ("content", "words"), [(None, "the token cannot be read"), (" \n", "the file holds no token")]
)
def test_a_file_without_a_token_lets_nobody_in(content: str | None, words: str, tmp_path: Path):
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(InvalidInputError, match=words):
        read_web_token(file)
