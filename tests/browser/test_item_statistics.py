"""An author reads how an exam's questions did: on the phone in Chinese, wide in English."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Browser, Page, expect

from backend.accounts.demonstration import PASSWORD as DEMO_PASSWORD
from tests.backend.assessment.statistics.real_attempts import Bank, an_exam, attempts
from tests.browser.accessible import faults
from tests.browser.conftest import PHONE, Shot, picture
from tests.browser.examinee import write
from tests.browser.people import sign_in
from tests.infra.up import guanbiao
from tests.live import Live

AUTHOR = "author@demo.guanbiao"
DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
MISKEYED = "F01-004"


def sat(live: Live) -> None:
    """Two editions that enough people sat, one that few did; figures worked out."""
    bank = Bank("F01", 20, seed=4)
    bank.slope[4], bank.difficulty[4] = 2, -0.3
    bank.miskeyed = {MISKEYED: "ABCD"[("ABCD".index(bank.keys[MISKEYED]) + 3) % 4]}
    for edition, people, seed in (("F1", 60, 1), ("F2", 205, 2), ("F3", 12, 3)):
        start = DAY.replace(month=int(edition[1]))
        write(live, attempts(bank, an_exam(bank, edition, people, start, exam="E8", seed=seed)))
    done = guanbiao("attempts", "figures", "--data", str(live.folder.path))
    assert "✓ F2 E8" in done.stdout, done.stderr


def drawn(page: Page, within: str, count: int) -> None:
    """All pictures are there; each has been told in words before."""
    images = page.locator(f"{within} img")
    expect(images).to_have_count(count)
    for number in range(count):
        expect(images.nth(number)).to_have_attribute("src", re.compile("^blob:"))


def test_an_author_finds_the_wrong_key_and_is_told_why_nothing_is_shown_of_few(
    page: Page, browser: Browser, live: Live, shot: Shot
) -> None:
    sat(live)
    sign_in(page, AUTHOR, DEMO_PASSWORD, back_to="/item-statistics?edition=F2&exam=E8")
    expect(page.locator("#facts")).to_contain_text("205 人")
    expect(page.locator("#standings")).to_contain_text("共 20 题")
    first = page.locator("#items tr").first
    expect(first).to_contain_text(MISKEYED)
    expect(first).to_contain_text("答案可能有误")
    page.locator("#hidden-part summary").click()
    expect(page.locator("#hidden-exams")).to_contain_text("不足 20 人")
    drawn(page, "#pictures", 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(page) == []
    shot("90-item-statistics-phone")
    page.get_by_role("button", name=MISKEYED).press("Enter")
    expect(page.locator("#item-head")).to_be_focused()
    drawn(page, "#item", 2)
    expect(page.locator("#item")).to_contain_text("在其他考试与版次中")
    assert faults(page) == []
    shot("91-item-phone")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=MISKEYED)).to_be_focused()

    wide = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", base_url=live.base_url
    )
    other = wide.new_page()
    sign_in(other, AUTHOR, DEMO_PASSWORD, back_to="/item-statistics")
    other.locator("#which").select_option(label="F2 · E8 · 205 people")
    expect(other.locator("#items")).to_contain_text("the key may be wrong")
    drawn(other, "#pictures", 3)
    other.locator("#only").select_option("all")
    expect(other.locator("#items tr")).to_have_count(20)
    picture(other, "92-item-statistics-wide")
    other.get_by_role("button", name="F01-000").click()
    expect(other.locator("#item table")).to_contain_text("(key)")
    drawn(other, "#item", 2)
    picture(other, "93-item-wide")
    wide.close()
