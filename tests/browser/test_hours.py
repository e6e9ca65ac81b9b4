"""Class hours on a phone: the last seconds of reading, the list, and a correction that is told."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
import httpx
from playwright.sync_api import BrowserContext, Page, expect

from backend.accounts.demonstration import PASSWORD as DEMO_PASSWORD
from backend.progress.bitmap import Bitmap
from infra.ids import uuid7
from tests.browser.conftest import PHONE, Shot
from tests.browser.people import newcomer, sign_in, token_of
from tests.live import Live

LESSON = "/learn/DEMO/M02-L01"
REASON = "经核查，该小节由他人代学"
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
_WATCHES = "SELECT * FROM lesson_watch ORDER BY id DESC LIMIT 1"
_WATCHED = """
UPDATE lesson_watch SET watched = $3, watched_seconds = duration_seconds, needs_reading_seconds = 2,
    questions_passed_at = now()
WHERE learner_id = $1 AND id = $2
"""
_ANSWERED = """
INSERT INTO lesson_check (id, learner_id, enrolment_id, lesson_code, answers, passed, answered_at)
VALUES ($1, $2, $3, 'M02-L01', '{}', true, now())
"""


def begin(live: Live, login: str) -> None:
    headers = {"Authorization": f"Bearer {token_of(live, login)}"}
    with httpx.Client(base_url=live.base_url, headers=headers) as api:
        enrolment = api.post("/v1/enrolments", json={"programme": "DEMO"}).json()["id"]
        body = {"enrolmentId": enrolment, "lesson": "M02-L01"}
        assert api.post("/v1/play-sessions", json=body).status_code == 201


def all_but_the_reading(live: Live) -> None:
    """As if the newest watch had been seen to its end, its questions were answered, and an edition
    had asked for two seconds of reading; in a thread, for this one has a loop already."""

    async def write() -> None:
        database = await asyncpg.connect(live.running.environment["DATABASE_URL"])
        row: Any = await database.fetchrow(_WATCHES)
        duration = row["duration_seconds"]
        whole = Bitmap().set_range(0, duration).to_bytes(duration)
        await database.execute(_WATCHED, row["learner_id"], row["id"], whole)
        await database.execute(_ANSWERED, uuid7(), row["learner_id"], row["enrolment_id"])
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, write()).result()


def test_hours_are_read_earned_listed_and_corrected_with_a_word_to_the_learner(
    page: Page, phone: BrowserContext, live: Live, shot: Shot
) -> None:
    login = newcomer(live)
    begin(live, login)
    all_but_the_reading(live)
    sign_in(page, login, back_to=LESSON)
    reading = page.locator("#reading")
    expect(reading).to_contain_text("本节要求阅读课文")
    page.evaluate(HIDE, True)
    expect(reading).to_contain_text("现在没有计时")
    page.evaluate(HIDE, False)
    expect(page.locator("#reading-done")).to_have_text("阅读时间已满足。")
    expect(page.locator("#state")).to_have_text("已完成")
    page.goto("/hours")
    expect(page.locator("#entries li")).to_have_count(1)
    expect(page.locator("#entries")).to_contain_text("在线完成小节 M02-L01")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    desk = phone.browser.new_context(viewport=PHONE, locale="zh-CN", base_url=live.base_url)  # type: ignore[union-attr]
    correct(desk.new_page(), login)
    desk.close()
    page.reload()
    expect(page.locator("#entries li").first).to_contain_text(f"原因：{REASON}")
    expect(page.locator("#totals")).to_contain_text("已计入 0 秒")
    shot("71-hours")
    page.goto("/notices?lang=en")
    expect(page.locator("#notices")).to_contain_text("taken back from lesson M02-L01")
    page.get_by_role("link", name="Go there").click()
    expect(page.locator("#entries li").first).to_contain_text("Correction: Lesson M02-L01")


def correct(desk: Page, login: str) -> None:
    sign_in(desk, "admin@demo.guanbiao", DEMO_PASSWORD, back_to="/hours/desk")
    desk.locator("#login").fill("nobody-here@example.org")
    desk.locator("#find-go").click()
    expect(desk.locator("#find-note")).to_contain_text("没有人以该邮箱或手机号注册")
    desk.locator("#login").fill(login)
    desk.locator("#find-go").click()
    expect(desk.locator("#learner")).to_have_text("李*来")
    desk.locator("summary").click()
    desk.locator("#entries button").click()
    expect(desk.locator("#entries [role=alert]")).to_contain_text("至少四个字")
    desk.get_by_label("原因（学员可见）").fill(REASON)
    desk.once("dialog", lambda asked: asked.accept())
    desk.locator("#entries button").click()
    expect(desk.locator("#entries-note")).to_contain_text("已更正")
    expect(desk.locator("#entries li")).to_have_count(2)
