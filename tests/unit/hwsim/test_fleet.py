"""Fleet, preset and fault files."""

import pytest

from hwsim import FaultSchedule, Injection, build_sites, load_fleet
from hwsim.fleet import DEFAULT_FLEET
from hwsim.preset import PRESETS, load_preset
from model.errors import InvalidInputError


@pytest.fixture
def altered(tmp_path):
    """Return a function that writes a shipped file with one passage replaced."""

    def write(source, old, new):
        text = source.read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / source.name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_the_default_fleet_has_two_sites_and_two_links():
    fleet = load_fleet()
    assert fleet.entities == {
        "cryo-delft": "cryostat",
        "ctl-delft": "controller",
        "mem-delft": "memory",
        "link-delft-hague": "link",
        "link-delft-local": "link",
        "cryo-hague": "cryostat",
        "ctl-hague": "controller",
        "mem-hague": "memory",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("slots: 4", "slots: 0", r"sites\[0\]\.memory\.slots: must be a whole number"),
        ("length_km: 10.0, ", "", r"links\[0\]\.length_km: is missing"),
        ("two_click", "telepathy", "protocol: must be one of two_click, single_click"),
        ("preset: trapped_ion", "preset: abacus", "unknown preset 'abacus'"),
        ("mem-hague]", "mem-nowhere]", "ends at 'mem-nowhere', which is no memory bank"),
        ("id: link-delft-local", "id: link-delft-hague", "'link-delft-hague' is used 2 times"),
        ("preset:", "colour: blue\n    preset:", "colour: is not a known key"),
        ("sites:", "sites: [", "is not YAML"),
        ("[mem-delft, mem-hague]", "[mem-delft]", "must name two memory banks"),
        ("jobs_per_s: 5.0", "jobs_per_s: -1", "must be at least 0"),
    ],
)
def test_what_is_wrong_with_a_fleet_file_is_named(altered, old, new, message):
    with pytest.raises(InvalidInputError, match=message):
        load_fleet(altered(DEFAULT_FLEET, old, new))


def test_all_offences_of_a_file_are_reported_together(tmp_path):
    path = tmp_path / "fleet.yaml"
    path.write_text("sites: [{id: a, memory: {slots: two}}]", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"cryostat: is missing.*memory\.slots: must be"):
        load_fleet(path)


def test_a_fleet_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidInputError, match=r"absent\.yaml: cannot be read"):
        load_fleet(tmp_path / "absent.yaml")


def test_a_preset_with_t2_above_twice_t1_is_refused(altered):
    path = altered(PRESETS / "trapped_ion.yaml", "value: 0.085", "value: 3.0")
    with pytest.raises(InvalidInputError, match="t2_s: must not exceed 2 t1_s"):
        load_preset(path.stem, path.parent)


def test_a_number_without_its_source_is_refused(altered):
    path = altered(PRESETS / "trapped_ion.yaml", "source: ", "origin: ")
    with pytest.raises(InvalidInputError, match=r"memory\.t1_s\.source: is missing"):
        load_preset(path.stem, path.parent)


def test_a_fault_cannot_strike_what_the_fleet_does_not_have():
    injection = Injection(fault_id="memory.F7", entity_id="mem-delft", start_ns=0, magnitude=18.0)
    with pytest.raises(InvalidInputError, match="'mem-delft', which is no cryostat"):
        build_sites(load_fleet(), seed=1, start_ns=0, faults=FaultSchedule([injection]))
