"""Pages as HTML shells: a head, the navigation and one module that reads JSON and draws.

No page holds data. Whatever goes into the text is escaped.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from html import escape
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from web.assets import find_modules, plotly_path, static_path
from web.boards import Board
from web.runbooks import Runbooks, address

_NAVIGATION = (
    ("/", "Objectives"),
    ("/dashboards", "Dashboards"),
    ("/fleet", "Fleet"),
    ("/alerts", "Alerts"),
    ("/incidents", "Incidents"),
    ("/reports", "Reports"),
    ("/about", "About"),
)
_LIBRARY = '<meta name="chart-library" content="{0}"><link rel="preload" as="script" href="{0}" fetchpriority="low">'
"""It is fetched beside the modules, after the first of them; `chart.js` runs it."""

_QUESTION = '<link rel="preload" as="fetch" href="{0}" crossorigin>'
"""A question that the module will ask: the browser asks it while it reads the modules."""

_Page = Callable[[Request], Awaitable[Response]]


def page_routes(boards: Mapping[str, Board], runbooks: Runbooks) -> list[Route]:
    """Return the routes of every page."""

    async def board(request: Request) -> Response:
        return _board_page(boards, request, solo=False)

    async def solo(request: Request) -> Response:
        return _board_page(boards, request, solo=True)

    async def runbook(request: Request) -> Response:
        return _runbook_page(runbooks, request.path_params["name"])

    return [
        Route("/", _page("Objectives", "objectives.js", active="/")),
        Route("/slo/{name}", _page("Objective", "objective.js", active="/", charts=True)),
        Route("/dashboards", _page("Dashboards", "boards.js", active="/dashboards")),
        Route("/d/{uid}", board),
        Route("/d/{uid}/{slug}", board),
        Route("/d-solo/{uid}", solo),
        Route("/d-solo/{uid}/{slug}", solo),
        Route("/alerts", _page("Alerts", "alerts.js", active="/alerts")),
        Route("/incidents", _page("Incidents", "incidents.js", active="/incidents")),
        Route("/incidents/{number:int}", _page("Incident", "incident.js", active="/incidents")),
        Route("/fleet", _page("Fleet", "fleet.js", active="/fleet")),
        Route("/reports", _page("Reports", "reports.js", active="/reports")),
        Route("/postmortems", _page("Postmortems", "postmortems.js", active="/incidents")),
        Route("/reports/{name}", _page("Report", "report.js", active="/reports")),
        Route("/runbook/{name}", runbook),
        Route("/about", _page("About", "about.js", active="/about")),
    ]


def render_page(
    title: str, body: str, *, active: str = "", script: str = "", charts: bool = False, asks: Iterable[str] = ()
) -> str:
    """Return a whole page; `body` is HTML, `title` is text, `asks` the addresses that the script asks first."""
    questions = "".join(_QUESTION.format(escape(each)) for each in asks)
    library = _LIBRARY.format(escape(plotly_path())) if charts else ""
    names = find_modules(script) if script else ()
    ahead = "".join(f'<link rel="modulepreload" href="{escape(static_path(name))}">' for name in names)
    module = f'<script type="module" src="{escape(static_path(script))}"></script>' if script else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · Herald</title>
<link rel="icon" href="{static_path("icon.svg")}" type="image/svg+xml">
<link rel="stylesheet" href="{static_path("style.css")}">
{questions}{ahead}{module}{library}
</head>
<body>
{body.replace("<!--navigation-->", _render_navigation(active))}
</body>
</html>
"""


def render_missing_page(status: int, detail: str, headers: Mapping[str, str]) -> Response:
    """Return the page for an address that does not work."""
    return _missing(status, f"<p>{escape(detail)}</p>", headers)


def _missing(status: int, words: str, headers: Mapping[str, str]) -> Response:
    body = f"""<!--navigation--><main id="main"><h1>{status}</h1>{words}
<p><a href="/">Back to the objectives</a></p></main>"""
    return HTMLResponse(render_page(str(status), body), status_code=status, headers=dict(headers))


def _page(title: str, script: str, *, active: str, charts: bool = False) -> _Page:
    html = _loading_page(title, script, active=active, charts=charts)

    async def answer(_request: Request) -> Response:
        return HTMLResponse(html)

    return answer


def _loading_page(title: str, script: str, *, active: str, charts: bool = False) -> str:
    body = f'<!--navigation--><main id="main" aria-busy="true"><h1>{escape(title)}</h1><p>Loading…</p></main>'
    return render_page(title, body, active=active, script=script, charts=charts)


def _runbook_page(runbooks: Runbooks, name: str) -> Response:
    if name in runbooks:
        return HTMLResponse(_loading_page(runbooks.title(name), "runbook.js", active="/"))
    near = ", ".join(f'<a href="{escape(address(each))}">{escape(each)}</a>' for each in runbooks.near(name))
    words = f"<p>There is no runbook {escape(name[:80])}.</p>"
    return _missing(404, f"{words}<p>Near it: {near}</p>" if near else words, {})


def _board_page(boards: Mapping[str, Board], request: Request, *, solo: bool) -> Response:
    uid = request.path_params["uid"]
    board = boards.get(uid)
    if board is None:
        raise HTTPException(404, f"There is no dashboard {uid[:80]}.")
    kind = "solo" if solo else "board"
    navigation = "" if solo else "<!--navigation-->"
    body = f"""{navigation}<main id="main" class="{kind}" data-uid="{escape(board.uid)}" aria-busy="true">
<p>Loading…</p></main>"""
    asks = _questions(board, request.query_params)
    return HTMLResponse(
        render_page(board.title, body, active="/dashboards", script="board.js", charts=True, asks=asks)
    )


def _questions(board: Board, params: QueryParams) -> list[str]:
    """Return the addresses that `board.js` asks before the panels can ask, to the letter: others would be in vain."""
    uid, time = quote(board.uid, safe=""), board.json.get("time") or {}
    chosen = [(key, value) for key in params if key.startswith("var-") for value in params.getlist(key)]
    start, end = (params.get(key) or time.get(key) or default for key, default in (("from", "now-6h"), ("to", "now")))
    state = urlencode([("from", start), ("to", end), *chosen], safe="*").replace("~", "%7E")
    marks = [f"/api/annotations?dashboardUID={uid}&{state}"] if board.annotations else []
    return [f"/api/dashboards/uid/{uid}", f"/api/herald/boards/{uid}?{state}", *marks]


def _render_navigation(active: str) -> str:
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == active else ""}>{text}</a>' for path, text in _NAVIGATION
    )
    icon = f'<img src="{static_path("icon.svg")}" alt="" width="22" height="22">'
    return f"""<a class="skip" href="#main">Skip to content</a>
<header class="top"><a class="brand" href="/">{icon}Herald</a>
<nav aria-label="Main">{links}</nav><span id="freshness" role="status"></span></header>"""
