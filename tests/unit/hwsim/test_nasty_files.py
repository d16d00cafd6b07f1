"""Fleet and scenario files as nobody means them: each is refused in words, with its file, and nothing starts."""

from pathlib import Path

import pytest
import yaml

from hwsim import load_fleet
from hwsim.documents import InvalidFileError
from hwsim.scenario import find_scenario, load_scenario
from model.errors import InvalidInputError

SMALL = """
sites:
  - id: delft
    devices:
      - {kind: environment, id: env}
      - {kind: cryostat, id: cryo, preset: closed_cycle}
      - {kind: controller, id: ctl}
      - {kind: memory, id: mem-a, preset: trapped_ion, slots: 4, jobs_per_s: 5.0, controlled_by: ctl}
      - {kind: memory, id: mem-b, preset: trapped_ion, slots: 4, jobs_per_s: 5.0, controlled_by: ctl}
"""
SCENARIO = """
title: Much work
about: Somebody multiplies a number.
fleet: fleet.yaml
hours: 4
"""


def offences_of(path: Path, content: str | bytes) -> list[str]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidFileError) as caught:
        load_fleet(path) if path.name == "fleet.yaml" else load_scenario(path)
    assert {Path(each.file).suffix for each in caught.value.offences} == {".yaml"}
    return [f"{each.key} = {each.value}: {each.rule}" for each in caught.value.offences]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", " = null: must be a mapping"),
        (b"- 1\n", " = [1]: must be a mapping"),
        (b"sites: [", "is not YAML: while parsing a flow"),
        (b"sites: \xff\xfe", "is not YAML: 'utf-8' codec can't decode byte 0xff"),
        (b"sites: \x00", "is not YAML: "),
        (b"sites: 2026-02-30", "is not YAML: day is out of range"),
        (b"sites: !!python/object:os.system {}", "is not YAML: could not determine a constructor"),
        (b"[" * 100_000, "is not YAML: "),
        (b"sites: &again [*again]", "must be a mapping"),
        (b"sites: {2026-01-01: x}", "must be a list with at least one entry"),
        (b"sites: []", "must be a list with at least one entry"),
        (b"sites: " + b"9" * 5000, "is not YAML: Exceeds the limit"),
    ],
    ids=range(12),
)
def test_what_is_no_fleet_at_all_is_refused_in_one_line(tmp_path, content, rule):
    told = offences_of(tmp_path / "fleet.yaml", content)
    assert rule in told[0]
    assert not any("\n" in text for text in told)


def test_lists_within_lists_without_end_are_refused_without_libyaml_too(tmp_path, monkeypatch):
    monkeypatch.setattr("model.yaml_text._Loader", yaml.SafeLoader)
    (told,) = offences_of(tmp_path / "fleet.yaml", b"[" * 100_000)
    assert "is not YAML: " in told


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("jobs_per_s: 5.0", "jobs_per_s: .nan", "jobs_per_s = nan: must be a number"),
        ("jobs_per_s: 5.0", "jobs_per_s: -.inf", "jobs_per_s = -inf: must be a number"),
        ("jobs_per_s: 5.0", f"jobs_per_s: {'9' * 400}", "must be a number"),
        ("jobs_per_s: 5.0", "jobs_per_s: yes", "jobs_per_s = True: must be a number"),
        ("slots: 4", "slots: 4.5", "slots = 4.5: must be a whole number of at least 1"),
        ("slots: 4", f"slots: {10**12}", "slots = 1000000000000: must be at most 1,000,000"),
        ("preset: trapped_ion", f"preset: {'x' * 300}", "preset = xxx"),
        ("id: mem-a", "id: [mem, a]", 'id = ["mem", "a"]: must be a text'),
        ("controlled_by: ctl", "controlled_by: mem-a", "controlled_by = mem-a: must be a controller, not a memory"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_told_with_its_place(tmp_path, old, new, rule):
    assert old in SMALL
    (told,) = offences_of(tmp_path / "fleet.yaml", SMALL.replace(old, new, 1))
    assert told.startswith("sites[0].devices[3].")
    assert rule in told


@pytest.mark.parametrize(
    ("number", "factor", "rule"),
    [
        ("t2_s", "1000", "load[0].factor = 1000: makes t2_s 85, which is 85 and cannot exceed 2 T1"),
        ("write_efficiency", "2", "write_efficiency 1.997, which must be a number of 0 to 1"),
        ("daily_swing", "6", "daily_swing 1.2, which must be a number of 0 to 1"),
        ("jobs_per_s", "1.0e+308", "makes jobs_per_s inf, which must be a number of 0 to inf"),
        ("t1_s", "0", "makes t1_s 0, which must be more than 0"),
    ],
)
def test_load_cannot_make_hardware_that_cannot_be(tmp_path, number, factor, rule):
    (tmp_path / "fleet.yaml").write_text(SMALL, encoding="utf-8")
    load = f"load:\n  - {{entity: mem-a, number: {number}, factor: {factor}}}\n"
    told = offences_of(tmp_path / "scenario.yaml", SCENARIO + load)
    assert any(rule in text for text in told), told


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("hours: 4", "hours: 1.0e+300", "hours = 1e+300: must be at most 100000"),
        ("at_h: 1", "at_h: .inf", "at_h = inf: must be a number"),
        ("for_h: 1", "for_h: 1.0e+300", "for_h = 1e+300: must be at most 100000"),
        ("for_h: 1", "for_h: -1", "for_h = -1: must be at least 0"),
        ("magnitude: gross", "magnitude: .nan", "magnitude = nan: must be a number"),
        ("magnitude: gross", "magnitude: yes", "magnitude = True: must be one of faint, typical, gross"),
        ("fleet: fleet.yaml", f"fleet: {'x' * 300}.yaml", "must be a file beside the scenario"),
    ],
)
def test_times_and_strengths_beyond_all_bounds_are_told(tmp_path, old, new, rule):
    (tmp_path / "fleet.yaml").write_text(SMALL, encoding="utf-8")
    faults = "faults:\n  - {fault: memory.F1, entity: mem-a, at_h: 1, for_h: 1, magnitude: gross}\n"
    told = offences_of(tmp_path / "scenario.yaml", (SCENARIO + faults).replace(old, new, 1))
    assert any(rule in text for text in told), told


