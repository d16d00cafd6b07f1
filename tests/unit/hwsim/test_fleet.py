"""Fleet and preset files, good ones and bad ones."""

import re
from pathlib import Path

import pytest

from hwsim import FaultSchedule, Injection, build_sites, load_fleet
from hwsim.devices.auth import AuthPreset
from hwsim.documents import InvalidFileError
from hwsim.preset import PRESETS, load_preset
from model.errors import InvalidInputError
from model.topology import Edge, Relation

COMMUNITY = Path(__file__).parent / "fleets" / "community.yaml"
GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-fleet.md"
YAML_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)

IMPOSSIBLE = """
sites:
  - id: delft
    devices:
      - {kind: controller, id: ctl-delft}
      - kind: memory
        id: mem-delft
        preset: trapped_ion
        override: {t1_s: 0.01, write_efficiency: 1.2}
        slots: 4
        jobs_per_s: 5.0
        controlled_by: ctl-delft
      - {kind: memory, id: mem-b, preset: abacus, slots: 4, jobs_per_s: -5.0, controlled_by: ctl-delft}
      - kind: link
        id: link-a
        preset: trapped_ion
        ends: [mem-delft, mem-nowhere]
        length_km: -1
        protocol: two_click
        controlled_by: ctl-delft
"""


@pytest.fixture
def altered(tmp_path):
    """Return a function that writes a file with one passage replaced."""

    def write(source, old, new):
        text = source.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / source.name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_a_device_is_acted_on_by_what_its_entry_names():
    edges = load_fleet(COMMUNITY).topology("delft").edges
    assert Edge(source="auth-delft", relation=Relation.CONTROLS, target="backend-aurora") in edges
    assert Edge(source="env-delft", relation=Relation.SURROUNDS, target="cryo-delft") in edges


def test_a_number_of_a_preset_can_be_overridden(altered):
    path = altered(COMMUNITY, "kind: backend, id: backend-aurora", "kind: backend, id: b, override: {calls_hz: 3}")
    path.write_text(path.read_text(encoding="utf-8").replace("backend-aurora", "b"), encoding="utf-8")
    assert load_fleet(path).by_id["b"].preset.calls_hz == 3.0


def test_numbers_further_down_in_a_preset_can_be_overridden(altered):
    stages = "override: {stages: {sample: {temperature_k: 5}}, plant: {helium_kg: 7}}"
    preset = load_fleet(altered(COMMUNITY, "preset: closed_cycle", f"preset: closed_cycle, {stages}"))
    cryostat = preset.by_id["cryo-delft"].preset
    assert (cryostat.sample.temperature_k, cryostat.plant.helium_kg) == (5.0, 7.0)
    room = "kind: environment, override: {humidity: {mean: 0.3}}"
    quantities = load_fleet(altered(COMMUNITY, "kind: environment", room)).by_id["env-delft"].preset.quantities
    assert quantities["humidity"].mean == 0.3
    assert len(quantities) > 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("preset: closed_cycle", "preset: abacus", r"devices\[1\]\.preset = abacus: unknown preset 'abacus'"),
        ("kind: auth", "kind: oracle", r"devices\[3\]\.kind = oracle: must be one of environment"),
        ("kind: auth, ", "", r"devices\[3\]\.kind: is missing"),
        ("by: env-delft", "by: env-nowhere", r"devices\[1\]\.surrounded_by = env-nowhere: is no device of the fleet"),
        (
            "by: env-delft",
            "by: ctl-delft",
            r"surrounded_by = ctl-delft: must be a device of kind environment, not c",
        ),
        ("kind: registry,", "kind: registry, cooled_by: env-delft,", r"cooled_by = env-delft: must be .* cryostat"),
        ("kind: registry,", "kind: registry, watched_by: [ctl-delft],", r"watched_by = .*: must be .* kind agent"),
        ("id: ctl-delft", "id: cryo-delft", r"sites = cryo-delft: is the id of 2 entities"),
        ("kind: registry,", "kind: registry, colour: blue,", r"colour = blue: is not a known key"),
        ("id: auth-delft", "id: 7", r"devices\[3\]\.id = 7: must be a text"),
        ("sites:", "sites: [", "is not YAML"),
        ("fed_by: ci-delft", "override: {fetches_per_h: -1}", r"override\.fetches_per_h = -1: must be at least 0"),
        ("fed_by: ci-delft", "override: {hash_mismatch_probability: 1.5}", r"= 1\.5: must be at most 1"),
        ("id: cryo-delft,", "id: c, override: {plant: {helium_kg: -1}},", r"plant\.helium_kg = -1: must be at"),
        ("id: cryo-delft,", "id: c, override: {stages: {attic: {}}},", r"stages\.attic = \{\}: is not a known key"),
        ("kind: auth,", "kind: auth, override: {rotation_s: 4000},", r"rotation_s = 4000\.0: .* token_lifetime_s"),
    ],
)
def test_what_is_wrong_with_a_fleet_file_is_named_with_key_value_and_rule(altered, old, new, message):
    with pytest.raises(InvalidInputError, match=message):
        load_fleet(altered(COMMUNITY, old, new))


