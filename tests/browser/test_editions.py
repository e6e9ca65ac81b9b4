"""A new edition on the phone: an author proposes it, somebody else decides, a learner goes on."""

import shutil
from datetime import timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from backend.accounts.demonstration import PASSWORD as DEMO_PASSWORD
from infra.clock import system_clock
from tests.browser.conftest import PHONE, Shot
from tests.browser.people import newcomer, sign_in, token_of
from tests.courses import CONTENT
from tests.courses.two_editions import rewrite
from tests.infra.up import guanbiao
from tests.live import Live

AUTHOR, REVIEWER = "author@demo.guanbiao", "reviewer@demo.guanbiao"


def edition(live: Live, folder: Path, command: str, *arguments: str) -> str:
    """What `guanbiao edition` says."""
    done = guanbiao("edition", command, *arguments, "--data", str(live.folder.path))
    assert done.returncode == 0, done.stderr
    return done.stdout


def corrected(folder: Path) -> Path:
    """The edition in use, with another text of the demonstration's lesson."""
    shutil.copytree(CONTENT, folder)
    rewrite(folder / "edition.toml", 'code = "2026.1"', 'code = "2026.2"')
    rewrite(folder / "M02" / "M02-L01.md", "。", "（本版修订）。")
    return folder


def away(page: Page) -> None:
    page.locator("#sign-out").click()
    expect(page.locator("#signed-out")).to_be_visible()


def narrow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_two_people_put_an_edition_into_use_and_a_learner_goes_on(
    page: Page, live: Live, shot: Shot, tmp_path: Path
) -> None:
    edition(live, tmp_path, "hand-in", str(corrected(tmp_path / "2026.2")))
    login = newcomer(live)
    headers = {"Authorization": f"Bearer {token_of(live, login)}"}
    httpx.post(f"{live.base_url}/v1/enrolments", json={"programme": "DEMO"}, headers=headers)

    sign_in(page, AUTHOR, DEMO_PASSWORD, back_to="/editions")
    page.get_by_role("link", name="版次 2026.2").click()
    expect(page.locator("#lessons li")).to_have_count(1)
    expect(page.locator("#lessons")).to_contain_text("M02-L01")
    last_day = page.get_by_label("2026.1 的最后学习日")
    last_day.evaluate("field => (field.min = '')")  # what the page forbids, the API refuses
    last_day.fill("2020-01-01")
    page.get_by_role("button", name="提议发布").click()
    expect(page.get_by_role("alert").filter(has_text="今天或以后")).to_be_visible()
    expect(last_day).to_be_focused()
    last_day.fill(f"{system_clock() + timedelta(days=30):%Y-%m-%d}")
    shot("70-edition-draft")
    page.get_by_role("button", name="提议发布").click()
    expect(page.locator("#decide-words")).to_contain_text("本人的提议")
    expect(page.locator("#people")).to_contain_text("DEMO")
    narrow(page)
    assert "待决定 proposed" in edition(live, tmp_path, "list")
    at = page.url

    away(page)
    sign_in(page, REVIEWER, DEMO_PASSWORD, back_to=at.removeprefix(live.base_url))
    expect(page.locator("#people")).to_contain_text("未开始")
    form = page.locator("#decide form")
    form.get_by_label("您的决定").select_option("true")
    form.get_by_label("理由").fill("两处措辞已核对")
    shot("71-edition-release")
    page.on("dialog", lambda dialog: dialog.accept())
    form.get_by_role("button", name="提交决定").click()
    expect(page.locator("#done")).to_have_text("版次 2026.2 已发布。")
    expect(page.locator("#done")).to_be_focused()
    page.goto("/editions?lang=en")
    expect(page.locator("#releases")).to_contain_text("2026.1 → 2026.2")
    expect(page.locator("#drafts")).to_contain_text("published")
    narrow(page)
    shot("72-editions")
    page.goto("/editions?lang=zh")

    away(page)
    sign_in(page, login)
    expect(page.locator("#enrolments")).to_contain_text("您可以按 2026.1 学到")
    page.get_by_role("button", name="现在转入版次 2026.2").click()
    expect(page.locator("#enrolments")).to_contain_text("您的学习已从版次 2026.1 转入")
    expect(page.locator("#enrolments article")).to_have_count(1)
    narrow(page)
    shot("73-came-along")
