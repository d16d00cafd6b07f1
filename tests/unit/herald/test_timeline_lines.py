"""What befalls many entities alike in one minute is one line of the timeline."""

from herald.timeline_lines import Line, join_lines


def line(name: str, at_ns: int = 0, after: str = " fires") -> Line:
    return Line(
        at_ns=at_ns, kind="alert", source="alert", before="page x of ", name=name, after=after, link=f"/d/{name}"
    )


def test_a_few_have_a_line_each():
    moments = list(join_lines(line(f"slot-{i}") for i in range(5)))
    assert [(moment.text, moment.link) for moment in moments] == [
        (f"page x of slot-{i} fires", f"/d/slot-{i}") for i in range(5)
    ]


def test_many_have_one_that_names_some_and_counts_the_others():
    (moment,) = join_lines(line(f"mem-0, slot-{i}") for i in range(1000))
    assert moment.text == "page x of mem-0, slot-0; mem-0, slot-1; mem-0, slot-2 and 997 more fires"
    assert (moment.at_ns, moment.kind, moment.source, moment.link) == (0, "alert", "alert", "/d/mem-0, slot-0")


def test_what_differs_by_more_than_the_name_stays_apart():
    lines = [line(f"slot-{i}", at_ns=i % 2) for i in range(10)] + [line("slot-0", after=" resolves")]
    assert len(list(join_lines(lines))) == 11
