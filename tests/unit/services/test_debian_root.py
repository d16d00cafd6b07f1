"""Where the Debian root comes from."""

from pathlib import Path

import pytest

from tests.services.debian_root import DEFAULT_MIRROR, cache_dir, debian_root, find_mirror
from tests.services.unavailable import ServiceUnavailableError

DEB822 = "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n"


@pytest.mark.parametrize(
    ("file", "text", "mirror"),
    [
        ("sources.list", "deb http://mirror.example/debian bookworm main", "http://mirror.example/debian"),
        ("sources.list", "deb [signed-by=/k.gpg] https://m.example/debian/ x main", "https://m.example/debian"),
        ("sources.list.d/debian.sources", DEB822, "http://mirror.example/debian"),
        (
            "sources.list.d/extra.list",
            "deb http://mirror.example/debian bookworm main",
            "http://mirror.example/debian",
        ),
        ("sources.list", "deb http://mirror.example/debian-security bookworm-security main", DEFAULT_MIRROR),
        ("sources.list", "deb http://archive.example/ubuntu noble main", DEFAULT_MIRROR),
        ("sources.list", "# deb http://mirror.example/debian bookworm main", DEFAULT_MIRROR),
    ],
)
def test_mirror_comes_from_the_sources_of_apt(tmp_path: Path, file: str, text: str, mirror: str):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    assert find_mirror(tmp_path) == mirror


def test_cache_stands_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HERALD_TEST_CACHE", str(tmp_path))
    assert cache_dir() == tmp_path


def test_an_ordinary_user_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ServiceUnavailableError, match="run make test as root"):
        debian_root()


def test_a_failed_build_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    failing = tmp_path / "debootstrap"
    failing.write_text("#!/bin/sh\necho 'E: no such mirror'; exit 1\n")
    failing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HERALD_TEST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(ServiceUnavailableError, match=r"E: no such mirror; see .*debian-13\.log"):
        debian_root()
    assert not (tmp_path / "cache" / "debian-13").exists()
