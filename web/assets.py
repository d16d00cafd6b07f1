"""Scripts, styles and Plotly as files.

Plotly comes from the installed `plotly` package; its address carries the version, so a browser keeps it for a year.
"""

import os
import re
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

_IMPORT = re.compile(r'from "(\.{1,2}/[\w./]+\.js)"')
STATIC = Path(__file__).parent / "static"


@cache
def plotly_path() -> str:
    """Return the address of Plotly's script."""
    return f"/vendor/plotly-{version('plotly')}.min.js"


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
        Route(plotly_path(), _plotly),
        Route("/favicon.ico", _icon),
        Mount("/static", _RevalidatedFiles(directory=STATIC)),
    ]


class _RevalidatedFiles(StaticFiles):
    """Files that a browser keeps but asks about: after an upgrade no page runs yesterday's modules."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Return the file, or 304 when the browser has it."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


async def _plotly(_request: Request) -> Response:
    script = resources.files("plotly") / "package_data" / "plotly.min.js"
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(str(script), media_type="text/javascript", headers=headers)


async def _icon(_request: Request) -> Response:
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")