def test_what_follows_from_an_offence_is_none_of_its_own(tmp_path):
    (tmp_path / "fleet.yaml").write_text(SMALL, encoding="utf-8")
    faults = (
        "faults:\n  - {fault: memory.F1, entity: mem-a, at_h: -1}\n  - {fault: memory.F1, entity: mem-a, at_h: 3}\n"
    )
    told = offences_of(tmp_path / "scenario.yaml", SCENARIO.replace("hours: 4", "hours: 0") + faults)
    assert told == ["hours = 0: must be at least 0.1", "faults[0].at_h = -1: must be at least 0"]
    assert offences_of(tmp_path / "scenario.yaml", (SCENARIO + faults).replace("at_h: 3", "at_h: 9"))[1:] == [
        "faults[1].at_h = 9: must be before the end of the scenario, 4 hours"
    ]


def test_a_fleet_that_is_no_yaml_hides_no_offence_of_its_scenario(tmp_path):
    (tmp_path / "fleet.yaml").write_text("sites: [", encoding="utf-8")
    told = offences_of(tmp_path / "scenario.yaml", SCENARIO.replace("hours: 4", "hours: -4"))
    assert len(told) == 2
    assert "is not YAML" in told[0]
    assert "hours = -4: must be at least 0.1" in told[1]


def test_a_scenario_of_a_name_too_long_for_any_file_is_none():
    with pytest.raises(InvalidInputError, match="there is no scenario"):
        find_scenario("x" * 300)


def test_repeated_keys_are_refused_together_with_everything_else(tmp_path):
    content = SMALL.replace("slots: 4, jobs_per_s: 5.0", "slots: 4, jobs_per_s: -1, slots: 8", 1)
    assert offences_of(tmp_path / "fleet.yaml", content) == [
        "sites[0].devices[3].slots = None: is given again in line 8, first in line 8",
        "sites[0].devices[3].jobs_per_s = -1: must be at least 0",
    ]


def test_a_scenario_that_gives_a_key_again_is_refused(tmp_path):
    (tmp_path / "fleet.yaml").write_text(SMALL, encoding="utf-8")
    told = offences_of(tmp_path / "scenario.yaml", SCENARIO + "hours: 5\n")
    assert told == ["hours = None: is given again in line 6, first in line 5"]


def test_numbers_with_exponents_are_numbers(tmp_path):
    path = tmp_path / "fleet.yaml"
    path.write_text(SMALL.replace("jobs_per_s: 5.0", "jobs_per_s: 5e-1", 1), encoding="utf-8")
    assert load_fleet(path).by_id["mem-a"].settings.jobs_per_s == 0.5
