"""The registry refuses what it cannot mean, one offence per mistake with file and key."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from model import names
from model.registry import InvalidRegistryError, Registry, load_registry
from model.units import is_known_unit

COMPANIONS = (names.error_of, names.samples_of, names.calibrated_of)
DEVICE = {"id": "quantum.device.id", "brief": "A device.", "annotations": {"herald": {"column": "device"}}}
ATTRIBUTES = {"type": "attribute_group", "attributes": [DEVICE]}


def metric(**changes: Any) -> dict[str, Any]:
    good = {
        "type": "metric",
        "metric_name": "quantum.memory.t9",
        "brief": "A time.",
        "instrument": "gauge",
        "unit": "s",
        "attributes": [{"ref": "quantum.device.id"}],
    }
    return {key: value for key, value in (good | changes).items() if value is not None}


def event(**changes: Any) -> dict[str, Any]:
    return {"type": "event", "name": "quantum.test", "brief": "Something."} | changes


def herald(**annotation: Any) -> dict[str, Any]:
    return {"annotations": {"herald": annotation}}


def registry_of(folder: Path, *groups: Any) -> Registry:
    (folder / "a.yaml").write_text(yaml.safe_dump({"groups": [ATTRIBUTES, *groups]}))
    return load_registry(folder)


OFFENCES: dict[str, tuple[dict[str, Any], str, str]] = {
    "no type": ({}, "groups[1].type", "must be one of attribute_group, metric"),
    "unknown type": ({"type": "entity"}, "groups[1].type", "must be one of attribute_group, metric"),
    "capital letter": (metric(metric_name="quantum.Memory.t9"), "groups[1].metric_name", "lower-case words"),
    "one word": (metric(metric_name="memory"), "groups[1].metric_name", "joined by dots"),
    "hyphen": (metric(metric_name="quantum.memory-bank"), "groups[1].metric_name", "lower-case words"),
    "no name": (metric(metric_name=None), "groups[1].metric_name", "None must be lower-case words"),
    "percent": (metric(unit="%"), "groups[1].unit", "'%' is not a known UCUM unit"),
    "milliseconds": (metric(unit="ms"), "groups[1].unit", "'ms' is not a known UCUM unit"),
    "no unit": (metric(unit=None), "groups[1].unit", "is not a known UCUM unit"),
    "unknown instrument": (metric(instrument="meter"), "groups[1].instrument", "'meter' must be one of counter"),
    "no brief": (metric(brief=""), "groups[1].brief", "must say in one sentence"),
    "dangling attribute": (
        metric(attributes=[{"ref": "quantum.device.id"}, {"ref": "quantum.slot.id"}]),
        "groups[1].attributes[1].ref",
        "attribute 'quantum.slot.id' is not defined",
    ),
    "histogram without bounds": (metric(instrument="histogram"), "groups[1].annotations.herald.bounds", "needs"),
    "falling bounds": (
        metric(instrument="histogram", **herald(bounds=[1, 3, 2])),
        "groups[1].annotations.herald.bounds",
        "must increase",
    ),
    "unknown role": (
        metric(**herald(role="villain")),
        "groups[1].annotations.herald.role",
        "'villain' must be one",
    ),
    "unknown driver": (
        metric(**herald(follows=["quantum.lost"])),
        "groups[1].annotations.herald.follows[0]",
        "metric 'quantum.lost' is not defined",
    ),
    "bad attribute name": (
        {"type": "attribute_group", "attributes": [DEVICE | {"id": "Device"}]},
        "groups[1].attributes[0].id",
        "lower-case words",
    ),
    "attribute twice": (ATTRIBUTES, "groups[1].attributes[0].id", "'quantum.device.id' is defined twice"),
    "bad event name": (event(name="test"), "groups[1].name", "joined by dots"),
    "event with a dangling attribute": (
        event(attributes=[{"ref": "quantum.lost"}]),
        "groups[1].attributes[0].ref",
        "'quantum.lost' is not defined",
    ),
}


@pytest.mark.parametrize(("group", "key", "rule"), OFFENCES.values(), ids=OFFENCES)
def test_one_mistake_is_one_offence_with_file_and_key(tmp_path: Path, group: Any, key: str, rule: str):
    with pytest.raises(InvalidRegistryError, match=re.escape(rule)) as refused:
        registry_of(tmp_path, group)
    assert [(offence.file, offence.key) for offence in refused.value.offences] == [("a.yaml", key)]


@pytest.mark.parametrize("twice", [metric(), event(), event(type="span")], ids=["metric", "event", "span"])
def test_a_name_is_defined_once_over_all_files(tmp_path: Path, twice: dict[str, Any]):
    (tmp_path / "b.yaml").write_text(yaml.safe_dump({"groups": [twice]}))
    with pytest.raises(InvalidRegistryError, match="is defined twice") as refused:
        registry_of(tmp_path, twice)
    assert [offence.file for offence in refused.value.offences] == ["b.yaml"]


@pytest.mark.parametrize("text", ["groups: [", "just text", "[]", "groups: 3", ""])
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str):
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(InvalidRegistryError, match=r"a\.yaml: .*(is not YAML|must be a list)"):
        load_registry(tmp_path)


def test_all_offences_of_all_files_come_together(tmp_path: Path):
    (tmp_path / "b.yaml").write_text(yaml.safe_dump({"groups": [metric(unit="min", metric_name="Bad")]}))
    with pytest.raises(InvalidRegistryError) as refused:
        registry_of(tmp_path, metric(instrument="meter"))
    assert [(offence.file, offence.key.split(".")[-1]) for offence in refused.value.offences] == [
        ("a.yaml", "instrument"),
        ("b.yaml", "metric_name"),
        ("b.yaml", "unit"),
    ]


def test_a_definition_says_everything_in_the_file(tmp_path: Path):
    group = metric(instrument="histogram", **herald(bounds=[1, 2.5], keep=True, role="hardware"))
    known = registry_of(tmp_path, group).metrics["quantum.memory.t9"]
    assert (known.instrument, known.unit, known.bounds) == ("histogram", "s", (1.0, 2.5))
    assert (known.keep, known.role, known.attributes) == (True, "hardware", ("quantum.device.id",))


def test_constants_and_registry_name_the_same_things():
    registry = load_registry()
    companions = {of(name) for of in COMPANIONS for name in registry.metrics}
    metrics = registry.metrics.keys() - companions
    prefixes = {"ATTR_": registry.attributes, "METRIC_": metrics, "EVENT_": registry.events}
    for prefix, known in {**prefixes, "SPAN_": registry.spans}.items():
        assert {value for key, value in vars(names).items() if key.startswith(prefix)} == set(known)


def test_an_estimate_brings_its_error_its_samples_and_its_calibration_set(tmp_path: Path):
    known = registry_of(tmp_path, metric(**herald(estimate=True, role="hardware"))).metrics
    name = "quantum.memory.t9"
    assert {each: known[each].unit for each in known} == {
        name: "s",
        names.error_of(name): "s",
        names.samples_of(name): "{sample}",
        names.calibrated_of(name): "s",
    }
    assert {known[of(name)].role for of in COMPANIONS} == {"outcome"}
    assert {known[of(name)].attributes for of in COMPANIONS} == {known[name].attributes}


def test_constants_spell_their_values():
    constants = {key: value for key, value in vars(names).items() if key.isupper()}
    spelled = {key: key.split("_", 1)[1].lower() for key in constants}
    wrong = [k for k, v in constants.items() if spelled[k] != v.replace(".", "_").removeprefix("quantum_")]
    assert wrong == []


def test_columns_name_one_attribute_each():
    registry = load_registry()
    columns = [attribute.column for attribute in registry.attributes.values()]
    assert len(columns) == len(set(columns))
    assert all(registry.attribute_of_column(registry.column(name)) == name for name in registry.attributes)


def test_an_unregistered_attribute_keeps_its_name_as_a_column():
    assert load_registry().column("vendor.serial.number") == "vendor_serial_number"
    assert load_registry().attribute_of_column("vendor_serial_number") is None


def test_no_metric_carries_the_id_of_a_job():
    assert [m.name for m in load_registry().metrics.values() if names.ATTR_JOB_ID in m.attributes] == []


@pytest.mark.parametrize("unit", ["s", "1", "Cel", "{read}", "dB[mW]"])
def test_known_units(unit: str):
    assert is_known_unit(unit)


@pytest.mark.parametrize("unit", ["", "ms", "%", "{}", "{Read}", "{a b}", "{read}/s", "seconds"])
def test_unknown_units(unit: str):
    assert not is_known_unit(unit)


def test_metrics_and_events_may_be_kept_and_nothing_else_is(tmp_path: Path):
    event = {
        "id": "event.it",
        "type": "event",
        "name": "quantum.memory.snapped",
        "brief": "It.",
        "stability": "stable",
    }
    passing = event | {"id": "event.other", "name": "quantum.memory.passed"}
    known = registry_of(tmp_path, metric(**herald(keep=True)), event | herald(keep=True), passing)
    assert known.kept == {"quantum.memory.t9", "quantum.memory.snapped"}
