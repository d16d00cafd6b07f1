"""Files that people asked for are written with their folders, or refused in one sentence."""

from pathlib import Path

import pytest

from model.errors import DirectoryNotWritableError
from model.files import write_text


def test_the_folders_above_a_file_are_made(tmp_path: Path):
    written = write_text(tmp_path / "a" / "b.txt", "é\n")
    assert written.read_bytes() == b"\xc3\xa9\n"


def test_a_place_that_is_no_folder_is_told_with_the_remedy(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(DirectoryNotWritableError, match=r"cannot write .*b\.txt") as refused:
        write_text(tmp_path / "file" / "b.txt", "", remedy="choose a folder")
    assert "choose a folder" in str(refused.value)
