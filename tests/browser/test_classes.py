"""The instructor's screen and a learner's phone: two browsers in one class; the public register."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.accounts.demonstration import PASSWORD as DEMO_PASSWORD
from backend.certification_bodies.demonstration import CODE
from tests.browser.conftest import PHONE, SLOW, Shot, picture
from tests.browser.people import newcomer, sign_in
from tests.live import Live
from tests.scanned import codes_in

TEACHER = "certifier@demo.guanbiao"
DRAWN = re.compile("^data:image/svg")


@pytest.fixture
def learner(browser: Browser, live: Live) -> Iterator[Page]:
    """Another phone than the `page` of the instructor."""
    context = browser.new_context(
        viewport=PHONE, device_scale_factor=2, locale="zh-CN", base_url=live.base_url
    )
    context.set_default_timeout(SLOW)
    yield context.new_page()
    context.close()


def scanned(screen: Page) -> str:
    """What a phone's camera reads off the screen."""
    (address,) = codes_in(screen.locator("#qr").screenshot())
    return "/c/" + address.rpartition("/")[2]


def test_a_learner_checks_in_and_out_with_the_code_on_the_instructor_s_screen(
    page: Page, learner: Page, live: Live, shot: Shot
) -> None:
    sign_in(learner, newcomer(live), back_to="/classes")
    learner.locator("#to-come button", has_text="报名").first.click()
    expect(learner.locator("#mine .state")).to_have_text("已报名")
    sign_in(page, TEACHER, DEMO_PASSWORD, back_to="/classes")
    expect(page.locator("#content")).to_be_visible()
    shot("20-classes")
    page.get_by_role("link", name="显示签到码").first.click()
    expect(page.locator("#qr")).to_have_attribute("src", DRAWN)
    shot("21-class-code")
    checked(learner, scanned(page), "签到成功", "25-checked-in")
    first = page.locator("#qr").get_attribute("src")
    page.get_by_role("button", name="签退").click()
    expect(page.locator("#qr")).to_have_attribute("src", DRAWN)
    expect(page.locator("#qr")).not_to_have_attribute("src", str(first))
    checked(learner, scanned(page), "签退成功", "25-checked-out")
    expect(page.locator("#count")).to_contain_text("在场")


def checked(learner: Page, address: str, said: str, name: str) -> None:
    learner.goto(address)
    expect(learner.locator("#done")).to_have_text(said)
    expect(learner.locator("#notice")).to_contain_text("实名认证")
    picture(learner, name)


def test_a_code_that_is_no_longer_shown_says_to_scan_again(
    page: Page, live: Live, shot: Shot
) -> None:
    sign_in(page, newcomer(live), back_to="/classes")
    page.goto("/c/" + "A" * 50)
    expect(page.locator("#again")).to_contain_text("重新扫描")
    expect(page.locator("#content")).to_be_hidden()
    shot("22-code-not-ours")


def test_anyone_reads_the_register_and_a_body_s_page(page: Page, shot: Shot) -> None:
    page.goto("/bodies")
    shot("23-bodies")
    page.get_by_role("link", name="演示认证中心").click()
    expect(page.locator("h1")).to_have_text("演示认证中心")
    expect(page.locator("#auditors")).to_contain_text("陈*示")
    expect(page.locator("#auditors")).to_contain_text("2025****0002")
    expect(page.locator("#auditors")).not_to_contain_text("陈演示")
    shot("24-body")
    page.goto(f"/bodies/{CODE}?asAt=2020-01-01")
    expect(page.locator(".state").first).to_have_text("该日不在名录中")


def test_none_of_these_pages_is_wider_than_the_phone(page: Page) -> None:
    for path in ("/bodies", f"/bodies/{CODE}", "/classes", "/c/x"):
        page.goto(f"{path}?lang=en")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
