"""Fresh people of the running instance, signed in as a person signs in."""

import secrets

import httpx
from playwright.sync_api import Page, expect

from tests.live import Live

PASSWORD = "a long enough password 2026"


def newcomer(live: Live) -> str:
    """The e-mail address of a learner nobody has seen before."""
    email = f"{secrets.token_hex(6)}@example.org"
    body = {"name": "李新来", "email": email, "password": PASSWORD}
    httpx.post(f"{live.base_url}/v1/people", json=body).raise_for_status()
    return email


def sign_in(page: Page, login: str, password: str = PASSWORD, *, back_to: str = "/learn") -> None:
    page.goto(back_to)
    expect(page.locator("#login")).to_be_visible()
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("#submit").click()
    expect(page).to_have_url(back_to)


def fresh_number() -> str:
    return f"139{secrets.randbelow(10**8):08d}"


def fill_sign_up(page: Page, login: str, password: str = PASSWORD) -> None:
    page.locator("#name").fill("李新来")
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.locator("#submit").click()
