"""A manager at the organisation's desk: assigns, sees who stands where, takes it along."""

import httpx
from playwright.sync_api import Page, expect

from tests.backend.organisations.making import credit_code
from tests.browser.conftest import PHONE, Shot
from tests.browser.people import newcomer, sign_in, token_of
from tests.live import Live


def declare(live: Live, login: str) -> None:
    """Whoever declares an organisation is its first manager."""
    body = {"code": credit_code(), "name": "浏览企业", "kind": "enterprise", "reportingUnit": "GD"}
    headers = {"Authorization": f"Bearer {token_of(live, login)}"}
    answer = httpx.post(f"{live.base_url}/v1/organisations", json=body, headers=headers)
    assert answer.status_code == 201, answer.text


def test_a_manager_assigns_a_programme_and_sees_who_stands_where(
    page: Page, live: Live, shot: Shot
) -> None:
    login = newcomer(live)
    declare(live, login)
    sign_in(page, login, back_to="/organisation")
    expect(page.locator("#no-assignments")).to_be_visible()
    page.get_by_text("布置培训任务", exact=True).click()
    page.locator("#programme").select_option("DEMO")
    page.get_by_label("不设期限").check()
    page.locator("#assign-go").click()
    card = page.locator("#assignments article")
    expect(card).to_contain_text("未开始 1")
    card.get_by_role("button", name="查看名单").click()
    expect(page.locator("#nobody")).to_be_visible()  # nobody is late
    page.locator("#state").select_option("not-started")
    expect(page.locator("#standings li")).to_contain_text("李新来")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("30-organisation")
    with page.expect_download() as saved:
        card.get_by_role("button", name="导出 CSV").click()
    assert "李新来" in saved.value.path().read_text("utf-8-sig")
    page.goto("/learn")
    expect(page.locator("#assigned li")).to_contain_text("浏览企业")
    page.get_by_role("link", name="单位工作台").click()
    page.on("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="撤回").click()
    expect(page.locator("#no-assignments")).to_be_visible()


def test_whoever_manages_nothing_is_told_so(page: Page, live: Live) -> None:
    sign_in(page, newcomer(live), back_to="/organisation")
    expect(page.locator("#status")).to_contain_text("不是任何单位的管理员")
    expect(page.locator("#content")).to_be_hidden()
