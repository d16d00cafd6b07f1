"""Errors are one sentence and an exit code."""

import pytest

from model.errors import (
    DatabaseUnavailableError,
    DependencyError,
    DirectoryNotWritableError,
    HeraldError,
    InvalidInputError,
    PortInUseError,
)


def test_a_message_is_followed_by_its_remedy():
    assert str(HeraldError("port 1 is taken", remedy="choose another")) == "port 1 is taken — choose another"


def test_without_a_remedy_the_message_stands_alone():
    assert str(HeraldError("it broke")) == "it broke"


def test_a_class_brings_its_own_remedy():
    assert str(PortInUseError("port 8080 is in use")).endswith("stop the other program or choose another port")


def test_the_place_comes_first():
    error = InvalidInputError("is not a number", place="fleet.yaml: sites[0]")
    assert (str(error), error.place) == ("fleet.yaml: sites[0]: is not a number", "fleet.yaml: sites[0]")


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (HeraldError, 1),
        (InvalidInputError, 2),
        (DependencyError, 3),
        (DatabaseUnavailableError, 3),
        (PortInUseError, 3),
        (DirectoryNotWritableError, 3),
    ],
)
def test_exit_codes(kind: type[HeraldError], exit_code: int):
    assert kind("it broke").exit_code == exit_code
