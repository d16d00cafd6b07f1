"""The table of answers (tests/conformance/answers.yaml), asked line by line of a running collector."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import grpc
import pytest
import urllib3
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo  # type: ignore[import-untyped]
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from collector import CollectorServer, Pipeline, Spool
from collector.signals import build_response
from collector.testing import UnavailableConsumer
from model.access import AgentToken, digest_secret
from store import AccessStore
from tests.acceptance.collecting import running_collector
from tests.conformance.cases import TYPES, Case, load_cases
from tests.services.databases import MigratedDatabases

SECRETS = {"good": "herald_good", "unknown": "herald_nobody", "expired": "herald_old", "revoked": "herald_gone"}


class Doors(NamedTuple):
    """The two doors of a collector, as clients write them."""

    http: str
    grpc: str


@pytest.fixture(scope="module")
def well(
    databases: MigratedDatabases, embedded_server_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Doors]:
    """A `herald collect` that requires tokens and keeps 90 days, on an empty database."""
    data = tmp_path_factory.mktemp("conformance")
    with databases.on(embedded_server_url) as database:
        _add_tokens(database)
        with running_collector(data, database, "--require-token", "--oldest-days=90") as collector:
            yield Doors(collector.http_url, collector.grpc_url.removeprefix("grpc://"))


def _add_tokens(database: str) -> None:
    with AccessStore(database) as store:
        for name in ("good", "expired", "revoked"):
            token = AgentToken(
                name=name,
                digest=digest_secret(SECRETS[name]),
                tenant="lab",
                site="delft",
                created_ns=0,
                expires_ns=1 if name == "expired" else None,
            )
            store.add_token(token, actor="test")
        store.revoke_token("revoked", now_ns=1, actor="test")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """A collector whose spool has no room, because its database is away."""
    spool = Spool(tmp_path_factory.mktemp("full"), max_bytes=1)
    with (
        Pipeline(spool, UnavailableConsumer()) as pipeline,
        CollectorServer("127.0.0.1:0", "127.0.0.1:0", pipeline) as server,
    ):
        yield Doors(f"http://127.0.0.1:{server.http_port}", f"127.0.0.1:{server.grpc_port}")
    spool.close()


@pytest.fixture
def doors(request: pytest.FixtureRequest, case: Case) -> Doors:
    """The collector in the state that the line wants."""
    found: Doors = request.getfixturevalue(case.state)
    return found


def _names(case: Case) -> str:
    return case.case


@pytest.mark.parametrize("case", load_cases("http"), ids=_names)
def test_http_answers_as_the_table_says(doors: Doors, case: Case):
    headers = {"Content-Encoding": case.coding} if case.coding else {}
    if case.type:
        headers["Content-Type"] = TYPES.get(case.type, case.type)
    if case.token != "none":
        headers["Authorization"] = f"Bearer {SECRETS[case.token]}"
    with urllib3.PoolManager(retries=False, timeout=30) as http:
        answer = http.request(case.method, doors.http + case.path, body=case.encode(), headers=headers)
    assert answer.status == case.status, answer.data
    is_protobuf = case.type == "protobuf" and answer.status not in (404, 405)
    kind = TYPES["protobuf" if is_protobuf else "json"]
    assert answer.headers["content-type"] == kind
    assert answer.headers.get("retry-after") == ("1" if case.retry else None)
    _compare(
        case,
        _read(
            answer.data, Status() if case.answer == "status" else _success(case), as_json=kind != TYPES["protobuf"]
        ),
    )


@pytest.mark.parametrize("case", load_cases("grpc"), ids=_names)
def test_grpc_answers_as_the_table_says(doors: Doors, case: Case):
    metadata = () if case.token == "none" else (("authorization", f"Bearer {SECRETS[case.token]}"),)
    compression = grpc.Compression.Gzip if case.coding else grpc.Compression.NoCompression
    with grpc.insecure_channel(doors.grpc, options=[("grpc.max_send_message_length", -1)]) as channel:
        call: Any = channel.unary_unary(case.grpc_method)
        answer = call.future(case.encode(), timeout=30, metadata=metadata, compression=compression)
        code, trailers = answer.code().name, dict(answer.trailing_metadata())
    assert (code, "google.rpc.retryinfo-bin" in trailers) == (case.status, case.retry)
    if code != "OK":
        assert case.message in answer.details()
    if case.answer == "status":
        status = Status.FromString(trailers["grpc-status-details-bin"])
        assert status.code == grpc.StatusCode[code].value[0]
        assert [d.Is(RetryInfo.DESCRIPTOR) for d in status.details] == ([True] if case.retry else [])
        _compare(case, status)
    elif case.answer != "transport":
        _compare(case, type(_success(case)).FromString(answer.result()))


def _success(case: Case) -> Message:
    return build_response(case.signal, 0, "")


def _read(data: bytes, message: Message, *, as_json: bool) -> Message:
    if as_json:
        return json_format.Parse(data, message)
    message.ParseFromString(data)
    return message


def _compare(case: Case, answer: Any) -> None:
    if case.answer == "success":
        assert answer == _success(case)
    elif case.answer == "partial":
        partial = answer.partial_success
        (name,) = [field.name for field in partial.DESCRIPTOR.fields if field.name.startswith("rejected_")]
        assert getattr(partial, name) == case.rejected
        assert case.message in partial.error_message
    else:
        assert case.message in answer.message
