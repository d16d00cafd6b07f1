"""Scenario files: what they mean, and everything that can be wrong with one."""

import re
from pathlib import Path

import pytest

from hwsim import build_sites
from hwsim.documents import InvalidFileError
from hwsim.rollout import Stage
from hwsim.scenario import SCENARIOS, load_scenario
from model.clock import HOUR_NS, SECOND_NS

FLEET = Path(__file__).parent / "fleets" / "community.yaml"
START_NS = 1_800_000_000 * SECOND_NS
GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-fleet.md"
YAML_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
GOOD = """
title: A provider fails while a new API comes out
catalogue: community.S5
about: One provider is slow; the other rolls out a new version.
fleet: fleet.yaml
hours: 4
load:
  - {entity: backend-aurora, number: calls_hz, factor: 3}
faults:
  - {fault: community.F5, entity: backend-aurora, at_h: 1, for_h: 0.5}
  - {fault: community.F10, entity: registry-delft, at_h: 2, magnitude: 0.2}
rollouts:
  - {fault: community.F8, waves: [[backend-borealis], [backend-aurora]], at_h: 2, soak_h: 0.5, magnitude: gross}
observe:
  - {telemetry: quantum.provider.rpc.duration, entity: backend-aurora, expect: rises}
"""


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a scenario beside its fleet."""
    (tmp_path / "fleet.yaml").write_text(FLEET.read_text(encoding="utf-8"), encoding="utf-8")

    def write_text(text):
        path = tmp_path / "scenario.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


def test_faults_strike_at_their_hours_with_their_strength(write):
    first, second = load_scenario(write(GOOD)).schedule(START_NS).injections
    assert (first.start_ns, first.end_ns) == (START_NS + HOUR_NS, START_NS + HOUR_NS * 3 // 2)
    assert (first.magnitude, second.magnitude, second.end_ns) == (25.0, 0.2, None)


def test_load_multiplies_a_number_of_the_demand(write):
    presets = {d.id: d.preset for d in load_scenario(write(GOOD)).fleet.devices}
    assert presets["backend-aurora"].calls_hz == pytest.approx(3 * presets["backend-borealis"].calls_hz)


def test_a_scenario_runs_with_its_rollouts(write):
    scenario = load_scenario(write(GOOD))
    schedule = scenario.schedule(START_NS)
    (rollout,) = scenario.rollouts(START_NS, schedule)
    site = build_sites(scenario.fleet, seed=1, start_ns=START_NS, faults=schedule)[0]
    for hours in (1, 2, 3, 4):
        site.advance(START_NS + hours * HOUR_NS)
        rollout.proceed(START_NS + hours * HOUR_NS, lambda now_ns: now_ns <= START_NS + 2 * HOUR_NS)
    assert (rollout.stage, rollout.reached) == (Stage.ROLLED_BACK, ("backend-borealis",))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("community.F5", "community.F77", r"faults\[0\]\.fault = community\.F77: is no fault of the catalogue"),
        (
            "entity: registry-delft",
            "entity: ci-delft",
            r"faults\[1\]\.entity = ci-delft: is a ci, and community\.F10 can",
        ),
        ("entity: registry-delft", "entity: nobody", r"faults\[1\]\.entity = nobody: is no device of the fleet"),
        ("at_h: 1,", "at_h: -1,", r"faults\[0\]\.at_h = -1: must be at least 0"),
        ("at_h: 1,", "at_h: 9,", r"faults\[0\]\.at_h = 9: must be before the end of the scenario, 4 hours"),
        ("for_h: 0.5", "for_h: 0", r"faults\[0\]\.for_h = 0: must be more than 0"),
        ("magnitude: 0.2", "magnitude: 2", r"faults\[1\]\.magnitude = 2: must be at most 1"),
        (
            "magnitude: gross",
            "magnitude: vast",
            r"rollouts\[0\]\.magnitude = vast: must be one of faint, typical, gross",
        ),
        (
            "[backend-aurora]]",
            "[ctl-delft]]",
            r"rollouts\[0\]\.waves\[1\] = ctl-delft: is a controller, and community\.F8",
        ),
        ("community.F8", "community.F5", r"rollouts\[0\]\.fault = community\.F5: must arrive with a change"),
        ("soak_h: 0.5", "soak_h: 0", r"rollouts\[0\]\.soak_h = 0: must be more than 0"),
        ("number: calls_hz", "number: qubits", r"load\[0\]\.number = qubits: is no number of backend-aurora"),
        ("factor: 3", "factor: -3", r"load\[0\]\.factor = -3: must be at least 0"),
        ("quantum.provider.rpc.duration", "quantum.x", r"observe\[0\]\.telemetry = quantum\.x: is no metric, event"),
        ("fleet: fleet.yaml", "fleet: nowhere", r"fleet = nowhere: must be a file beside the scenario or one of "),
    ],
)
def test_what_is_wrong_with_a_scenario_is_named_with_key_value_and_rule(write, old, new, message):
    assert old in GOOD
    with pytest.raises(InvalidFileError, match=message):
        load_scenario(write(GOOD.replace(old, new, 1)))


def test_offences_of_scenario_and_fleet_are_reported_together(write, tmp_path):
    (tmp_path / "fleet.yaml").write_text(FLEET.read_text(encoding="utf-8").replace("kind: auth", "kind: oracle"))
    with pytest.raises(InvalidFileError) as caught:
        load_scenario(write(GOOD.replace("community.F10", "community.F0").replace("at_h: 1,", "at_h: -1,")))
    assert [(Path(o.file).name, o.key) for o in caught.value.offences] == [
        ("fleet.yaml", "sites[0].devices[3].kind"),
        ("scenario.yaml", "faults[0].at_h"),
        ("scenario.yaml", "faults[1].fault"),
    ]


def test_the_scenario_of_the_guide_is_one(tmp_path):
    example = YAML_BLOCK.findall(GUIDE.read_text(encoding="utf-8"))[-1]
    (tmp_path / "scenario.yaml").write_text(example, encoding="utf-8")
    assert load_scenario(tmp_path / "scenario.yaml").plans[0].harmless


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_scenario_is_valid_and_named_after_the_catalogue(path):
    scenario = load_scenario(path)
    assert path.name == scenario.catalogue.lower().replace(".", "-") + ".yaml"
    assert scenario.observations
