"""The generated reference page is current and complete."""

from pathlib import Path

from model.reference import render_reference
from model.registry import load_registry
from tests.golden import assert_generated

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"


def test_the_generated_page_is_current():
    assert_generated(PAGE, render_reference(load_registry()))


def test_every_name_stands_on_the_page():
    registry = load_registry()
    page = render_reference(registry)
    names = [*registry.metrics, *registry.attributes, *registry.events, *registry.spans]
    assert [name for name in names if f"`{name}`" not in page] == []
