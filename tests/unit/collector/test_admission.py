"""Both doors with tokens: who comes in, as whom, and what the others are told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import grpc
import pytest
import urllib3

from collector import CollectorServer, DirectPipeline, TokenBook
from collector.otlp_grpc import SERVICES
from collector.signals import Signal
from collector.testing import MemoryConsumer
from exporters import Credentials, NotNowError, TokenFile, connect
from exporters import Signal as Sent
from model import names
from model.access import AgentToken
from model.clock import SECOND_NS, VirtualClock
from tests.unit.collector.messages import body_of, gauge, metrics_request, to_otlp_json
from tests.unit.collector.test_tokens import NOW_NS, SLOW, Tokens, token

PROTOBUF, JSON = "application/x-protobuf", "application/json"


class Guarded(NamedTuple):
    consumer: MemoryConsumer
    source: Tokens
    http: str
    grpc: str


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    consumer, source = MemoryConsumer(), Tokens(token(), token("herald_old", expires_ns=NOW_NS))
    book = TokenBook(source, tmp_path / "tokens.json", VirtualClock(NOW_NS + SECOND_NS), settings=SLOW)
    with (
        book,
        CollectorServer("127.0.0.1:0", "127.0.0.1:0", DirectPipeline(consumer), tokens=book) as server,
    ):
        yield Guarded(
            consumer, source, f"http://127.0.0.1:{server.http_port}", f"grpc://127.0.0.1:{server.grpc_port}"
        )


def senders_of(consumer: MemoryConsumer) -> list[tuple[object, object]]:
    resources = [dict(batch.numbers.series[0].resource) for batch in consumer.batches]
    return [(r.get(names.ATTR_TENANT_ID), r.get(names.ATTR_SITE_ID)) for r in resources]


@pytest.mark.parametrize("kind", [PROTOBUF, JSON])
def test_http_telemetry_counts_as_the_token_says(guarded: Guarded, http, kind):
    message = metrics_request(gauge([1.0]))
    message.resource_metrics[0].resource.attributes.add(key=names.ATTR_TENANT_ID).value.string_value = "other"
    body = message.SerializeToString() if kind == PROTOBUF else json.dumps(to_otlp_json(message))
    headers = {"Content-Type": kind, "Authorization": "Bearer herald_good"}
    answer = http.request("POST", f"{guarded.http}/v1/metrics", body=body, headers=headers)
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert senders_of(guarded.consumer) == [("lab", "delft")]


@pytest.mark.parametrize(
    ("header", "words"), [("", "no bearer token"), ("Bearer x", "not known"), ("Bearer herald_old", "has expired")]
)
def test_http_without_a_good_token_is_401(guarded: Guarded, http: urllib3.PoolManager, header, words):
    headers = {"Content-Type": JSON} | ({"Authorization": header} if header else {})
    answer = http.request("POST", f"{guarded.http}/v1/metrics", body=b"{}", headers=headers)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert words in answer.json()["message"]


def test_a_large_body_without_token_is_answered_and_not_kept(guarded: Guarded, http: urllib3.PoolManager):
    headers = {"Content-Type": PROTOBUF}
    answer = http.request("POST", f"{guarded.http}/v1/metrics", body=bytes(8_000_000), headers=headers)
    assert answer.status == 401


def test_http_waits_for_the_database_to_know_a_new_token(guarded: Guarded, http: urllib3.PoolManager):
    guarded.source.away = True
    headers = {"Content-Type": PROTOBUF, "Authorization": "Bearer herald_new"}

    def post() -> urllib3.BaseHTTPResponse:
        return http.request("POST", f"{guarded.http}/v1/metrics", body=body_of(1.0), headers=headers)

    answers = [post()]
    while answers[-1].status == 401:  # within a moment of the last reading nobody asks again
        answers.append(post())
    assert (answers[-1].status, answers[-1].headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_operators_need_no_token(guarded: Guarded, http: urllib3.PoolManager, path):
    assert http.request("GET", guarded.http + path).status == 200


@pytest.mark.parametrize(
    ("header", "words"), [("", "no bearer token"), ("Bearer x", "not known"), ("Bearer herald_old", "has expired")]
)
def test_grpc_without_a_good_token_is_unauthenticated(guarded: Guarded, header, words):
    with grpc.insecure_channel(guarded.grpc.removeprefix("grpc://")) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{SERVICES[Signal.METRICS]}/Export")
        with pytest.raises(grpc.RpcError, match=words) as caught:
            call(body_of(1.0), timeout=10, metadata=(("authorization", header),))
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("door", ["grpc", "http"])
def test_an_agent_whose_token_is_renewed_loses_nothing(guarded: Guarded, tmp_path: Path, door):
    file = tmp_path / "token"
    file.write_text("herald_old\n", encoding="utf-8")
    url = guarded.grpc if door == "grpc" else guarded.http
    client = connect(url, credentials=Credentials(token=TokenFile(file)))
    with pytest.raises(NotNowError, match=r"has expired.* — give the agent a token that is in force"):
        client.attempt(Sent.METRICS, body_of(1.0))
    file.write_text("herald_good\n", encoding="utf-8")
    client.attempt(Sent.METRICS, body_of(1.0))
    client.close()
    assert senders_of(guarded.consumer) == [("lab", "delft")]


def test_a_gateway_s_telemetry_keeps_its_sites(guarded: Guarded):
    gateway = AgentToken(name="gw", digest=token("herald_gw").digest, tenant="lab", site=None, created_ns=NOW_NS)
    guarded.source.tokens.append(gateway)
    client = connect(guarded.http, credentials=Credentials(token=lambda: "herald_gw"))
    message = metrics_request(gauge([1.0]))
    message.resource_metrics[0].resource.attributes.add(key=names.ATTR_SITE_ID).value.string_value = "hague"
    client.send(Sent.METRICS, message.SerializeToString(), deadline_s=30)
    client.close()
    assert senders_of(guarded.consumer) == [("lab", "hague")]
