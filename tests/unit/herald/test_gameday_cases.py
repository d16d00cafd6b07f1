"""Cases of the cause sweep: what strikes, whom it hurts, and that a pair is two faults at once."""

from pathlib import Path

import pytest

from herald.gameday.cause_case import Case, play_case
from hwsim import find_fault, load_fleet
from hwsim.fleet import FLEETS
from model.clock import MINUTE_NS
from model.registry import load_registry

TWO_ROOMS = """
sites:
  - id: here
    devices:
      - {kind: environment, id: lab}
      - {kind: environment, id: cellar}
      - {kind: controller, id: control}
      - kind: memory
        id: bank
        preset: trapped_ion
        slots: 2
        jobs_per_s: 1.0
        controlled_by: control
        surrounded_by: lab
      - kind: link
        id: fibre
        preset: trapped_ion
        ends: [bank, bank]
        length_km: 1.0
        protocol: two_click
        controlled_by: control
        surrounded_by: lab
      - {kind: agent, id: agent}
"""


@pytest.mark.parametrize(("room", "hurt"), [("lab", "fibre"), ("cellar", None)])
def test_who_only_wanders_out_of_its_range_is_not_hurt(tmp_path: Path, room: str, hurt: str | None):
    """With this seed the link's signal leaves its range at a time when only the other room shakes."""
    (tmp_path / "fleet.yaml").write_text(TWO_ROOMS)
    fault = find_fault("network.B1")
    case = Case(
        fault=fault,
        fleet=load_fleet(tmp_path / "fleet.yaml"),
        entity=room,
        magnitude=fault.magnitude.typical,
        seed=5,
    )
    incident = play_case(case, load_registry())
    assert (incident.entity if incident else None) == hurt


def test_in_a_pair_another_fault_strikes_something_else_at_nearly_the_same_time():
    fault = find_fault("memory.F2")
    case = Case(
        fault=fault,
        fleet=load_fleet(FLEETS / "memory.yaml"),
        entity="mem-hague",
        magnitude=fault.magnitude.gross,
        seed=5,
        pair=True,
    )
    incident = play_case(case, load_registry())
    assert incident is not None
    first, second = incident.strikes
    assert (first.fault_id, first.entity_id) == ("memory.F2", "mem-hague")
    assert second.fault_id != first.fault_id
    assert second.entity_id != first.entity_id
    assert abs(second.start_ns - first.start_ns) <= 10 * MINUTE_NS
