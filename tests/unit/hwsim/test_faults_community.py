"""Each fault of the community domain moves its signal while it is on, and lets it return."""

from pathlib import Path

import numpy as np
import pytest

from hwsim import FaultSchedule, Injection, build_sites, load_faults, load_fleet
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.recording import Recording

FLEET = Path(__file__).parent / "fleets" / "community.yaml"
START_NS = 1_800_000_000 * SECOND_NS
CELL_NS = 10 * MINUTE_NS
ONSET_NS, END_NS, UNTIL_NS = (START_NS + hours * HOUR_NS for hours in (6, 12, 18))
RECOVERY_CELLS = 6  # a token is renewed at the next rotation, a queue drains
FAULTS = [fault for fault in load_faults().values() if fault.domain == "community"]


def record(*injections: Injection) -> list[Recording]:
    fleet = load_fleet(FLEET)
    sites = build_sites(fleet, seed=3, start_ns=START_NS, faults=FaultSchedule(injections))
    return [site.record(UNTIL_NS, CELL_NS) for site in sites]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_a_fault_moves_its_signal_and_lets_it_return(fault):
    entity = next(name for name, kind in load_fleet(FLEET).entities.items() if kind == fault.strikes)
    injection = Injection(
        fault_id=fault.id,
        entity_id=entity,
        start_ns=ONSET_NS,
        end_ns=END_NS,
        magnitude=fault.magnitude.typical,
    )
    signal = fault.signal.read(record(injection), entity) * fault.signal.direction
    ends_ns = START_NS + CELL_NS * np.arange(1, len(signal) + 1)
    before, during = signal[ends_ns <= ONSET_NS], signal[(ends_ns > ONSET_NS) & (ends_ns <= END_NS)]
    after = signal[ends_ns > END_NS][RECOVERY_CELLS:]
    usual, scatter = np.nanmean(before), np.nanstd(before)
    assert np.nanmean(during) > usual + 5 * scatter
    assert np.nanmean(during) > usual
    assert np.nanmean(after) < usual + max(2 * scatter, 0.1 * (np.nanmean(during) - usual))
