"""With a token, only who knows it may look: programs with a header, people with a cookie that ends."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from model.clock import MINUTE_NS, VirtualClock
from model.errors import InvalidInputError
from tests.unit.web.calling import Answer, call, get, post
from tests.unit.web.given import NOW_NS, UID, every_panel_board, made_up_sources, read_success
from web import create_app
from web.login import COOKIE, SESSION_NS

TOKEN = "correct horse battery staple"
OTHER = "incorrect horse battery staple"
FORM = "application/x-www-form-urlencoded"


@dataclass
class Site:
    """An application that wants a token, and the clock it reads."""

    app: Starlette
    clock: VirtualClock

    def log_in(self, token: str = TOKEN, to: str = "/", **headers: str) -> Answer:
        body = f"token={token}&next={to}".replace(" ", "+").encode()
        return call(self.app, "POST", "/login", body, {"content-type": FORM, **headers})

    def cookie(self) -> str:
        return self.log_in().headers["set-cookie"].partition(";")[0]


def site_with(token: str) -> Site:
    clock = VirtualClock(NOW_NS)
    boards = {UID: every_panel_board()}
    app = create_app(made_up_sources(), boards, [read_success()], "1.2.3", clock=clock, token=token)
    return Site(app, clock)


@pytest.fixture
def site() -> Site:
    return site_with(TOKEN)


@pytest.mark.parametrize(
    "address",
    ["/api/herald/slos", "/api/search", f"/api/dashboards/uid/{UID}", "/api/annotations", "/api/herald/about"],
)
def test_the_api_answers_nobody_without_the_token(site: Site, address: str):
    answer = get(site.app, address)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json() == {"message": "log in first"}


def test_no_query_is_run_without_the_token(site: Site):
    assert post(site.app, "/api/ds/query", {}).status == 401


def test_a_program_shows_the_token_in_a_header(site: Site):
    assert get(site.app, "/api/herald/slos", authorization=f"Bearer {TOKEN}").status == 200
    assert get(site.app, "/api/herald/slos", authorization=f"Bearer {OTHER}").status == 401


def test_a_token_in_the_address_opens_nothing(site: Site):
    assert get(site.app, f"/api/herald/slos?token={TOKEN}".replace(" ", "%20")).status == 401


def test_a_page_leads_to_the_login_and_from_there_back(site: Site):
    answer = get(site.app, f"/d/{UID}?from=now-6h&to=now")
    assert answer.status == 303
    assert answer.headers["location"] == f"/login?next=%2Fd%2F{UID}%3Ffrom%3Dnow-6h%26to%3Dnow"
    form = get(site.app, answer.headers["location"]).body.decode()
    assert f'value="/d/{UID}?from=now-6h&amp;to=now"' in form
    assert site.log_in(to=f"/d/{UID}?from=now-6h%26to=now").headers["location"] == f"/d/{UID}?from=now-6h&to=now"


@pytest.mark.parametrize("address", ["/healthz", "/api/health", "/login", "/static/style.css"])
def test_probes_and_what_the_login_needs_are_open(site: Site, address: str):
    assert get(site.app, address).status == 200


def test_the_session_is_no_business_of_scripts_or_other_sites(site: Site):
    cookie = site.log_in().headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert TOKEN not in cookie


def test_a_session_opens_pages_and_the_api_until_it_ends(site: Site):
    cookie = site.cookie()
    assert [get(site.app, address, cookie=cookie).status for address in ("/", "/api/herald/slos")] == [200, 200]
    site.clock.sleep_until(NOW_NS + SESSION_NS + MINUTE_NS)
    assert get(site.app, "/api/herald/slos", cookie=cookie).status == 401


def test_another_token_ends_every_session(site: Site):
    assert get(site_with(OTHER).app, "/api/herald/slos", cookie=site.cookie()).status == 401


def test_a_wrong_token_is_told_and_begins_nothing(site: Site):
    answer = site.log_in(OTHER)
    assert answer.status == 401
    assert "That is not the token." in answer.body.decode()
    assert "set-cookie" not in answer.headers
    assert OTHER not in answer.body.decode()


def test_another_site_cannot_log_a_visitor_in(site: Site):
    assert site.log_in(origin="https://evil.test").status == 403


@given(st.text(max_size=90) | st.from_regex(r"\d{1,12}\.[0-9a-f]{64}", fullmatch=True))
def test_no_made_up_cookie_is_a_session(cookie: str):
    header = f"{COOKIE}={cookie}".encode("utf-8", "replace").decode()
    assert get(CLOSED.app, "/api/herald/slos", cookie=header).status == 401


CLOSED = site_with(TOKEN)


@pytest.mark.parametrize(
    "address", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "", "/%0d%0aX: y"]
)
def test_the_login_leads_to_no_other_site(site: Site, address: str):
    assert site.log_in(to=address).headers["location"] == "/"


def test_logging_out_makes_the_browser_forget(site: Site):
    answer = call(site.app, "POST", "/logout", b"", {"cookie": site.cookie()})
    assert (answer.status, answer.headers["location"]) == (303, "/login")
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]


def test_a_token_that_can_be_guessed_is_refused():
    with pytest.raises(InvalidInputError, match="the token has 6 characters, fewer than 20"):
        site_with("secret")


def test_without_a_token_everybody_may_look():
    site = site_with("")
    assert get(site.app, "/api/herald/slos").status == 200
    assert get(site.app, "/login").status == 404
