"""The past is sent exactly once, in whole steps and requests of bounded size."""

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import NumberDataPoint

from exporters import history
from exporters.delivery import NotNowError, Signal
from exporters.history import Progress, replay_history
from model import names
from model.clock import HOUR_NS, MINUTE_NS, SECOND_NS
from model.errors import InvalidInputError
from tests.unit.exporters.stations import MORNING_NS, SteadySite, read_metrics, read_records, sum_counts


class Wire:
    """Keeps what it is given to send."""

    def __init__(self) -> None:
        self.sent: dict[Signal, list[bytes]] = {signal: [] for signal in Signal}

    def __call__(self, signal: Signal, body: bytes) -> None:
        self.sent[signal].append(body)


def attempts_of(bodies: list[bytes]) -> list[NumberDataPoint]:
    return [
        point
        for body in bodies
        for metric in read_metrics(body)
        if metric.name == names.METRIC_LINK_ATTEMPTS
        for point in metric.sum.data_points
    ]


def replay(start_ns: int, end_ns: int, *sites: str, step_s: int = 60) -> tuple[Wire, list[Progress]]:
    wire = Wire()
    sources = [SteadySite(site, start_ns) for site in sites or ("lab",)]
    return wire, list(replay_history(sources, start_ns, end_ns, step_s, send=wire))


@pytest.mark.parametrize(
    ("offset_s", "length_s"), [(0, 3 * 3600), (0, 61), (17, 7200), (59, 1), (3599, 2), (30, 20_000)]
)
def test_the_windows_cover_the_time_exactly(offset_s: int, length_s: int) -> None:
    start_ns = MORNING_NS + offset_s * SECOND_NS
    wire, _ = replay(start_ns, start_ns + length_s * SECOND_NS)
    points = attempts_of(wire.sent[Signal.METRICS])
    edges = [start_ns, *(point.time_unix_nano for point in points)]
    assert [point.start_time_unix_nano for point in points] == edges[:-1]
    assert edges[-1] == start_ns + length_s * SECOND_NS
    assert sum_counts(wire.sent[Signal.METRICS], names.METRIC_LINK_ATTEMPTS) == length_s


def test_steps_end_on_whole_minutes() -> None:
    wire, _ = replay(MORNING_NS + 17 * SECOND_NS, MORNING_NS + HOUR_NS)
    assert all(p.time_unix_nano % MINUTE_NS == 0 for p in attempts_of(wire.sent[Signal.METRICS]))


def test_progress_rises_to_the_end() -> None:
    _, progress = replay(MORNING_NS, MORNING_NS + 5 * HOUR_NS, "delft", "hague")
    shares = [step.share for step in progress]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert progress[-1].points == 2 * 300 * 3


def test_the_topology_of_every_site_is_announced() -> None:
    wire, _ = replay(MORNING_NS, MORNING_NS + MINUTE_NS, "delft", "hague")
    events = [record.event_name for body in wire.sent[Signal.LOGS] for record in read_records(body)]
    assert events.count(names.EVENT_TOPOLOGY_EDGE) == 2


def test_the_same_past_gives_the_same_requests() -> None:
    first, _ = replay(MORNING_NS, MORNING_NS + 3 * HOUR_NS)
    second, _ = replay(MORNING_NS, MORNING_NS + 3 * HOUR_NS)
    assert first.sent == second.sent


def test_a_request_that_would_be_too_large_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LARGEST_REQUEST", 70_000)
    wire, _ = replay(MORNING_NS, MORNING_NS + 2 * HOUR_NS)
    assert max(map(len, wire.sent[Signal.METRICS])) <= 70_000
    assert sum_counts(wire.sent[Signal.METRICS], names.METRIC_LINK_ATTEMPTS) == 7200


def test_a_source_that_leaves_a_gap_is_refused() -> None:
    late = SteadySite("lab", MORNING_NS + SECOND_NS)
    with pytest.raises(InvalidInputError, match=r"site lab recorded .* was due"):
        list(replay_history([late], MORNING_NS, MORNING_NS + HOUR_NS, send=Wire()))


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="before its start"):
        replay(MORNING_NS, MORNING_NS - 1)


def test_a_collector_that_is_not_there_ends_the_replay() -> None:
    def send(_signal: Signal, _body: bytes) -> None:
        raise NotNowError("no collector answers")

    with pytest.raises(NotNowError, match="no collector answers"):
        list(replay_history([SteadySite()], MORNING_NS, MORNING_NS + HOUR_NS, send=send))
