"""Files that people asked for are written with their folders, or refused in one sentence."""

import errno
from concurrent.futures import ThreadPoolExecutor
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


def test_what_stood_there_still_does_where_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "b.txt"
    file.write_text("A valve stuck.")
    write_whole = Path.write_bytes

    def write_half(path: Path, content: bytes) -> int:
        write_whole(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(DirectoryNotWritableError, match="No space left on device"):
        write_text(file, "anew, and longer")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("b.txt", "A valve stuck.")]


def test_a_link_still_leads_to_its_file(tmp_path: Path):
    (tmp_path / "link.txt").symlink_to(tmp_path / "file.txt")
    write_text(tmp_path / "link.txt", "x")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "file.txt").read_text() == "x"


def test_a_device_is_written_to_and_not_replaced():
    with pytest.raises(DirectoryNotWritableError, match="No space left on device"):
        write_text(Path("/dev/full"), "x")
    assert Path("/dev/full").is_char_device()


def test_threads_that_write_side_by_side_do_not_take_each_other_s_file(tmp_path: Path):
    """What is not finished yet has a name of its own for each of them."""
    names = [str(number) for number in range(400)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda name: write_text(tmp_path / name, name), names))
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {name: name for name in names}
