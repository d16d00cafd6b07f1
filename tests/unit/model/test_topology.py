"""Walking the graph of what acts on what."""

from model.topology import Edge, Entity, Relation, Topology

# fridge cools bank, controller controls bank and link, bank feeds link
LAB = Topology(
    entities=[Entity(kind="memory", id="bank", site="delft")],
    edges=[
        Edge(source="fridge", relation=Relation.COOLS, target="bank"),
        Edge(source="controller", relation=Relation.CONTROLS, target="bank"),
        Edge(source="controller", relation=Relation.CONTROLS, target="link"),
        Edge(source="bank", relation=Relation.FEEDS, target="link"),
    ],
)


def test_upstream_counts_the_shortest_way():
    assert LAB.distances_upstream("link") == {"link": 0, "controller": 1, "bank": 1, "fridge": 2}


def test_downstream_is_everything_that_an_entity_can_hurt():
    assert LAB.downstream("fridge") == {"bank", "link"}
    assert LAB.downstream("link") == set()


def test_an_unknown_entity_stands_alone():
    assert LAB.distances_upstream("elsewhere") == {"elsewhere": 0}


def test_what_is_told_of_a_site_is_told_of_all_that_stands_there():
    assert LAB.distances_upstream("delft") == {"delft": 0, "bank": 1, "fridge": 2, "controller": 2}


def test_a_circle_ends():
    circle = Topology(
        edges=[
            Edge(source="a", relation=Relation.FEEDS, target="b"),
            Edge(source="b", relation=Relation.FEEDS, target="a"),
        ]
    )
    assert circle.distances_upstream("a") == {"a": 0, "b": 1}
    assert circle.downstream("a") == {"b"}


def test_upstream_and_downstream_are_two_views_of_one_graph():
    entities = {edge.source for edge in LAB.edges} | {edge.target for edge in LAB.edges}
    for one in entities:
        for other in entities - {one}:
            assert (other in LAB.downstream(one)) == (one in LAB.distances_upstream(other))
