"""Fresh people of the running instance, signed in as a person signs in."""

import re
import secrets

import httpx
from playwright.sync_api import Page, expect

from backend.accounts.demonstration import DEMO_ACCOUNTS
from backend.accounts.domain import NEEDS_SECOND_FACTOR
from backend.demo.client import Person
from tests.live import Live

SIX_DIGITS = re.compile(r"\d{6}")
PASSWORD = "a long enough password 2026"
ASKED_FOR_A_CODE = {a.login for a in DEMO_ACCOUNTS if NEEDS_SECOND_FACTOR & set(a.roles)}


def newcomer(live: Live) -> str:
    """The e-mail address of a learner nobody has seen before."""
    email = f"{secrets.token_hex(6)}@example.org"
    sign_up(live, "李新来", email)
    return email


def sign_up(live: Live, name: str, email: str, password: str = PASSWORD) -> None:
    with httpx.Client(base_url=live.base_url) as http:
        Person(http).sign_up(name, email, password)


def sign_in(page: Page, login: str, password: str = PASSWORD, *, back_to: str = "/learn") -> None:
    """Whoever has signed in on this phone before opens a page. `by_form` takes three pages."""
    body = {"login": login, "password": password, "cookie": True}
    session = page.request.post("/v1/sessions", data=body).json()
    if code := session.get("demonstrationCode"):
        bearer = {"Authorization": f"Bearer {session['accessToken']}"}
        shown = page.request.post(
            "/v1/sessions/current/second-factor", data={"code": code}, headers=bearer
        )
        assert shown.ok, shown.text()
    first = page.context.pages[0]  # of a handset: open already, of the same origin
    if first == page:
        page.goto("/healthz")  # nothing to draw
    first.evaluate("localStorage.setItem('guanbiao.signed-in', '1')")
    page.goto(back_to)
    expect(page).to_have_url(back_to)


def by_form(page: Page, login: str, password: str = PASSWORD, *, back_to: str = "/learn") -> None:
    """Asked to sign in on the way to a page, and led on to it."""
    page.goto(back_to)
    expect(page.locator("#login")).to_be_visible()
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("#submit").click()
    if login in ASKED_FOR_A_CODE:
        page.locator("#submit-code").click()  # a demonstration fills the code in
    expect(page).to_have_url(back_to)


def token_of(live: Live, login: str, password: str = PASSWORD) -> str:
    """An access token for all the person's roles."""
    with httpx.Client(base_url=live.base_url) as http:
        return Person(http).sign_in(login, password).token


def fresh_number() -> str:
    return f"139{secrets.randbelow(10**8):08d}"


def fill_sign_up(page: Page, login: str, password: str = PASSWORD) -> None:
    """With the code that a demonstration fills in by itself."""
    page.locator("#name").fill("李新来")
    page.locator("#password").fill(password)
    ask_code(page, login)
    expect(page.locator("#sent-code")).to_have_value(SIX_DIGITS)
    page.locator("#agreed").check()
    page.locator("#submit").click()


def ask_code(page: Page, login: str) -> None:
    page.locator("#login").fill(login)
    page.locator("#send-code").click()