def test_all_offences_of_a_file_are_reported_together(tmp_path):
    path = tmp_path / "fleet.yaml"
    path.write_text(
        """
        sites:
          - id: a
            devices:
              - {kind: environment, preset: nowhere}
              - {kind: backend, id: b, controlled_by: missing, override: {rpc_latency_s: -1}}
              - {kind: abacus, id: c}
              - {kind: ci, id: d, fed_by: c, colour: blue}
        """,
        encoding="utf-8",
    )
    with pytest.raises(InvalidFileError) as caught:
        load_fleet(path)
    assert [(offence.key, offence.value) for offence in caught.value.offences] == [
        ("sites[0].devices[0].id", None),
        ("sites[0].devices[0].preset", "nowhere"),
        ("sites[0].devices[1].override.rpc_latency_s", "-1"),
        ("sites[0].devices[2].kind", "abacus"),
        ("sites[0].devices[1].controlled_by", "missing"),
        ("sites[0].devices[3].colour", "blue"),
    ]
    assert {offence.file for offence in caught.value.offences} == {str(path)}


def test_hardware_that_cannot_be_is_refused_all_together(tmp_path):
    path = tmp_path / "fleet.yaml"
    path.write_text(IMPOSSIBLE, encoding="utf-8")
    with pytest.raises(InvalidFileError) as caught:
        load_fleet(path)
    told = [str(offence).removeprefix(f"{path}: sites[0].devices") for offence in caught.value.offences]
    assert [text.partition(":")[0] for text in told] == [
        "[1].override.write_efficiency = 1.2",
        "[1].override.t2_s = 0.085",
        "[2].jobs_per_s = -5.0",
        "[2].preset = abacus",
        "[3].length_km = -1",
        "[3] = mem-nowhere",
    ]


def test_the_fleet_of_the_guide_is_one(tmp_path):
    example = YAML_BLOCK.findall(GUIDE.read_text(encoding="utf-8"))[0]
    (tmp_path / "fleet.yaml").write_text(example, encoding="utf-8")
    assert list(load_fleet(tmp_path / "fleet.yaml").entities)[-1] == "agent-delft"


def test_a_fleet_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidInputError, match=r"absent\.yaml: cannot be read"):
        load_fleet(tmp_path / "absent.yaml")


def test_a_number_without_its_source_is_refused(altered):
    path = altered(PRESETS / "auth" / "standard.yaml", "source: ", "origin: ")
    (path.parent / "auth").mkdir()
    path.rename(path.parent / "auth" / path.name)
    with pytest.raises(InvalidInputError, match=r"calls_hz\.source: is missing"):
        load_preset("auth", "standard", AuthPreset, path.parent)


def test_a_fault_cannot_strike_what_the_fleet_does_not_have():
    injection = Injection(fault_id="community.F5", entity_id="auth-delft", start_ns=0, magnitude=18.0)
    with pytest.raises(InvalidInputError, match="cannot strike 'auth-delft', which is no backend of the fleet"):
        build_sites(load_fleet(COMMUNITY), seed=1, start_ns=0, faults=FaultSchedule([injection]))
