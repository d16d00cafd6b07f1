"""What an agent shows of itself: tokens that may be renewed, files that must be there."""

import os
from pathlib import Path

import pytest

from exporters import Credentials, TokenFile, connect, sends_token_in_the_clear
from model.errors import InvalidInputError


def test_a_token_file_is_read_again_when_it_changes(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("first\n", encoding="utf-8")
    token = TokenFile(file)
    assert token() == "first"
    file.write_text("second", encoding="utf-8")
    os.utime(file, ns=(1, 1))  # another time, however coarse the file system's clock
    assert token() == "second"


def test_the_last_token_serves_while_its_file_is_gone(tmp_path: Path):
    file = tmp_path / "token"
    file.write_text("first", encoding="utf-8")
    token = TokenFile(file)
    file.unlink()
    assert token() == "first"


def test_a_token_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(InvalidInputError, match=r"the token file .* cannot be read: No such file"):
        TokenFile(tmp_path / "token")


def test_all_files_that_cannot_be_read_are_named(tmp_path: Path):
    with pytest.raises(InvalidInputError, match=r"ca\.crt cannot be read; .*client\.crt cannot be read; .* its key"):
        Credentials(ca_file=tmp_path / "ca.crt", client_certificate=tmp_path / "client.crt")


@pytest.mark.parametrize("url", ["https://localhost:4318", "grpcs://localhost:4317"])
def test_a_ca_that_is_none_is_refused(tmp_path: Path, url):
    nonsense = tmp_path / "ca.crt"
    nonsense.write_text("nonsense", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="cannot be used"):
        connect(url, credentials=Credentials(ca_file=nonsense))


@pytest.mark.parametrize(
    ("url", "token", "in_the_clear"),
    [
        ("http://collector:4318", "x", True),
        ("grpc://192.0.2.1:4317", "x", True),
        ("https://collector:4318", "x", False),
        ("grpcs://collector:4317", "x", False),
        ("http://127.0.0.1:4318", "x", False),
        ("grpc://localhost:4317", "x", False),
        ("http://collector:4318", "", False),
    ],
)
def test_a_token_in_the_clear_is_noticed(url, token, in_the_clear):
    assert sends_token_in_the_clear(url, Credentials(token=lambda: token)) is in_the_clear
