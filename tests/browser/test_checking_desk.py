"""A certification body at work: a key for its systems, its auditors, a file of records."""

import re
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
from pgqueuer import AsyncpgDriver, Queries
from playwright.sync_api import FilePayload, Page, expect
from python_calamine import CalamineWorkbook

from backend.certification_bodies.demonstration import CODE
from backend.records.service import ISSUE
from backend.records.verdict.canonical import canonical
from infra.ids import uuid7
from tests.backend.records.making import some_facts
from tests.browser.accessible import faults
from tests.browser.conftest import PHONE, Shot
from tests.browser.examinee import in_a_thread
from tests.browser.people import newcomer, sign_in, token_of
from tests.browser.test_journey import revoke
from tests.live import Live

DEMO = "guanbiao-demo"
DESK = f"/bodies/{CODE}/checking"
_VERIFIED = """
UPDATE person SET identity_method = 'counter', identity_verified_at = now()
WHERE id = $1
"""
_DUE = """
INSERT INTO due_record
  (id, learner_id, programme, edition, revision, facts, demonstration, state, requested_at)
VALUES ($1, $2, $3, $4, 1, $5, $6, 'due', now())
"""


def person_id(live: Live, login: str, password: str) -> UUID:
    bearer = {"Authorization": f"Bearer {token_of(live, login, password)}"}
    return UUID(httpx.get(f"{live.base_url}/v1/me", headers=bearer).json()["id"])


def due(live: Live, learners: dict[UUID, bool]) -> None:
    """A record as auditor falls due for each, as if all its rules were met; of some for
    demonstration."""

    async def run() -> None:
        database = await asyncpg.connect(live.running.environment["DATABASE_URL"])
        queries = Queries(AsyncpgDriver(database))
        for learner, shown in learners.items():
            changed = {"programme_code": "TR-AUD", "kind": "certification-auditor"}
            facts = some_facts(learner, demonstration=shown, **changed)
            row, content = uuid7(), canonical(msgspec.to_builtins(facts))
            await database.execute(_VERIFIED, learner)
            await database.execute(_DUE, row, learner, "TR-AUD", facts.edition, content, shown)
            await queries.enqueue(ISSUE, msgspec.json.encode({"due_id": str(row)}), 0)
        await database.close()

    in_a_thread(run())


def record_of(live: Live, login: str, password: str) -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {token_of(live, login, password)}"}

    def issued() -> dict[str, Any] | None:
        found = httpx.get(f"{live.base_url}/v1/records", headers=bearer).json()["items"]
        return next((one for one in found if one["programme"] == "TR-AUD" and one["url"]), None)

    return live.wait_for("the record", issued)


def certifier_record(live: Live) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of the body's own auditor, and a revoked one of somebody else: a demonstration, as real ones
    are revoked by people whose identity was checked."""
    other = newcomer(live)
    password = "a long enough password 2026"
    own = person_id(live, "certifier@demo.guanbiao", DEMO)
    due(live, {own: False, person_id(live, other, password): True})
    revoked = record_of(live, other, password)
    revoke(live, revoked["id"])
    return record_of(live, "certifier@demo.guanbiao", DEMO), revoked


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(page) == []


def key_made(page: Page, shot: Shot) -> str:
    page.locator("#key-new summary").click()
    page.get_by_label("用途").fill("认证管理系统")
    page.get_by_role("button", name="生成", exact=True).click()
    expect(page.locator("#key-new")).to_contain_text("请至少选择一项权限")
    for scope in ("核验证明", "审核员名册", "批量核验"):
        page.locator("#key-new").get_by_label(scope).check()
    page.get_by_role("button", name="生成", exact=True).click()
    expect(page.locator("#key-text")).to_be_focused()
    expect(page.locator("#keys li").first).to_contain_text("尚未使用")
    fits(page)
    shot("40-checking-keys")
    return page.locator("#key-text").input_value()


def systems_ask(live: Live, key: str, number: str) -> None:
    with httpx.Client(base_url=live.base_url, headers={"Authorization": f"Bearer {key}"}) as api:
        verdict = api.get(f"/v1/certifier/verifications/{number}")
        assert verdict.json()["verdict"] == "valid"
        assert '"certifier-key-86400";r=' in verdict.headers["ratelimit"]
        roster = api.get("/v1/certifier/auditors", params={"state": "current"}).json()["items"]
        assert [one["number"] for one in roster] == [number]


def roster_is_right(page: Page, number: str) -> None:
    rows = page.locator("#roster tr")
    expect(rows).to_have_count(2)
    page.get_by_label("培训状态", exact=True).select_option("current")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(number)
    expect(rows).to_contain_text("2024****0001")
    with page.expect_download() as saved:
        page.locator("#roster-save").click()
    found = CalamineWorkbook.from_path(saved.value.path()).get_sheet_by_index(0).to_python()
    assert [row[5] for row in found[1:]] == [number]


def file_is_checked(page: Page, valid: str, revoked: str, shot: Shot) -> None:
    def send(name: str, content: bytes) -> None:
        given = FilePayload(name=name, mimeType="text/csv", buffer=content)
        page.locator("#bulk-form input").set_input_files(given)
        page.get_by_role("button", name="上传并核验").click()

    wrong = page.locator("#bulk-form [role=alert]")
    send("bad.csv", "编号\n一\n".encode() + b"\xff\x81\xff\n")
    expect(wrong).to_contain_text("第 3 行")
    expect(page.locator("#bulk-form input")).to_have_attribute("aria-invalid", "true")
    asked = (
        [valid] * 10 + [revoked] * 3 + ["GB-2026-0000-0000-0"] * 3 + ["随便", "=1+1", "<b>", "!"]
    )
    send("list.csv", "\n".join(["证明编号", *asked]).encode())
    expect(page.locator("#bulk-form [role=status]")).to_have_text("核验完成，共 20 行")
    expect(wrong).to_be_hidden()
    last = page.locator("#bulk-checks article").first
    told = {re.sub(r"\s", "", tile.inner_text()) for tile in last.locator(".tiles li").all()}
    assert told == {"10有效", "3已撤销", "7查无此证明"}
    expect(last.locator("tbody tr")).to_have_count(10)
    expect(last.locator("tbody tr").first).to_contain_text("不得采信")
    fits(page)
    shot("41-checking-bulk")
    with page.expect_download() as saved:
        last.get_by_role("button", name="下载结果").click()
    text = saved.value.path().read_text("utf-8-sig")
    assert text.count(",valid,") == 10
    assert "\n19,'=1+1,unknown" in text.replace("\r", "")


def test_a_body_makes_a_key_asks_with_it_sees_its_auditors_and_checks_a_file(
    page: Page, live: Live, shot: Shot
) -> None:
    own, revoked = certifier_record(live)
    sign_in(page, "admin@demo.guanbiao", DEMO, back_to=DESK)
    expect(page.locator("#content")).to_be_visible()
    key = key_made(page, shot)
    systems_ask(live, key, own["number"])
    page.reload()
    expect(page.locator("#keys li").first).to_contain_text("最近使用")
    assert key not in page.content()
    roster_is_right(page, own["number"])
    file_is_checked(page, own["number"], revoked["number"], shot)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="吊销 认证管理系统").first.click()
    expect(page.locator("#keys li").first).to_contain_text("已吊销")
    by = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{live.base_url}/v1/certifier/auditors", headers=by).status_code == 401
    page.goto(f"{DESK}?lang=en")
    expect(page.locator("#content")).to_be_visible()
    fits(page)
    shot("42-checking-en")
