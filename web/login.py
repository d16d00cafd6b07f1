"""Who may look: whoever knows the token, as a person with a cookie or as a program with a bearer header.

The cookie holds when it ends and a signature of that under the token, so that nothing is kept here and a new token
ends every session. The token itself is in no address, no cookie and no log. Without a token everybody may look, and
no part of this is there.
"""

import hashlib
import hmac
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from model.clock import HOUR_NS, SECOND_NS, Clock
from model.errors import InvalidInputError
from web.pages import render_page
from web.requests import read_body, refuse_other_sites

COOKIE = "herald_session"
SESSION_NS = 12 * HOUR_NS
SHORTEST_TOKEN = 20
"""Characters below which a token could be guessed by whoever may try as often as they like."""

_OPEN = ("/login", "/healthz", "/api/health", "/favicon.ico")
_OPEN_FOLDERS = ("/static/", "/vendor/")
_FORM_LIMIT_BYTES = 4096


class TokenLogin:
    """Knows the token, and who has shown it."""

    def __init__(self, token: str, clock: Clock) -> None:
        """Raise InvalidInputError for a token that is too short."""
        if len(token) < SHORTEST_TOKEN:
            raise InvalidInputError(
                f"the token has {len(token)} characters, fewer than {SHORTEST_TOKEN}",
                remedy="make one, e.g. with: openssl rand -hex 32",
            )
        self._token = token.encode()
        self._clock = clock

    def admits(self, headers: Headers) -> bool:
        """Return whether a request bears the token, or the cookie of a session that has not ended."""
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self.is_token(credential.strip())
        return self._is_session(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))

    def is_token(self, given: str) -> bool:
        """Compare in a time that says nothing about the token, its length included."""
        return hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(self._token).digest())

    def routes(self) -> list[Route]:
        """Return the routes of logging in and out."""
        return [
            Route("/login", self.show_form),
            Route("/login", self.log_in, methods=["POST"]),
            Route("/logout", self.log_out, methods=["POST"]),
        ]

    async def show_form(self, request: Request) -> Response:
        """Show the form, to whoever is logged in the one to log out."""
        if self.admits(request.headers):
            return HTMLResponse(render_page("Logged in", _LOGOUT))
        return _form(_own_address(request.query_params.get("next", "")))

    async def log_in(self, request: Request) -> Response:
        """Begin a session, and go on to where the visitor was going."""
        refuse_other_sites(request)
        form = parse_qs((await read_body(request, _FORM_LIMIT_BYTES)).decode(errors="replace"))
        address = _own_address(form.get("next", [""])[0])
        if not self.is_token(form.get("token", [""])[0].strip()):
            return _form(address, refused=True)
        answer = RedirectResponse(address, status_code=303)
        answer.set_cookie(
            COOKIE,
            self._begin_session(),
            max_age=SESSION_NS // SECOND_NS,
            httponly=True,
            samesite="lax",  # strict would ask again whoever follows a link from an alert
            secure=request.url.scheme == "https",
        )
        return answer

    async def log_out(self, request: Request) -> Response:
        """Make the browser forget its session."""
        refuse_other_sites(request)
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
        return answer

    def _begin_session(self) -> str:
        ends = str((self._clock.now_ns() + SESSION_NS) // SECOND_NS)
        return f"{ends}.{self._sign(ends)}"

    def _is_session(self, cookie: str) -> bool:
        ends, _, signature = cookie.partition(".")
        signed = hmac.compare_digest(signature.encode(), self._sign(ends).encode())
        return signed and int(ends) * SECOND_NS > self._clock.now_ns()

    def _sign(self, ends: str) -> str:
        return hmac.new(self._token, f"herald session {ends}".encode(), hashlib.sha256).hexdigest()


class RequireLogin:
    """ASGI middleware: pages lead to the login, anything else is refused with 401."""

    def __init__(self, app: ASGIApp, login: TokenLogin) -> None:
        self._app = app
        self._login = login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is open to everybody or comes from somebody who is logged in."""
        if scope["type"] != "http" or _is_open(scope["path"]) or self._login.admits(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        await _refuse(Request(scope))(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in _OPEN or path.startswith(_OPEN_FOLDERS)


def _refuse(request: Request) -> Response:
    if request.method != "GET" or request.url.path.startswith("/api/"):
        return JSONResponse({"message": "log in first"}, status_code=401, headers={"WWW-Authenticate": "Bearer"})
    going_to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?{urlencode({'next': going_to})}", status_code=303)


def _own_address(text: str) -> str:
    """Return an address of this site; anything that could lead to another is the first page."""
    split = urlsplit(text)
    is_own = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_own and not split.scheme and not split.netloc else "/"


def _form(address: str, *, refused: bool = False) -> Response:
    problem = '<p class="message error" role="alert">That is not the token.</p>' if refused else ""
    body = f"""<main id="main" class="login"><h1>Log in</h1>{problem}
<form method="post" action="/login"><input type="hidden" name="next" value="{escape(address)}">
<label>Token <input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button type="submit" class="primary">Log in</button></form></main>"""
    return HTMLResponse(render_page("Log in", body), status_code=401 if refused else 200)


_LOGOUT = """<!--navigation--><main id="main" class="login"><h1>Logged in</h1>
<form method="post" action="/logout"><button type="submit" class="primary">Log out</button></form></main>"""
