"""Where entities stand in the picture of a fleet."""

from hypothesis import given
from hypothesis import strategies as st

from model.topology import Edge, Relation
from web.fleet_map import place


def acts(*pairs: str) -> list[Edge]:
    """Edges written `source>target`."""
    return [Edge(source=pair[0], relation=Relation.FEEDS, target=pair[-1]) for pair in pairs]


def test_whatever_is_acted_upon_stands_to_the_right_of_all_that_acts_on_it():
    places = place(dict.fromkeys("abcd", "delft"), acts("a>b", "b>c", "a>c"))
    assert [places[each][0] for each in "abcd"] == [0, 1, 2, 0]


def test_each_site_counts_rows_of_its_own():
    places = place({"a": "delft", "b": "hague", "c": "hague"}, [])
    assert places == {"a": (0, 0), "b": (0, 0), "c": (0, 1)}


def test_a_row_follows_what_stands_to_the_left():
    places = place(dict.fromkeys("abxy", "delft"), acts("a>y", "b>x"))
    assert (places["y"], places["x"]) == ((1, 0), (1, 1))


def test_what_no_agent_told_of_is_not_drawn():
    assert place({"a": "delft"}, acts("a>b", "c>a")) == {"a": (0, 0)}


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))))
def test_no_two_entities_of_a_site_stand_in_the_same_place_even_where_edges_form_a_circle(pairs):
    places = place(dict.fromkeys("abcdef", "delft"), acts(*(f"{one}>{other}" for one, other in pairs)))
    assert len(set(places.values())) == 6
    assert {column for column, _ in places.values()} == set(range(max(column for column, _ in places.values()) + 1))
