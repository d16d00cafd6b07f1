"""Call an ASGI application in this process, without a server or a client library."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def get(app: ASGIApp, url: str, **headers: str) -> Answer:
    return call(app, "GET", url, b"", headers)


def post(app: ASGIApp, url: str, body: object, **headers: str) -> Answer:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    return call(app, "POST", url, encoded, {"content_type": "application/json", **headers})


def call(
    app: ASGIApp, method: str, url: str, body: bytes, headers: dict[str, str], *, leaves: bool = False
) -> Answer:
    """Return the answer; a client that `leaves` hangs up once it has sent its request."""
    sent: list[Message] = []
    split = urlsplit(url)
    given = {"host": "herald.test", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(split.path),
        "raw_path": split.path.encode(),
        "query_string": split.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("herald.test", 80),
    }

    received: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    if leaves:
        received.insert(0, {"type": "http.disconnect"})

    async def receive() -> Message:
        if not received:
            await asyncio.Event().wait()  # a client that stays connected
        return received.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    start = sent[0]
    return Answer(
        status=start["status"],
        headers={name.decode(): value.decode() for name, value in start["headers"]},
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )
