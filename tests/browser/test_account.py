"""A person at the account page: an authenticator, a passkey in Chromium's own ceremonies, devices.

Browsers tie passkeys to a name, so these pages are opened as http://localhost.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from infra.clock import system_clock
from tests.browser.conftest import PHONE, Shot
from tests.browser.people import PASSWORD, newcomer, sign_in
from tests.infra.up import guanbiao
from tests.live import Live
from tests.scanned import codes_in

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def phone(new_phone: BrowserContext) -> BrowserContext:
    """Its authenticator is its own."""
    return new_phone


@pytest.fixture
def site(live: Live) -> str:
    return f"http://localhost:{urlsplit(live.base_url).port}"


@pytest.fixture
def device(page: Page, phone: BrowserContext) -> Iterator[tuple[CDPSession, str]]:
    """A phone's own authenticator: it knows its owner by fingerprint, and keeps passkeys."""
    session = phone.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield session, made["authenticatorId"]
    session.detach()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


def code(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret.replace(" ", "")).at(system_clock(), counter_offset=steps)


def enter(page: Page, login: str, next_page: str) -> None:
    """By password, whatever comes then."""
    page.goto(f"/sign-in?next={next_page}")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("#submit").click()


def test_an_author_sets_up_an_authenticator_and_is_asked_for_it(
    page: Page, live: Live, shot: Shot
) -> None:
    login = newcomer(live)
    granted = guanbiao("grant", login, "author", "--data", str(live.folder.path))
    assert granted.returncode == 0, granted.stderr
    enter(page, login, "/learn")
    expect(page).to_have_url("/account")
    expect(page.locator("#waiting")).to_contain_text("作者")
    page.locator("#begin").click()
    expect(page.locator("#qr")).to_be_visible()
    assert fits(page)
    shot("20-authenticator")
    secret = page.locator("#secret").inner_text()
    (scanned,) = codes_in(page.locator("#qr").screenshot())
    assert pyotp.parse_uri(scanned).secret == secret.replace(" ", "")
    page.locator("#first-code").fill(code(secret))
    page.locator("#confirm-first").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    expect(page.locator("#waiting")).to_be_hidden()
    assert fits(page)
    shot("21-recovery-codes")
    recovery = page.locator("#recovery-codes li").first.inner_text()

    page.locator("#sign-out").click()
    expect(page.locator("#signed-out")).to_be_visible()
    enter(page, login, "/studio")
    page.locator("#code").fill("000000")
    page.locator("#submit-code").click()
    expect(page.locator("#code-status")).to_contain_text("验证码不正确")
    shot("22-second-step")
    page.locator("#code").fill(code(secret, steps=1))
    page.locator("#submit-code").click()
    expect(page).to_have_url("/studio")
    expect(page.locator("#content")).to_be_visible()

    page.locator("#sign-out").click()
    expect(page.locator("#signed-out")).to_be_visible()
    enter(page, login, "/account")
    expect(page.locator("#code")).to_be_visible()
    page.goto("/account")  # leaving the second step out
    expect(page.locator("#waiting")).to_contain_text("作者")
    page.locator("#remove").click()
    expect(page.locator("#proof")).to_be_visible()
    shot("23-proof")
    page.locator("#proof-code").fill(recovery)
    page.locator("#proof-go").click()
    expect(page.locator("#authenticator-state")).to_contain_text("未启用")


def test_a_passkey_is_added_and_signs_in_with_nothing_typed(
    page: Page, live: Live, site: str, device: tuple[CDPSession, str], shot: Shot
) -> None:
    session, authenticator = device
    page.goto(f"{site}/account")
    page.locator("#login").fill(newcomer(live))
    page.locator("#password").fill(PASSWORD)
    page.locator("#submit").click()
    expect(page).to_have_url(f"{site}/account")
    page.locator("#passkey-label").fill("我的手机")
    page.locator("#add").click()
    expect(page.locator("#passkeys li")).to_contain_text("我的手机")
    expect(page.locator("#recovery-codes li")).to_have_count(10)
    kept = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})
    (credential,) = kept["credentials"]
    assert (credential["isResidentCredential"], credential["rpId"]) == (True, "localhost")
    expect(page.locator("#sessions li").first).to_contain_text("当前设备")
    assert fits(page)
    shot("24-passkey")

    page.locator("#sign-out").click()
    expect(page.locator("#signed-out")).to_be_visible()
    page.goto(f"{site}/sign-in?next=/account")
    page.locator("#passkey").click()
    expect(page).to_have_url(f"{site}/account")
    expect(page.locator("#passkeys li")).to_contain_text("上次使用")
    expect(page.locator("#sessions li").first).to_contain_text("通行密钥")
    page.locator("#passkeys").get_by_role("button", name="移除").click()
    expect(page.locator("#passkeys li")).to_have_count(0)


def test_under_an_address_of_numbers_the_page_says_where_passkeys_are(
    page: Page, live: Live, device: tuple[CDPSession, str]
) -> None:
    sign_in(page, newcomer(live), back_to="/account")
    page.locator("#passkey-label").fill("我的手机")
    page.locator("#add").click()
    expect(page.locator("#status")).to_contain_text("localhost")


def test_another_device_is_seen_and_signed_out(
    page: Page, live: Live, phone: BrowserContext
) -> None:
    login = newcomer(live)
    assert phone.browser
    other = phone.browser.new_context(base_url=live.base_url, locale="zh-CN")
    elsewhere = other.new_page()
    sign_in(elsewhere, login)
    sign_in(page, login, back_to="/account")
    expect(page.locator("#sessions li").nth(1)).to_be_visible()
    page.locator("#end-others").click()
    expect(page.locator("#sessions li")).to_have_count(1)
    expect(page.locator("#sessions li")).to_contain_text("当前设备")
    elsewhere.goto("/learn")
    expect(elsewhere).to_have_url("/sign-in?next=%2Flearn")
    other.close()
