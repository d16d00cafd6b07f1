"""Scripts, styles and Plotly: read once, compressed once, kept by browsers for as long as they do not change.

Plotly comes from the installed `plotly` package, less what no board draws. An address carries what changes with the
content, the version of Plotly or a digest of our own files, so that a browser keeps it for a year and yet no page
runs yesterday's modules. Our files have an address without the digest as well, about which a browser asks again.
"""

import gzip
import hashlib
import mimetypes
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from web.plotly_bundle import trim

STATIC = Path(__file__).parent / "static"
_IMPORT = re.compile(r'from "(\.{1,2}/[\w./]+\.js)"')
_FOREVER = "public, max-age=31536000, immutable"
_LEAST_PACKED_BYTES = 500


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; `packed` is its gzip, empty where that would save nothing."""

    media_type: str
    body: bytes
    packed: bytes
    tag: str

    @classmethod
    def load(cls, name: str, body: bytes) -> "Asset":
        """Return the asset of a file's content; its name tells its type."""
        packed = gzip.compress(body, 6, mtime=0) if len(body) >= _LEAST_PACKED_BYTES else b""
        media_type = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "text/plain"
        return cls(media_type, body, packed, f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"')

    def answer(self, request: Request, caching: str) -> Response:
        """Return the file in the form that the browser takes, or 304 when it has it."""
        headers = {"Cache-Control": caching, "ETag": self.tag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == self.tag:
            return Response(status_code=304, headers=headers)
        if self.packed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.packed, media_type=self.media_type, headers=headers)
        return Response(self.body, media_type=self.media_type, headers=headers)


@cache
def plotly_path() -> str:
    """Return the address of Plotly's script."""
    return f"/vendor/plotly-{version('plotly')}.min.js"


def static_path(name: str) -> str:
    """Return the address of one of our files, which changes when any of them does."""
    return f"/static/{_digest()}/{name}"


@cache
def find_modules(script: str) -> tuple[str, ...]:
    """Return the modules that a script imports, directly or not; a page that names them asks for all at once."""
    found: dict[str, None] = {}
    waiting = [script]
    while waiting:
        name = waiting.pop()
        folder = Path(name).parent
        for other in _IMPORT.findall((STATIC / name).read_text(encoding="utf-8")):
            path = os.path.normpath(folder / other)
            if path not in found and path != script:
                found[path] = None
                waiting.append(path)
    return tuple(sorted(found))


def asset_routes() -> list[BaseRoute]:
    """Return the routes of every file that pages load."""
    return [
        Route(plotly_path(), _answer_plotly),
        Route("/favicon.ico", _answer_icon),
        Route(static_path("{name:path}"), _answer_kept),
        Route("/static/{name:path}", _answer_current),
    ]


@cache
def _assets() -> dict[str, Asset]:
    files = (path for path in sorted(STATIC.rglob("*")) if path.is_file())
    return {name: Asset.load(name, path.read_bytes()) for path in files if (name := str(path.relative_to(STATIC)))}


@cache
def _digest() -> str:
    tags = "".join(f"{name}{asset.tag}" for name, asset in _assets().items())
    return hashlib.blake2b(tags.encode(), digest_size=6).hexdigest()


@cache
def _plotly() -> Asset:
    script = (resources.files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    return Asset.load("plotly.js", trim(script).encode())


async def _answer_plotly(request: Request) -> Response:
    return (await run_in_threadpool(_plotly)).answer(request, _FOREVER)


async def _answer_icon(request: Request) -> Response:
    return _find("icon.svg").answer(request, "no-cache")


async def _answer_kept(request: Request) -> Response:
    return _find(request.path_params["name"]).answer(request, _FOREVER)


async def _answer_current(request: Request) -> Response:
    return _find(request.path_params["name"]).answer(request, "no-cache")


def _find(name: str) -> Asset:
    asset = _assets().get(name)
    if asset is None:
        raise HTTPException(404, f"There is no file {name[:80]}.")
    return asset
