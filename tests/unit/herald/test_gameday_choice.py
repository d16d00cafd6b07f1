"""Which faults `herald gameday run --all` plays."""

import pytest

from herald.commands.gameday import _fitting
from hwsim import load_faults, load_fleet
from hwsim.fleet import FLEETS


def test_the_shipped_fleet_can_have_every_fault():
    assert _fitting(load_fleet()) == list(load_faults())


def test_what_a_fleet_has_not_is_left_out_and_said(capsys: pytest.CaptureFixture[str]):
    fitting = _fitting(load_fleet(FLEETS / "computing.yaml"))
    assert "scaleup.F1" in fitting
    assert "link.F1" not in fitting
    assert f"{len(load_faults()) - len(fitting)} faults strike what this fleet has not" in capsys.readouterr().err
