"""My learning and the inbox on a phone: what comes next, a day of one's own, what I was told."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import asyncpg
import httpx
from playwright.sync_api import Page, expect

from infra.ids import uuid7
from tests.browser.conftest import PHONE, Shot
from tests.browser.examinee import Examinee, write
from tests.browser.people import newcomer, sign_in, token_of
from tests.live import Live

_TELL = """
INSERT INTO notice (id, person_id, kind, once, subject_zh, subject_en, text_zh, text_en, link, at)
VALUES ($1, $2, 'due', $3, '培训即将到期', 'Training is due soon',
    '“演示培养方案”还有 3 天到期。', '“Demonstration” is due in 3 days.', '/learn',
    now())
"""


_OF_2025 = """
INSERT INTO {0} SELECT (jsonb_populate_record(one, jsonb_build_object('id', $2::uuid) || $3)).*
FROM {0} AS one WHERE {1} = $1
"""


def with_last_years_hours(live: Live, enrolment: UUID) -> None:
    """Another enrolment with the same hours, of the year 2025: its exam is open still."""
    older, then = uuid7(), {"period": "2025", "enrolled_at": "2025-11-03T09:00:00+08:00"}
    hours = {"enrolment_id": str(older), "counts_on": "2025-11-04"}
    write(
        live,
        (_OF_2025.format("enrolment", "id"), enrolment, older, json.dumps(then)),
        (_OF_2025.format("ledger_entry", "enrolment_id"), enrolment, uuid7(), json.dumps(hours)),
    )


def tell(live: Live, person_id: str, once: str) -> None:
    """What a worker's round of reminders writes; in a thread, for this one has a loop already."""

    async def write() -> None:
        database = await asyncpg.connect(live.running.environment["DATABASE_URL"])
        await database.execute(_TELL, uuid7(), UUID(person_id), once)
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, write()).result()


def test_home_says_what_comes_next_what_is_due_and_what_is_unread(
    page: Page, live: Live, shot: Shot
) -> None:
    login = newcomer(live)
    headers = {"Authorization": f"Bearer {token_of(live, login)}"}
    with httpx.Client(base_url=live.base_url, headers=headers) as api:
        person_id = api.get("/v1/me").json()["id"]
    for number in range(2):
        tell(live, person_id, str(number))
    sign_in(page, login)
    expect(page.locator("#next")).to_contain_text("今天没有待学内容")
    page.get_by_role("button", name="报名").first.click()
    expect(page.locator("#next a")).to_contain_text("开始学")
    page.get_by_text("自定完成日期").click()
    page.get_by_label("我要在这一天前学完").fill("2031-05-20")
    page.locator("#going").get_by_role("button", name="保存").click()
    expect(page.locator("#going")).to_contain_text("2031年5月20日到期")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("60-home")
    page.get_by_role("link", name="2 条未读通知").click()
    expect(page.locator("#notices li")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("61-notices")
    page.get_by_role("button", name="全部标为已读").click()
    expect(page.locator("#read-all")).to_be_hidden()
    page.get_by_label("短信").check()
    page.locator("#save-choice").click()
    expect(page.locator("#choice-note")).to_contain_text("已保存")
    page.goto("/notices?lang=en")
    expect(page.get_by_label("Short message (SMS)")).to_be_checked()
    expect(page.locator("#notices li").first).to_contain_text("Training is due soon")
    page.get_by_role("link", name="Go there").first.click()
    expect(page.locator("#next a")).to_contain_text("Begin")


def test_the_exam_of_a_year_that_is_over_opens_beside_this_years(
    page: Page, live: Live, shot: Shot
) -> None:
    examinee = Examinee(live)
    with_last_years_hours(live, UUID(examinee.enrolment))
    sign_in(page, examinee.login)
    link = page.locator("#next a")
    expect(link).to_have_text("现在可以参加 2025 年度的考试")
    expect(page.locator("#enrolments article")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("62-home-two-years")
    link.click()
    expect(page.locator("#of-year")).to_have_text("2025 年度")
    expect(page.locator("#begin")).to_be_visible()
