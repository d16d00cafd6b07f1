"""Reports and postmortems that somebody wrote into one folder: their list, and each to read. Nothing is written.

A file whose name begins with `postmortem-` is one, `postmortem-incident-12.html` that of incident 12.

Only what the folder itself lists can be asked for, by its bare name: no path, no link out of the folder, no other
suffix. HTML is handed out under a policy that runs no script and loads nothing.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from model.errors import HeraldError

DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-top-navigation-by-user-activation"
)
_NAME = re.compile(r"\w[\w.@+ -]{0,150}\.(html|md|json|pdf|csv)")
_HEAD_BYTES = 4096
_TITLE = re.compile(r"<title>([^<]*)</title>|^# ([^\n]+)$", re.MULTILINE)
_MEDIA_TYPES = {
    "html": "text/html",
    "json": "application/json",
    "md": "text/markdown",
    "pdf": "application/pdf",
    "csv": "text/csv",
}
_DOWNLOADED = {"pdf", "csv"}
_POSTMORTEM = re.compile(r"postmortem-(incident-(?P<incident>\d+)\.)?")
"""How `herald postmortem --into` names its files."""


class UnknownReportError(HeraldError):
    """The folder of reports holds no such file."""

    remedy = "see the list at /reports"


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """The folder of written reports; None where the command line named none."""

    path: Path | None = None

    def list_documents(self) -> list[dict[str, object]]:
        """Return what can be read, the newest first; nothing where there is no folder."""
        found: list[dict[str, object]] = []
        for entry in self._entries():
            with suppress(OSError):  # it was taken away meanwhile
                found.append(_describe(entry))
        return sorted(found, key=lambda each: (-int(str(each["written_at"])), str(each["name"])))

    def list_postmortems(self, incident_id: int) -> list[dict[str, object]]:
        """Return what was written about an incident."""
        return [each for each in self.list_documents() if each["incident"] == incident_id]

    def read(self, name: str) -> bytes:
        """Return a document by its name in the list; raises UnknownReportError for every other name."""
        if not any(entry.name == name for entry in self._entries()):
            raise UnknownReportError(f"there is no report {name[:100]!r}")
        try:
            descriptor = os.open(f"{self.path}/{name}", os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(descriptor, "rb") as file:
                return file.read()
        except OSError as exc:
            raise UnknownReportError(f"{name!r} cannot be read: {exc.strerror}") from exc

    def _entries(self) -> list[os.DirEntry[str]]:
        if self.path is None:
            return []
        try:
            with os.scandir(self.path) as entries:
                return [
                    each for each in entries if _NAME.fullmatch(each.name) and each.is_file(follow_symlinks=False)
                ]
        except OSError:
            return []


def report_routes(folder: ReportFolder) -> list[Route]:
    """Return the list as JSON and the documents themselves."""

    async def listing(_request: Request) -> Response:
        documents = await run_in_threadpool(folder.list_documents)
        return JSONResponse({"folder": folder.path is not None, "documents": documents})

    async def document(request: Request) -> Response:
        name = request.path_params["name"]
        body = await run_in_threadpool(folder.read, name)
        kind = name.rpartition(".")[2]
        headers = {"Content-Security-Policy": DOCUMENT_POLICY} if kind == "html" else {}
        if kind in _DOWNLOADED:
            headers["Content-Disposition"] = "attachment"
        return Response(body, media_type=_MEDIA_TYPES[kind], headers=headers)

    return [Route("/api/herald/reports", listing), Route("/reports/files/{name}", document)]


def _describe(entry: os.DirEntry[str]) -> dict[str, object]:
    status = entry.stat()
    postmortem = _POSTMORTEM.match(entry.name)
    return {
        "name": entry.name,
        "title": _title(entry) or entry.name,
        "kind": entry.name.rpartition(".")[2],
        "bytes": status.st_size,
        "written_at": status.st_mtime_ns // 1_000_000,
        "postmortem": postmortem is not None,
        "incident": int(postmortem["incident"]) if postmortem and postmortem["incident"] else None,
    }


def _title(entry: os.DirEntry[str]) -> str:
    """Return the title inside a document, empty where it has none near its beginning."""
    with Path(entry.path).open("rb") as file:
        found = _TITLE.search(file.read(_HEAD_BYTES).decode(errors="replace"))
    return unescape(found[1] or found[2]).strip() if found else ""
