"""The text beside a lecture: shown where there are captions, searched, a way to the moment."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import newcomer, sign_in, token_of
from tests.live import DEMONSTRATION_LESSON, Live

LESSON_PAGE = "/learn/DEMO/M02-L01"
CAPTIONS = """WEBVTT

00:00.000 --> 00:00.900
各位学员好

00:01.000 --> 00:03.000
什么是<b>贯标</b>

00:20.000 --> 00:22.000
ＧＢ／Ｔ　２９４９０ 的来历
"""


@pytest.fixture(scope="module")
def captioned(live: Live) -> Iterator[None]:
    """The demonstration's lecture, with captions for the while of these tests."""
    with httpx.Client(base_url=live.base_url) as api:
        token = token_of(live, "author@demo.guanbiao", "guanbiao-demo")
        lecture_id = api.get(DEMONSTRATION_LESSON).json()["lecture"]["id"]
        url = f"/v1/lectures/{lecture_id}/captions/zh-Hans"
        headers = {"Authorization": f"Bearer {token}"}
        api.put(url, content=CAPTIONS.encode(), headers=headers).raise_for_status()
        yield
        api.delete(url, headers=headers).raise_for_status()


@pytest.fixture
def lesson(page: Page, live: Live, captioned: None) -> Page:
    sign_in(page, newcomer(live), back_to=LESSON_PAGE)
    page.get_by_role("button", name="报名").click()
    page.get_by_text("文字稿", exact=True).click()
    return page


def test_a_learner_reads_searches_and_goes_to_the_moment(lesson: Page) -> None:
    lines = lesson.locator("#transcript ol li:visible")
    expect(lines).to_have_text(
        ["0:00 各位学员好", "0:01 什么是贯标", "0:20 ＧＢ／Ｔ　２９４９０ 的来历"]
    )
    search = lesson.get_by_role("searchbox")
    search.fill("gb/t 29490")
    expect(lines).to_have_count(1)
    expect(lesson.get_by_text("本节找到 1 处")).to_be_visible()
    lines.get_by_role("button").click()
    expect(lesson.locator("#note")).to_contain_text("不能快进")
    search.fill("贯标")
    lines.get_by_role("button").click()
    expect(lesson.locator("#transcript li[aria-current]")).to_have_text("0:01 什么是贯标")
    lesson.get_by_role("button", name="在所有小节中查找").click()
    expect(lesson.get_by_text("其他小节找到 0 处")).to_be_visible()


def test_a_player_is_offered_the_captions(lesson: Page) -> None:
    captions = lesson.locator("#captions")
    expect(captions.locator("option")).to_contain_text(["简体中文"])
