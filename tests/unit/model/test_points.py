"""Attribute sets and readings: identity is equality."""

from hypothesis import given
from hypothesis import strategies as st

from model.attributes import attributes
from model.points import Kind, Numbers, Series, Temporality
from model.units import ZERO_CELSIUS_K, kelvin_to_celsius

SETS = st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.booleans(), max_size=5)


@given(SETS)
def test_attribute_sets_are_equal_in_any_order(values: dict[str, str | int | bool]):
    backwards = dict(reversed(values.items()))
    assert attributes(values) == attributes(backwards)
    assert hash(attributes(values)) == hash(attributes(backwards))


def test_no_attributes_are_the_empty_set():
    assert attributes() == attributes({}) == ()


def test_numbers_count_their_points():
    one = Series("a.b", Kind.GAUGE, "s", Temporality.NONE, False, (), "scope", "1", ())
    assert len(Numbers.of([(one, 1, 0, 1.0), (one, 2, 0, 2.0)])) == 2


def test_absolute_zero_in_celsius():
    assert kelvin_to_celsius(0.0) == -ZERO_CELSIUS_K == -273.15
