"""Any OTLP/HTTP endpoint can be measured, and only what it took is counted."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks import __main__ as program
from benchmarks import elsewhere
from benchmarks.requests import BUILDERS, START_NS
from benchmarks.sending import send_load
from collector import CollectorServer, DirectPipeline, Pipeline, Spool, TimeLimits, TokenBook
from collector.testing import MemoryConsumer
from model.clock import DAY_NS, HOUR_NS, SECOND_NS, RealClock, VirtualClock
from tests.unit.collector.test_tokens import NOW_NS, SLOW, Tokens, token


@pytest.fixture
def consumer() -> MemoryConsumer:
    return MemoryConsumer()


class Endpoint(NamedTuple):
    """A collector."""

    url: str
    pipeline: Pipeline


@pytest.fixture
def endpoint(tmp_path: Path, consumer: MemoryConsumer) -> Iterator[Endpoint]:
    """A collector that keeps ninety days, as `herald collect` does."""
    spool = Spool(tmp_path / "spool")
    limits = TimeLimits(clock=RealClock(), past_ns=90 * DAY_NS)
    with (
        Pipeline(spool, consumer, time_limits=limits) as pipeline,
        CollectorServer(None, "127.0.0.1:0", pipeline) as server,
    ):
        yield Endpoint(f"http://127.0.0.1:{server.http_port}", pipeline)
    spool.close()


def test_an_endpoint_given_on_the_command_line_is_measured(
    endpoint: Endpoint, consumer: MemoryConsumer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(elsewhere, "_REQUESTS", {"numbers": 2})
    out = tmp_path / "bench.json"
    assert program.main(["--otlp", endpoint.url, "--out", str(out)]) == 0
    (result,) = json.loads(out.read_text())["results"]
    assert (result["name"], result["unit"]) == (f"numbers acknowledged by {endpoint.url}", "numbers/s")
    assert endpoint.pipeline.flush()
    requests = elsewhere._AGENTS * (elsewhere._WARM_UP + 2) + 2
    assert len(consumer.values()) == requests * BUILDERS["numbers"]("any").items


@pytest.mark.parametrize("kind", BUILDERS)
def test_points_that_are_rejected_do_not_count_as_acknowledged(endpoint: Endpoint, kind: str):
    with pytest.raises(RuntimeError, match=r"took a part only: .*older than"):
        send_load(endpoint.url, kind, agents=1, requests=1, rate=0.0, skip=0, start_ns=START_NS)


@pytest.mark.parametrize("kind", BUILDERS)
def test_points_of_the_last_hour_are_taken_whole(endpoint: Endpoint, kind: str):
    start_ns = time.time_ns() - HOUR_NS
    sent = send_load(endpoint.url, kind, agents=1, requests=2, rate=0.0, skip=0, start_ns=start_ns)
    assert sent["acknowledged"] == 2 * BUILDERS[kind]("any").items


def test_an_endpoint_that_wants_a_token_gets_the_one_in_the_environment(
    tmp_path: Path, consumer: MemoryConsumer, monkeypatch: pytest.MonkeyPatch
):
    def acknowledged() -> object:
        sent = send_load(url, "numbers", agents=1, requests=1, rate=0.0, skip=0, start_ns=START_NS)
        return sent["acknowledged"]

    book = TokenBook(Tokens(token()), tmp_path / "tokens.json", VirtualClock(NOW_NS + SECOND_NS), settings=SLOW)
    with book, CollectorServer(None, "127.0.0.1:0", DirectPipeline(consumer), tokens=book) as server:
        url = f"http://127.0.0.1:{server.http_port}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer herald_good")
        assert acknowledged() == BUILDERS["numbers"]("any").items
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "")
        with pytest.raises(RuntimeError, match="answered 401"):
            acknowledged()


def test_an_endpoint_that_does_not_answer_is_a_dependency_that_is_down(tmp_path: Path):
    out = tmp_path / "bench.json"
    assert program.main(["--otlp", "http://127.0.0.1:1", "--out", str(out)]) == 3
    (skipped,) = json.loads(out.read_text())["skipped"]
    assert "Connection refused" in skipped["reason"]


@pytest.mark.parametrize("url", ["localhost:4318", "grpc://localhost:4317", "http://"])
def test_what_is_no_url_is_bad_usage(url: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit, match="2"):
        program.main(["--otlp", url])
    assert "is no URL such as http://localhost:4318" in capsys.readouterr().err
