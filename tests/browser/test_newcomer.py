"""Somebody without an account, at a phone: signs up, is told about identity, passes the check."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, Shot
from tests.browser.people import (
    SIX_DIGITS,
    ask_code,
    fill_sign_up,
    fresh_number,
    newcomer,
    sign_in,
)
from tests.live import Live


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


def test_a_newcomer_signs_up_and_passes_the_demonstration_check(page: Page, shot: Shot) -> None:
    page.goto("/")
    page.get_by_role("link", name="开始学习").click()
    expect(page).to_have_url("/sign-up")
    shot("14-sign-up")
    fill_sign_up(page, fresh_number())
    expect(page).to_have_url("/learn")
    notice = page.locator("#identity")
    expect(notice).to_contain_text("不核验任何证件")
    assert fits(page)
    shot("15-identity")
    notice.get_by_label("真实姓名").fill("李如实")
    notice.get_by_role("button").click()
    expect(notice).to_be_empty()
    expect(page.locator("#who")).to_have_text("李如实")
    page.reload()
    expect(page.locator("#content")).to_be_visible()
    expect(notice).to_be_empty()


def test_a_login_that_has_an_account_is_told_to_its_owner_only(page: Page, shot: Shot) -> None:
    page.goto("/sign-up")
    page.locator("#name").fill("李新来")
    ask_code(page, "learner@demo.guanbiao")
    expect(page.locator("#code-note")).to_contain_text("已有账号，请直接登录")
    page.locator("#sent-code").fill("000000")
    page.locator("#agreed").check()
    page.locator("#submit").click()
    expect(page.locator("#sent-code-wrong")).to_have_text("不正确或已失效")
    expect(page).to_have_url("/sign-up")
    shot("18-sign-up-known")


@pytest.mark.parametrize("login", ["138001", "li＠example"])
def test_no_code_goes_to_what_is_no_login(page: Page, login: str) -> None:
    page.goto("/sign-up")
    ask_code(page, login)
    expect(page.locator("#login-wrong")).to_have_text("邮箱或 11 位手机号")
    expect(page.locator("#login")).to_be_focused()


def test_what_is_wrong_is_said_beside_its_field(page: Page, shot: Shot) -> None:
    page.goto("/sign-up")
    fill_sign_up(page, "li@example.org", "1111111111")
    expect(page.locator("#password-wrong")).to_have_text("至少含 5 个不同字符")
    expect(page.locator("#password")).to_be_focused()
    shot("16-sign-up-password")


def test_a_code_opens_what_a_password_does(page: Page, live: Live, shot: Shot) -> None:
    page.goto("/sign-in")
    page.get_by_role("tab", name="验证码登录").click()
    expect(page.locator("#password")).to_be_hidden()
    ask_code(page, newcomer(live))
    expect(page.locator("#sent-code")).to_have_value(SIX_DIGITS)
    expect(page.locator("#send-code")).to_be_disabled()
    assert fits(page)
    shot("19-sign-in-by-code")
    page.locator("#submit").click()
    expect(page).to_have_url("/learn")


def test_a_forgotten_password_is_replaced_by_a_code(page: Page, live: Live, shot: Shot) -> None:
    page.goto("/sign-in")
    page.get_by_role("link", name="忘记密码").click()
    expect(page).to_have_url("/recover")
    ask_code(page, newcomer(live))
    expect(page.locator("#sent-code")).to_have_value(SIX_DIGITS)
    page.locator("#password").fill("Password123!")
    page.locator("#submit").click()
    expect(page.locator("#password-wrong")).to_contain_text("太常见")
    assert fits(page)
    shot("20-recover")
    page.locator("#password").fill("another quiet lake at dusk")
    page.locator("#submit").click()
    expect(page).to_have_url("/learn")


def test_the_way_between_signing_in_and_up_keeps_where_it_leads(page: Page) -> None:
    page.goto("/learn/DEMO/M02-L01")
    expect(page).to_have_url("/sign-in?next=%2Flearn%2FDEMO%2FM02-L01")
    page.get_by_role("link", name="注册").click()
    fill_sign_up(page, fresh_number())
    expect(page).to_have_url("/learn/DEMO/M02-L01")


def test_on_a_real_instance_a_document_is_declared_with_the_consent_it_takes(
    page: Page, live: Live, shot: Shot
) -> None:
    """The demonstration's own answers, but for the one word that makes it a real instance."""

    def as_a_real_instance(route: Route) -> None:
        me = route.fetch().json()
        route.fulfill(json={**me, "demonstration": False})

    page.route("**/v1/me", as_a_real_instance)
    sign_in(page, newcomer(live))
    notice = page.locator("#identity")
    notice.get_by_label("姓名").fill("王小明")
    notice.get_by_label("证件号码").fill("110105194912310021")
    notice.get_by_role("button", name="提交申报").click()
    expect(notice.locator("#number-wrong")).not_to_be_empty()
    notice.get_by_label("证件号码").fill("11010519491231002X")
    notice.get_by_role("button", name="提交申报").click()
    expect(notice.locator("#consent-wrong")).to_contain_text("请阅读并同意")
    expect(notice.locator("#consent")).to_be_focused()
    assert fits(page)
    shot("17-identity-declaration")
    notice.get_by_label("我已阅读并同意").check()
    notice.get_by_role("button", name="提交申报").click()
    expect(notice.locator("#identity-waits")).to_be_focused()
    expect(notice).to_contain_text("王*明 · 1101**********002X")
