"""The backlog loses nothing, doubles nothing and keeps the order, whatever the collector does."""

from collections.abc import Callable

import pytest

from exporters.delivery import Delivery, NotNowError, Signal
from exporters.outbox import Outbox
from exporters.push import OtlpClient
from tests.unit.exporters.doors import ACCEPT, RecordingCollector

SOON_S = 10.0


def bodies(count: int) -> list[bytes]:
    return [b"request %d" % number for number in range(count)]


def put_all(outbox: Outbox, requests: list[bytes]) -> None:
    for body in requests:
        outbox.put(Signal.METRICS, body)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def open_outbox(said: list[str]) -> Callable[..., Outbox]:
    def make(url: str, **bounds: float) -> Outbox:
        return Outbox(OtlpClient(url), say=said.append, **bounds)  # type: ignore[arg-type]

    return make


def test_requests_arrive_once_and_in_order(collector: RecordingCollector, open_outbox: Callable[..., Outbox]) -> None:
    outbox = open_outbox(collector.url)
    put_all(outbox, bodies(50))
    assert outbox.close(SOON_S) == 0
    assert [body for _path, body, _headers in collector.posted] == bodies(50)


def test_an_outage_loses_and_doubles_nothing(
    collector: RecordingCollector, open_outbox: Callable[..., Outbox], said: list[str]
) -> None:
    outbox = open_outbox(collector.url)
    put_all(outbox, bodies(3))
    assert outbox.flush(SOON_S)
    collector.stop()
    put_all(outbox, bodies(9)[3:])
    while not said:  # the outage is noticed at the second attempt
        assert not outbox.flush(0.05)
    with RecordingCollector(collector.port) as restarted:
        assert outbox.close(SOON_S) == 0
        assert collector.kept["metrics"] + restarted.kept["metrics"] == bodies(9)
    assert len(said) == 2
    assert "no collector answers" in said[0]
    assert "answers again" in said[1]


def test_a_lost_answer_is_repeated_byte_by_byte(
    collector: RecordingCollector, open_outbox: Callable[..., Outbox]
) -> None:
    answers = iter([None, (503, {"Retry-After": "0"}, b"")])
    collector.answer = lambda _path, _body: next(answers, ACCEPT)
    outbox = open_outbox(collector.url)
    put_all(outbox, bodies(2))
    assert outbox.close(SOON_S) == 0
    assert collector.count_posts() == {b"request 0": 3, b"request 1": 1}
    assert collector.kept["metrics"] == bodies(2)


def test_a_refused_request_is_said_counted_and_not_repeated(
    collector: RecordingCollector, open_outbox: Callable[..., Outbox], said: list[str]
) -> None:
    collector.answer = lambda _path, body: (400, {}, b"") if body == b"request 0" else ACCEPT
    outbox = open_outbox(collector.url)
    put_all(outbox, bodies(2))
    assert outbox.close(SOON_S) == 0
    assert (outbox.tally.delivered, outbox.tally.refused) == (1, 1)
    assert collector.count_posts()[b"request 0"] == 1
    assert "answered 400" in said[0]


def test_what_waits_for_too_long_makes_room(
    collector: RecordingCollector, open_outbox: Callable[..., Outbox], said: list[str]
) -> None:
    collector.answer = lambda _path, body: ACCEPT if body == b"new" else (503, {"Retry-After": "0.05"}, b"")
    now_s = [0.0]
    outbox = open_outbox(collector.url, keep_s=60.0, monotonic=lambda: now_s[0])
    outbox.put(Signal.METRICS, b"old")
    now_s[0] = 61.0
    outbox.put(Signal.METRICS, b"new")
    assert outbox.close(SOON_S) == 0
    assert outbox.tally.dropped == 1
    assert collector.kept["metrics"] == [b"new"]
    assert any("the oldest telemetry is being dropped" in sentence for sentence in said)


def test_the_backlog_is_bounded_by_size(open_outbox: Callable[..., Outbox]) -> None:
    with RecordingCollector(answer=lambda _path, _body: (503, {"Retry-After": "0.05"}, b"")) as busy:
        outbox = open_outbox(busy.url, keep_bytes=20)
        put_all(outbox, bodies(5))
        assert len(outbox) == 2
        outbox.close(0)


def test_an_unexpected_error_is_said_once_and_loses_nothing(
    collector: RecordingCollector, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = OtlpClient(collector.url)
    attempt, surprises = client.attempt, [ZeroDivisionError("odd"), ZeroDivisionError("odd")]

    def stumble(signal: Signal, body: bytes) -> Delivery:
        if surprises:
            raise surprises.pop()
        return attempt(signal, body)

    monkeypatch.setattr(client, "attempt", stumble)
    outbox = Outbox(client, say=said.append)
    put_all(outbox, bodies(2))
    assert outbox.close(SOON_S) == 0
    assert collector.kept["metrics"] == bodies(2)
    assert [("failed unexpectedly" in sentence) for sentence in said] == [True]


@pytest.mark.parametrize(("asked_s", "waited_s"), [(None, 0.4), (7.0, 7.0), (1e300, 60.0), (-1.0, 0.0)])
def test_a_collector_is_waited_for_a_minute_at_most(asked_s: float | None, waited_s: float) -> None:
    assert NotNowError("busy", retry_after_s=asked_s).wait_s(0.4) == waited_s


def test_closing_says_what_could_not_be_delivered(
    collector: RecordingCollector, open_outbox: Callable[..., Outbox], said: list[str]
) -> None:
    collector.stop()
    outbox = open_outbox(collector.url)
    put_all(outbox, bodies(2))
    assert outbox.close(0.1) == 2
    assert said[-1].startswith("2 requests could not be delivered")
