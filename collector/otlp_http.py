"""OTLP over HTTP: POST /v1/metrics, /v1/logs and /v1/traces, in protobuf or JSON, plain or gzip.

Answers follow the OTLP specification: the encoding of the request, `Export*ServiceResponse` on success and
google.rpc.Status on refusal. GET /healthz, /readyz and /metrics are for operators and need no token: they tell
nothing of the telemetry.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collector.admission import Admission
from collector.answers import NO_SUCH_PATH, answer_to, build_status, render_error
from collector.bounds import AsyncRoom, ByteBudget, Hold
from collector.errors import BodyTooLargeError, UnsupportedContentError
from collector.gunzip import claimed_bytes, gunzip
from collector.intake import Intake, Readiness
from collector.limits import Limits
from collector.signals import Encoding, Signal
from collector.telemetry import CONTENT_TYPE, CollectorTelemetry
from collector.tokens import TokenBook
from model.access import AgentToken

_THREADS = 16
_READING_BYTES = 128 * 1024**2
_UNPACKED_BYTES = 96 * 1024**2
"""Of gzip bodies once they are unpacked: one of the largest, and room for many small ones beside it."""
_DISCARDED_BODIES = 2
"""How much of a too large body is still read and thrown away, in limits, so that the client sees the answer."""

T = TypeVar("T")


def build_app(
    intake: Intake, telemetry: CollectorTelemetry, *, limits: Limits, tokens: TokenBook | None = None
) -> Starlette:
    """Return the ASGI application."""
    door = _Door(intake, telemetry, limits, tokens)
    exports = [Route(f"/v1/{signal}", partial(door.export, signal=signal), methods=["POST"]) for signal in Signal]
    app = Starlette(
        routes=[
            *exports,
            Route("/healthz", door.health),
            Route("/readyz", door.readiness),
            Route("/metrics", door.metrics),
        ],
        exception_handlers={HTTPException: _refuse_route},
    )
    app.router.redirect_slashes = False  # behind a proxy that speaks TLS it would lead a token astray
    return app


class _Door:
    def __init__(
        self, intake: Intake, telemetry: CollectorTelemetry, limits: Limits, tokens: TokenBook | None
    ) -> None:
        self._intake = intake
        self._admission = Admission(intake, tokens)
        self._telemetry = telemetry
        self._max_body_bytes = limits.body_bytes
        self._reading = ByteBudget(max(_READING_BYTES, limits.body_bytes))
        self._unpacked = AsyncRoom(_UNPACKED_BYTES)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="otlp-http")
        self._readiness: asyncio.Future[Readiness] | None = None

    async def export(self, request: Request, signal: Signal) -> Response:
        encoding = Encoding.JSON
        try:
            encoding = parse_content_type(request.headers.get("content-type", ""))
            token = await self._admit(request.headers.get("authorization", ""))
            gzipped = parse_content_encoding(request.headers.get("content-encoding", ""))
            with self._reading.hold() as held:
                body = await self._read(request, held)
                accept = partial(self._accept, signal, encoding, token)
                answer = await (self._unpack(body, accept) if gzipped else self._run(partial(accept, body)))
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception as exc:  # noqa: BLE001 - every request gets an answer
            self._telemetry.count_refused(exc)
            return _render_refusal(exc, encoding)
        return _render(answer, encoding)

    async def health(self, _: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readiness(self, _: Request) -> Response:
        # One proof at a time serves all who ask: it writes to the disk, and anybody may ask.
        if self._readiness is None or self._readiness.done():
            self._readiness = asyncio.ensure_future(self._run(self._intake.check_readiness))
        readiness = await asyncio.shield(self._readiness)
        status = 200 if readiness.taking_requests else 503
        return JSONResponse(dataclasses.asdict(readiness), status_code=status)

    async def metrics(self, _: Request) -> Response:
        return Response(self._telemetry.render(), headers={"content-type": CONTENT_TYPE})

    async def _read(self, request: Request, held: Hold) -> bytes:
        limit_bytes = self._max_body_bytes
        discarding_ends = limit_bytes * (1 + _DISCARDED_BODIES)
        length = request.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > discarding_ends:
            raise BodyTooLargeError(limit_bytes)
        chunks: list[bytes] = []
        size_bytes = 0
        async for chunk in request.stream():
            size_bytes += len(chunk)
            if size_bytes > discarding_ends:
                break
            if size_bytes > limit_bytes:
                chunks.clear()
            else:
                held.grow(len(chunk))
                chunks.append(chunk)
        if size_bytes > limit_bytes:
            raise BodyTooLargeError(limit_bytes)
        return b"".join(chunks)

    async def _admit(self, authorization: str) -> AgentToken | None:
        if self._admission.is_open:
            return None
        known = self._admission.recall(authorization)
        return known or await self._run(partial(self._admission.admit, authorization))

    def _accept(self, signal: Signal, encoding: Encoding, token: AgentToken | None, body: bytes) -> Message:
        return self._admission.accept(signal, encoding, body, token).to_response()

    async def _unpack(self, body: bytes, accept: Callable[[bytes], Message]) -> Message:
        """Unpack and accept a body when there is room for what it says to hold, or else for the largest."""
        claimed = claimed_bytes(body)
        if claimed < self._max_body_bytes:
            with contextlib.suppress(BodyTooLargeError):
                return await self._unpack_within(claimed, body, accept)
        return await self._unpack_within(self._max_body_bytes, body, accept)

    async def _unpack_within(self, limit_bytes: int, body: bytes, accept: Callable[[bytes], Message]) -> Message:
        async with self._unpacked.hold(limit_bytes):
            return await self._run(lambda: accept(gunzip(body, limit_bytes)))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def parse_content_type(header: str) -> Encoding:
    """Return the encoding that a Content-Type names. Raises UnsupportedContentError."""
    media_type = header.partition(";")[0].strip().lower()
    try:
        return Encoding(media_type)
    except ValueError as exc:
        raise UnsupportedContentError(f"content type {media_type!r} is not one of OTLP") from exc


def parse_content_encoding(header: str) -> bool:
    """Return whether a Content-Encoding is gzip. Raises UnsupportedContentError for all but gzip and identity."""
    coding = header.strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise UnsupportedContentError(f"content encoding {coding!r} is not supported")
    return coding == "gzip"


def _render(message: Message, encoding: Encoding, status: int = 200) -> Response:
    content = (
        message.SerializeToString()
        if encoding is Encoding.PROTOBUF
        else json_format.MessageToJson(message, indent=None).encode()
    )
    return Response(content, status_code=status, headers={"content-type": encoding.value})


def _render_refusal(error: Exception, encoding: Encoding) -> Response:
    answer = answer_to(error)
    response = _render(build_status(answer, render_error(error)), encoding, answer.http_status)
    if answer.retry_after_s is not None:
        response.headers["retry-after"] = str(answer.retry_after_s)
    if answer.http_status == HTTPStatus.UNAUTHORIZED:
        response.headers["www-authenticate"] = "Bearer"
    return response


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    what = f"{request.method} {request.url.path}: {error.detail}"
    response = _render(build_status(NO_SUCH_PATH, what), Encoding.JSON, error.status_code)
    response.headers.update(error.headers or {})
    return response
