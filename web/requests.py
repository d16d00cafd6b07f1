"""What a browser may ask, read into typed values; anything else is refused with a sentence.

A request that is sent by another site's page is refused too (`Sec-Fetch-Site`, `Origin`): the answers are for our
own pages and for programs.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from model.cancellation import Cancellation
from model.errors import InvalidInputError

BODY_LIMIT_BYTES = 256 * 1024
_QUERIES_LIMIT = 26
_POINTS_LIMIT = 10_000
_DAYS_LIMIT = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRequest:
    """A board, a time range as text and the variables asked for."""

    uid: str
    start: str
    end: str
    variables: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, params: QueryParams, uid_key: str, *, uid: str = "") -> "BoardRequest":
        """Read `from`, `to` and `var-*` of a query string."""
        names = {key for key in params if key.startswith("var-")}
        return cls(
            uid=uid or params.get(uid_key, ""),
            start=params.get("from", "now-6h"),
            end=params.get("to", "now"),
            variables={key.removeprefix("var-"): tuple(params.getlist(key)) for key in names},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRequest(BoardRequest):
    """The body of /api/ds/query: which queries of which panel. `queries` are (panel id, refId, max points)."""

    queries: tuple[tuple[int, str, int], ...]


def parse_days(text: str) -> int:
    """Return a number of days from 1 on."""
    if not text.isdecimal() or len(text) > len(str(_DAYS_LIMIT)) or not 1 <= int(text) <= _DAYS_LIMIT:
        raise InvalidInputError(f"days must be 1 to {_DAYS_LIMIT}, not {text[:20]!r}")
    return int(text)


async def read_query_request(request: Request) -> QueryRequest:
    """Read and check the body of /api/ds/query."""
    refuse_other_sites(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "the body must be application/json")
    try:
        body = json.loads(await read_body(request, BODY_LIMIT_BYTES))
    except (ValueError, RecursionError) as exc:
        raise InvalidInputError("the body is not JSON", remedy="send one JSON object") from exc
    return parse_query_request(body)


def parse_query_request(body: object) -> QueryRequest:
    """Return the typed request. Raises InvalidInputError that names the key; SQL is never accepted."""
    if not isinstance(body, dict):
        raise InvalidInputError("the body must be a JSON object")
    queries = body.get("queries")
    if not isinstance(queries, list) or not 0 < len(queries) <= _QUERIES_LIMIT:
        raise InvalidInputError(f"queries must be a list of 1 to {_QUERIES_LIMIT} queries")
    return QueryRequest(
        uid=_text(body, "dashboardUid"),
        start=_text(body, "from"),
        end=_text(body, "to"),
        variables=_variables(body.get("variables", {})),
        queries=tuple(_query(each, body) for each in queries),
    )


def _query(query: object, body: dict[str, Any]) -> tuple[int, str, int]:
    if not isinstance(query, dict):
        raise InvalidInputError("queries must hold objects")
    if "rawSql" in query:
        raise InvalidInputError("SQL is not accepted", remedy="send dashboardUid, panelId and refId; see the boards")
    return (
        _whole(query.get("panelId", body.get("panelId")), "panelId", 2**31),
        _text(query, "refId"),
        _whole(query.get("maxDataPoints", body.get("maxDataPoints", 1000)), "maxDataPoints", _POINTS_LIMIT),
    )


def _whole(value: object, key: str, limit: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= limit:
        raise InvalidInputError(f"{key} must be a whole number from 1 to {limit}")
    return value


def _variables(given: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict):
        raise InvalidInputError("variables must be an object of lists of text")
    for name, values in given.items():
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise InvalidInputError(f"variable {name[:80]} must be a list of text")
    return {name: tuple(values) for name, values in given.items()}


def _text(holder: Mapping[str, Any], key: str) -> str:
    value = holder.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidInputError(f"{key} must be text")
    return value


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """Return the body; one that is larger is refused before it is read to its end."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise HTTPException(413, f"the body is larger than {limit_bytes} bytes")
    return body


@asynccontextmanager
async def until_left(request: Request) -> AsyncIterator[Cancellation]:
    """Yield what ends the work of a request when its client hangs up; its body must have been read.

    Raises ClientDisconnect where the client has left already, such as while it waited for its turn.
    """
    if await request.is_disconnected():
        raise ClientDisconnect
    cancellation = Cancellation()
    watching = asyncio.create_task(_cancel_when_left(request, cancellation))
    try:
        yield cancellation
    finally:
        watching.cancel()


async def _cancel_when_left(request: Request, cancellation: Cancellation) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    await run_in_threadpool(cancellation.cancel)


def refuse_other_sites(request: Request) -> None:
    """Raise HTTPException for a request that another site's page sent."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != request.headers.get("host")):
        raise HTTPException(403, "requests from other sites are not answered")
