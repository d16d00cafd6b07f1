"""The documents point at things that exist, and at no machine."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.command_lines import parse

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work|opt/wheels)/\w+")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^herald ((?:(?!--help)[^|#&>\n])+)$", re.MULTILINE)
TARGET = re.compile(r"\bmake ([a-z]+)\b")


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_links_inside_the_repository_lead_somewhere(path: Path):
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_no_path_of_one_machine_is_named(path: Path):
    assert MACHINE_PATH.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_make_targets_that_are_named_exist(path: Path):
    code = CODE.findall(path.read_text(encoding="utf-8"))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(TARGET.findall("\n".join(code))) <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_commands_can_be_typed(path: Path):
    shell = "\n".join(SHELL.findall(path.read_text(encoding="utf-8"))).replace("\\\n", " ")
    for command in COMMAND.findall(re.sub(r" +#.*", "", shell)):
        parse(shlex.split(command))


def test_every_page_is_reachable_from_the_index():
    """A page that no other page links to is never found."""
    linked = {
        (path.parent / link).resolve()
        for path in DOCUMENTS
        for link in LINK.findall(path.read_text(encoding="utf-8"))
    }
    pages = {path.resolve() for path in ROOT.glob("docs/**/*.md")} - {(ROOT / "docs" / "index.md").resolve()}
    assert {page.name for page in pages - linked} == set()


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_changelog_has_an_unreleased_section():
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_readme_names_every_package():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    names = [pattern.rstrip("*") for pattern in packages["packages"]["find"]["include"]]
    assert [name for name in names if f"`{name}/`" not in readme] == []
