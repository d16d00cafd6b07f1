"""The web application: pages, Grafana's API shapes for the boards, and JSON for the SLO pages. Read-only.

Blocking reads run in threads, a few at a time, so that many open browsers cannot exhaust the database. Time, sources,
boards and objectives are handed in; nothing is read from the environment.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from model.clock import SECOND_NS, Clock, RealClock, format_time
from model.errors import DependencyError, HeraldError, InvalidInputError
from slo import Objective
from web.assets import asset_routes
from web.boards import Board, parse_board
from web.fleet import FleetAnswers
from web.incidents import IncidentAnswers, UnknownIncidentError
from web.login import RequireLogin, TokenLogin
from web.pages import page_routes, render_missing_page
from web.panel_queries import PanelQueries, PanelQuery, TimeRange
from web.reports import ReportFolder, UnknownReportError, report_routes
from web.requests import BoardRequest, QueryRequest, parse_days, read_query_request, until_left
from web.runbooks import Runbooks, UnknownRunbookError
from web.security import SecurityHeaders
from web.slo_answers import SloAnswers, UnknownObjectiveError
from web.sources import WebSources

CONCURRENT_READS = 4
_CLIENT_CLOSED_REQUEST = 499
FRESH_WITHIN_S = 120.0

_Answer = TypeVar("_Answer")


def create_app(
    sources: WebSources,
    boards: Mapping[str, Mapping[str, Any]],
    objectives: Iterable[Objective],
    version: str,
    *,
    runbooks: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    fresh_within_s: float = FRESH_WITHIN_S,
    components: Mapping[str, str] | None = None,
    reports: Path | None = None,
    token: str = "",
) -> Starlette:
    """Build the application.

    `boards` maps a uid to a dashboard's JSON, `runbooks` a runbook's name to Markdown, `components` names to versions
    for the about page; `reports` is the folder of written reports. /healthz answers 503 once the newest point is
    older than `fresh_within_s`. With a `token`, only who knows it may look; one that is too short is refused.
    """
    parsed = {uid: parse_board(board) for uid, board in boards.items()}
    books, folder = Runbooks(runbooks or {}), ReportFolder(reports)
    login = TokenLogin(token, clock or RealClock()) if token else None
    answers = SloAnswers(
        source=sources, objectives={each.name: each for each in objectives}, runbooks=books, boards=parsed
    )
    api = _Api(
        sources=sources,
        boards=parsed,
        answers=answers,
        incidents=IncidentAnswers(source=sources, slos=answers, boards=parsed, reports=folder),
        clock=clock or RealClock(),
        versions={"herald": version, **(components or {})},
        fresh_within_s=fresh_within_s,
    )
    return Starlette(
        routes=[
            *api.routes(),
            *report_routes(folder),
            *asset_routes(),
            *(login.routes() if login else ()),
            *page_routes(parsed, books),
        ],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(GZipMiddleware, minimum_size=2000, compresslevel=5),
            *([Middleware(RequireLogin, login=login)] if login else ()),
        ],
        exception_handlers={HeraldError: _explain, HTTPException: _explain_http, ClientDisconnect: _say_nothing},
    )


class _Api:
    """The JSON endpoints."""

    def __init__(
        self,
        *,
        sources: WebSources,
        boards: Mapping[str, Board],
        answers: SloAnswers,
        incidents: IncidentAnswers,
        clock: Clock,
        versions: Mapping[str, str],
        fresh_within_s: float,
    ) -> None:
        self._sources = sources
        self._boards = boards
        self._answers = answers
        self._fleet = FleetAnswers(source=sources, slos=answers)
        self._incidents = incidents
        self._clock = clock
        self._versions = versions
        self._fresh_within_s = fresh_within_s
        self._queries = PanelQueries(sources, clock)
        self._turns = asyncio.Semaphore(CONCURRENT_READS)

    def routes(self) -> list[Route]:
        """Return Grafana's endpoints first, then our own."""
        return [
            Route("/healthz", self.healthz),
            Route("/api/health", self.health),
            Route("/api/search", self.search),
            Route("/api/dashboards/uid/{uid}", self.dashboard),
            Route("/api/ds/query", self.query, methods=["POST"]),
            Route("/api/annotations", self.annotations),
            Route("/api/herald/boards/{uid}", self.board_state),
            Route("/api/herald/slos", self.slos),
            Route("/api/herald/slos/{name}", self.slo),
            Route("/api/herald/alerts", self.alerts),
            Route("/api/herald/incidents", self.incidents),
            Route("/api/herald/incidents/{number:int}", self.incident),
            Route("/api/herald/runbooks/{name}", self.runbook),
            Route("/api/herald/fleet", self.fleet),
            Route("/api/herald/about", self.about),
            Route("/api/herald/about/sites", self.about_sites),
        ]

    async def healthz(self, _request: Request) -> Response:
        """Answer 200 while the database answers and its newest data is fresh, else 503 with the reason."""
        health = await self._health()
        return JSONResponse(health, status_code=200 if health["ok"] else 503)

    async def health(self, _request: Request) -> Response:
        """Answer as Grafana does: whether the database answers."""
        health = await self._health()
        answers = bool(health["database"])
        body = {"database": "ok" if answers else "failing", "version": self._versions["herald"]}
        return JSONResponse(body, status_code=200 if answers else 503)

    async def search(self, request: Request) -> Response:
        """List the boards whose title holds `query` and which carry every `tag`."""
        text = request.query_params.get("query", "").lower()
        tags = set(request.query_params.getlist("tag"))
        found = [board for board in self._boards.values() if text in board.title.lower() and tags <= set(board.tags)]
        return JSONResponse([_describe_board(board) for board in sorted(found, key=lambda board: board.title)])

    async def dashboard(self, request: Request) -> Response:
        """Return a board's JSON as it was built."""
        board = self._board(request.path_params["uid"])
        meta = {"slug": board.uid, "url": f"/d/{board.uid}", "canEdit": False, "provisioned": True}
        return JSONResponse({"dashboard": board.json, "meta": meta})

    async def query(self, request: Request) -> Response:
        """Run a panel's queries; 207 where some failed, each with its own error."""
        asked = await read_query_request(request)
        span = self._queries.resolve_range(asked.start, asked.end)
        answers = [await self._run(request, asked, query, span) for query in asked.queries]
        results = {ref_id: answer for (_, ref_id, _), answer in zip(asked.queries, answers, strict=True)}
        failed = any("error" in answer for answer in answers)
        return JSONResponse({"results": results}, status_code=207 if failed else 200)

    async def annotations(self, request: Request) -> Response:
        """Return the annotations of a board in a time range."""
        asked = BoardRequest.parse(request.query_params, "dashboardUID")
        board = self._board(asked.uid)
        span = self._queries.resolve_range(asked.start, asked.end)
        found = await self._for(request, lambda queries: queries.read_annotations(board, asked.variables, span))
        return JSONResponse(found)

    async def board_state(self, request: Request) -> Response:
        """Return the absolute time range, what time it is, and the variables with their options and choices."""
        asked = BoardRequest.parse(request.query_params, "uid", uid=request.path_params["uid"])
        board = self._board(asked.uid)
        span = self._queries.resolve_range(asked.start, asked.end)
        variables = await self._for(request, lambda queries: queries.describe_variables(board, asked.variables, span))
        moments = {"from": span.from_ms, "to": span.to_ms, "now": self._clock.now_ns() // 1_000_000}
        return JSONResponse({"range": moments, "variables": variables})

    async def slos(self, _request: Request) -> Response:
        """Return every objective and entity, worst first."""
        return JSONResponse(await self._in_thread(self._answers.list_objectives, self._clock.now_ns()))

    async def slo(self, request: Request) -> Response:
        """Return one objective."""
        name = request.path_params["name"]
        return JSONResponse(await self._in_thread(self._answers.describe, name, self._clock.now_ns()))

    async def alerts(self, request: Request) -> Response:
        """Return the alerts of the past days."""
        days = parse_days(request.query_params.get("days", "28"))
        return JSONResponse(await self._in_thread(self._answers.list_alerts, self._clock.now_ns(), days))

    async def incidents(self, request: Request) -> Response:
        """Return the incidents of the past days."""
        days = parse_days(request.query_params.get("days", "28"))
        return JSONResponse(await self._in_thread(self._incidents.list_incidents, self._clock.now_ns(), days))

    async def incident(self, request: Request) -> Response:
        """Return one incident."""
        number = request.path_params["number"]
        return JSONResponse(await self._in_thread(self._incidents.describe, number, self._clock.now_ns()))

    async def fleet(self, _request: Request) -> Response:
        """Return what acts on what, each entity with its state and its place in the picture."""
        return JSONResponse(await self._in_thread(self._fleet.describe, self._clock.now_ns()))

    async def runbook(self, request: Request) -> Response:
        """Return one runbook."""
        return JSONResponse(self._answers.runbooks.describe(request.path_params["name"]))

    async def about(self, _request: Request) -> Response:
        """Return versions and how fresh the data is."""
        health = await self._health()
        return JSONResponse({"versions": self._versions, "health": health, "boards": len(self._boards)})

    async def about_sites(self, _request: Request) -> Response:
        """Return how fresh the data of each site is."""
        return JSONResponse(await self._in_thread(self._fleet.describe_sites, self._clock.now_ns()))

    async def _run(
        self, request: Request, asked: QueryRequest, wanted: tuple[int, str, int], span: TimeRange
    ) -> dict[str, object]:
        panel_id, ref_id, points = wanted
        query = PanelQuery(board=self._board(asked.uid), panel_id=panel_id, ref_id=ref_id, max_points=points)
        return await self._for(request, lambda queries: queries.run(query, asked.variables, span))

    async def _for(self, request: Request, ask: Callable[[PanelQueries], _Answer]) -> _Answer:
        """Ask in a thread, in turn, and only for as long as the client is there."""
        async with self._turns, until_left(request) as cancellation:
            return await run_in_threadpool(ask, self._queries.until(cancellation))

    async def _in_thread(self, work: Callable[..., _Answer], *arguments: object) -> _Answer:
        async with self._turns:
            return await run_in_threadpool(work, *arguments)

    async def _health(self) -> dict[str, object]:
        """Ask outside the turns of the panels: health must answer while the panels queue."""
        try:
            last_ns = await run_in_threadpool(self._sources.read_last_data_ns)
        except HeraldError as exc:
            return {"ok": False, "database": False, "reason": str(exc), "last_data_at": None}
        return {"database": True, **self._judge_age(last_ns)}

    def _judge_age(self, last_ns: int | None) -> dict[str, object]:
        if last_ns is None:
            return {"ok": False, "reason": "no telemetry has been stored yet", "last_data_at": None}
        age_s = (self._clock.now_ns() - last_ns) / SECOND_NS
        fresh = age_s <= self._fresh_within_s
        reason = (
            "" if fresh else f"the newest telemetry is {age_s:.0f} s old, allowed are {self._fresh_within_s:.0f} s"
        )
        return {"ok": fresh, "reason": reason, "last_data_at": format_time(last_ns), "age_seconds": round(age_s, 3)}

    def _board(self, uid: str) -> Board:
        board = self._boards.get(uid)
        if board is None:
            raise HTTPException(404, "Dashboard not found")
        return board


def _describe_board(board: Board) -> dict[str, object]:
    return {
        "uid": board.uid,
        "title": board.title,
        "url": f"/d/{board.uid}",
        "type": "dash-db",
        "tags": list(board.tags),
        "description": str(board.json.get("description") or ""),
    }


def _explain(_request: Request, error: Exception) -> Response:
    status = 500
    if isinstance(error, UnknownObjectiveError | UnknownRunbookError | UnknownIncidentError | UnknownReportError):
        status = 404
    elif isinstance(error, InvalidInputError):
        status = 400
    elif isinstance(error, DependencyError):
        status = 503
    return JSONResponse({"message": str(error)}, status_code=status)


def _say_nothing(_request: Request, _error: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


def _explain_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else str(error)
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if request.url.path.startswith("/api/") or request.url.path == "/healthz":
        return JSONResponse({"message": detail}, status_code=status, headers=headers)
    return render_missing_page(status, detail, headers)
