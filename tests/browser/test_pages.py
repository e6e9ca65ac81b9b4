"""What a learner meets on a bad day: lost lines, wrong passwords, another person's record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, Shot, launched
from tests.browser.fonts import device_fonts
from tests.browser.people import by_form, newcomer, sign_in
from tests.browser.test_journey import play_a_second
from tests.live import Live

LESSON = "/learn/DEMO/M02-L01"
PATHS = ("/", "/sign-in", "/sign-up", "/recover", LESSON, "/learn/DEMO/exam", "/v/UNKNOWN")

DRAWS_TWO_CHARACTERS_UNLIKE = """
(family) => {
  const [first, second] = ["永", "鑫"].map((character) => {
    const context = document.createElement("canvas").getContext("2d");
    context.font = `24px ${family || getComputedStyle(document.body).fontFamily}`;
    context.fillText(character, 2, 26);
    return context.canvas.toDataURL();
  });
  return first !== second;
}
"""
FETCHED_A_FONT = (
    "() => performance.getEntriesByType('resource').some(r => r.name.includes('/font-'))"
)
FETCHED_FOR_THE_OTHER_LANGUAGE = """
() => {
  const holds = (range) => {
    const [first, last] = range.trim().slice(2).split("-").map((sign) => parseInt(sign, 16));
    return first <= 0x4e2d && 0x4e2d <= (last ?? first);
  };
  const wanted = [...document.fonts].filter((slice) => slice.unicodeRange.split(",").some(holds));
  return wanted.length > 0 && wanted.every((slice) => slice.status === "loaded");
}
"""


def test_seconds_watched_without_a_network_are_sent_when_it_is_back(
    page: Page, live: Live, shot: Shot
) -> None:
    sign_in(page, newcomer(live), back_to=LESSON)
    page.locator("#enrol").click()
    play_a_second(page)
    page.context.set_offline(True)
    page.locator("video").evaluate("video => video.pause()")
    expect(page.locator("#note")).to_contain_text("联网后自动补传")
    shot("10-offline")
    page.context.set_offline(False)
    expect(page.locator("#note")).to_contain_text("已全部送达")
    expect(page.locator("#watched-words")).not_to_contain_text("已计 0:00")


def test_a_reload_keeps_the_learner_signed_in_and_the_seconds_counted(
    page: Page, live: Live
) -> None:
    by_form(page, newcomer(live), back_to=LESSON)
    page.locator("#enrol").click()
    play_a_second(page)
    page.reload()  # while playing: the closing page sends what was watched
    expect(page.locator("#watched-words")).not_to_contain_text("已计 0:00")
    assert page.evaluate("document.cookie.includes('refresh')") is False


def test_a_wrong_password_is_explained_in_words(page: Page) -> None:
    page.goto("/sign-in")
    page.locator("#login").fill("nobody@example.org")
    page.locator("#password").fill("not the password")
    page.locator("#submit").click()
    expect(page.locator("#status")).to_be_visible()
    expect(page.locator("#status")).not_to_be_empty()
    expect(page).to_have_url("/sign-in")


def test_a_demonstration_account_is_one_press_away(page: Page, shot: Shot) -> None:
    page.goto("/")
    page.get_by_role("link", name="登录").click()
    page.get_by_role("button", name="learner@demo.guanbiao").click()
    shot("02-sign-in")
    page.locator("#submit").click()
    expect(page).to_have_url("/learn")
    expect(page.locator("#identity")).to_be_empty()


def test_sign_in_never_leads_to_another_site(page: Page, live: Live) -> None:
    page.goto("/sign-in?next=https://example.org/elsewhere")
    page.locator("#login").fill(newcomer(live))
    page.locator("#password").fill("a long enough password 2026")
    page.locator("#submit").click()
    expect(page).to_have_url("/learn")


def test_a_record_of_somebody_else_is_not_shown(page: Page, live: Live) -> None:
    sign_in(page, newcomer(live))
    page.goto("/records/019a2c4e-0000-7000-8000-000000000000")
    expect(page.locator("#status")).to_contain_text("没有找到")
    expect(page.locator("#content")).to_be_hidden()


def test_whoever_signs_out_is_out(page: Page, live: Live) -> None:
    by_form(page, newcomer(live))
    page.locator("#sign-out").click()
    expect(page.locator("#signed-out")).to_be_visible()
    page.goto("/learn")
    expect(page).to_have_url("/sign-in?next=%2Flearn")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_the_phone(page: Page, language: str) -> None:
    widths = {path: width(page, f"{path}?lang={language}") for path in PATHS}
    assert {path for path, wide in widths.items() if wide > PHONE["width"]} == set()


def width(page: Page, address: str) -> int:
    page.goto(address)
    return int(page.evaluate("document.documentElement.scrollWidth"))


def test_the_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_id("main")


def test_a_device_with_a_chinese_font_fetches_none(page: Page) -> None:
    page.goto("/", wait_until="networkidle")
    assert page.evaluate(DRAWS_TWO_CHARACTERS_UNLIKE, "sans-serif")
    assert not page.evaluate(FETCHED_A_FONT)


@pytest.fixture
def without_chinese(browser: Browser, live: Live, tmp_path: Path) -> Iterator[BrowserContext]:
    """A device that draws Chinese as empty boxes, and is English itself."""
    bare = launched(browser.browser_type, device_fonts(tmp_path, chinese=False))
    yield bare.new_context(locale="en-GB", base_url=live.base_url)
    bare.close()


def test_chinese_can_be_read_on_a_device_without_a_chinese_font(
    without_chinese: BrowserContext,
) -> None:
    """Also the way to Chinese on an English page."""
    page = without_chinese.new_page()
    page.goto("/sign-in", wait_until="networkidle")
    assert not page.evaluate(DRAWS_TWO_CHARACTERS_UNLIKE, "sans-serif")
    page.wait_for_function(FETCHED_FOR_THE_OTHER_LANGUAGE)
    page.goto("/?lang=zh")
    page.wait_for_function(DRAWS_TWO_CHARACTERS_UNLIKE)
    assert page.evaluate(FETCHED_A_FONT)
