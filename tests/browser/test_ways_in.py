"""Somebody from an organisation with an identity provider: in by its button, then at /account.

The provider is a real one (npm `oidc-provider`), and to the browser another site.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Shot
from tests.browser.people import PASSWORD, SIX_DIGITS, fresh_number, newcomer, sign_in
from tests.identity_provider import there
from tests.live import Live

NEW = "another quiet lake at dusk 2026"
THEIRS = re.compile(r"http://localhost:\d+/")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


def at_provider(page: Page, login: str, *, first: bool = True) -> None:
    """Its own pages: sign in; the first time, let us know the name."""
    expect(page).to_have_url(THEIRS)
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill("any")
    page.locator("[type=submit]").click()
    if first:
        page.get_by_role("button", name="Continue").click()


def link(page: Page) -> None:
    page.get_by_role("button", name="绑定部级平台").click()


@pytest.mark.skipif(not there(), reason="no identity provider: make test fetches it")
def test_an_organisation_s_account_opens_one_here_and_is_looked_after(
    page: Page, live: Live, shot: Shot
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    who, number = f"staff-{fresh_number()}", fresh_number()
    page.goto("/sign-in?next=/account")
    page.get_by_role("button", name="部级平台").click()
    at_provider(page, who)
    expect(page.locator("#newcomer")).to_be_visible()
    expect(page.locator("#agreed")).to_be_focused()
    page.locator("#newcomer summary").first.click()
    assert fits(page)
    shot("26-newcomer")
    page.locator("#enter").click()
    expect(page.locator("#newcomer")).to_be_visible()  # not without the tick
    page.locator("#agreed").check()
    page.locator("#enter").click()
    expect(page).to_have_url("/account")
    expect(page.locator("#who")).to_have_text(f"职工 {who}")
    expect(page.locator("#identities li")).to_contain_text("部级平台")

    page.get_by_role("button", name="解除绑定").click()
    expect(page.locator("#identities-status")).to_contain_text("没有任何方式能登录")
    expect(page.locator("#identities li")).to_have_count(1)

    page.locator("#add-login summary").click()
    page.locator("#new-login").fill("138")
    page.locator("#new-send-code").click()
    expect(page.locator("#new-login-wrong")).to_have_text("邮箱或 11 位手机号")
    page.locator("#new-login").fill(number)
    page.locator("#new-send-code").click()
    expect(page.locator("#new-sent-code")).to_have_value(SIX_DIGITS)
    page.locator("#new-submit").click()
    expect(page.locator("#logins li")).to_contain_text(f"{number[:3]}****{number[-4:]}")

    page.get_by_role("button", name="解除绑定").click()
    expect(page.locator("#identities li")).to_have_count(0)
    page.locator("#logins").get_by_role("button", name="移除").click()
    expect(page.locator("#logins-status")).to_contain_text("没有任何方式能登录")
    link(page)
    at_provider(page, who, first=False)
    expect(page.locator("#identities-status")).to_have_text("单位账号已绑定。")
    expect(page).to_have_url("/account")
    expect(page.locator("#identities li")).to_have_count(1)
    assert fits(page)
    shot("27-ways-in")


def test_a_password_is_set_by_a_code_changed_and_removed(page: Page, live: Live) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    login = newcomer(live)
    sign_in(page, login, back_to="/account")
    page.locator("#remove-password").click()
    expect(page.locator("#password-note")).to_contain_text("密码已移除")
    expect(page.locator("#password-state")).to_contain_text("未设置密码")

    page.locator("#change-password summary").click()
    page.locator("#own-login").fill(login)
    page.locator("#own-send-code").click()
    expect(page.locator("#own-sent-code")).to_have_value(SIX_DIGITS)
    page.locator("#own-password").fill("1111111111")
    page.locator("#own-submit").click()
    expect(page.locator("#own-password-wrong")).to_have_text("至少含 5 个不同字符")
    page.locator("#own-password").fill(PASSWORD)
    page.locator("#own-submit").click()
    expect(page.locator("#password-note")).to_contain_text("新密码已生效")

    page.locator("#change-password summary").click()
    page.locator("#present").fill("not the password")
    page.locator("#own-password").fill(NEW)
    page.locator("#own-submit").click()
    expect(page.locator("#present-wrong")).to_have_text("不正确")
    expect(page.locator("#present")).to_be_focused()
    page.locator("#present").fill(PASSWORD)
    page.locator("#own-submit").click()
    expect(page.locator("#password-note")).to_contain_text("新密码已生效")
