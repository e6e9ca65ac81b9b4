"""Two people decide about a record: one suspends it and proposes to revoke it, the other looks and
approves; its holder reads why, and appeals."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from tests.browser.accessible import faults
from tests.browser.conftest import PHONE, Shot, picture
from tests.browser.examinee import write
from tests.browser.people import PASSWORD, newcomer, sign_in, token_of
from tests.browser.test_checking_desk import DEMO, due, fits, person_id, record_of
from tests.live import Live

WHY = "投诉反映代考，核查期间暂停"
GROUND = "考试由他人代答，经查实"
_NOT_AT_A_COUNTER = "UPDATE person SET identity_method = 'null' WHERE id = $1"
EVIDENCE = "投诉卷宗第 12 号\n第 3–5 页"


def a_record(live: Live) -> tuple[str, dict[str, Any]]:
    """A demonstration's, as its deciders' identity was never checked."""
    holder = newcomer(live)
    due(live, {person_id(live, holder, PASSWORD): True})
    return holder, record_of(live, holder, PASSWORD)


def found(page: Page, number: str) -> None:
    page.get_by_label("证明编号或核验码").fill("GB-2026-0000-0000-0")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#find [role=status]")).to_contain_text("没有找到该证明")
    page.get_by_label("证明编号或核验码").fill(f" {number.lower()} ")
    page.keyboard.press("Enter")
    expect(page.locator("#case-title")).to_be_focused()
    expect(page.locator("#case")).to_contain_text("李*来")


def suspended(page: Page, shot: Shot) -> None:
    page.locator("#case summary", has_text=re.compile("^暂停$")).click()
    form = page.locator("#case details[open] form")
    form.get_by_label("理由（公开）").fill("待查")
    form.get_by_role("button", name="暂停证明").click()
    expect(form.locator("[role=alert]").first).to_contain_text("至少五个字")
    expect(form.get_by_label("理由（公开）")).to_be_focused()
    fits(page)
    shot("50-decisions-suspend")
    form.get_by_label("理由（公开）").fill(WHY)
    form.get_by_label("复核日期").fill(f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%d}")
    form.get_by_role("button", name="暂停证明").click()
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator("#case-title")).to_contain_text("已暂停")


def proposed(page: Page, number: str, shot: Shot) -> None:
    page.locator("#case summary", has_text="提议撤销").click()
    form = page.locator("#case details[open] form")
    form.get_by_label("理由（公开）").fill(GROUND)
    form.get_by_label("给第二人的依据").fill(EVIDENCE)
    form.get_by_role("button", name="提出").click()
    expect(page.locator("#done")).to_contain_text("等待第二人决定")
    case = page.locator("#case")
    expect(case).to_contain_text("撤销须由两人完成")
    expect(case.get_by_role("button", name="批准撤销")).to_have_count(0)
    expect(page.locator("#waiting li", has_text=number)).to_contain_text(GROUND)
    expect(page.locator("#suspended li", has_text=number)).to_contain_text("前复核")
    fits(page)
    shot("51-decisions-proposed")


def approved(page: Page, number: str) -> None:
    """In English, by somebody who comes from the home screen."""
    sign_in(page, "admin@demo.guanbiao", DEMO, back_to="/learn")
    waiting = page.get_by_role("link", name="Revocations that wait for you")
    expect(waiting).to_be_visible()
    expect(page.locator("#status")).to_be_hidden()  # who decides need not be a learner
    waiting.click()
    page.get_by_role("button", name=f"Look and decide {number}").press("Enter")
    expect(page.locator("#case-title")).to_be_focused()
    case = page.locator("#case")
    expect(case).to_contain_text("第 3–5 页")
    expect(case).to_contain_text("proposed by 演示审校")
    case.get_by_role("button", name="Approve: revoke").click()
    expect(case.get_by_role("status")).to_contain_text("Look at the evidence first")
    fits(page)
    picture(page, "52-decisions-second-person")
    case.get_by_label("I have looked at the evidence").check()
    page.once("dialog", lambda dialog: dialog.accept())
    case.get_by_role("button", name="Approve: revoke").click()
    expect(page.locator("#done")).to_contain_text("Revoked")
    expect(page.locator("#case-title")).to_contain_text("Revoked")
    expect(case).to_contain_text("nothing more can be decided")
    expect(page.locator("#lately li").first).to_contain_text("演示审校, 演示管理员甲")
    fits(page)
    picture(page, "53-decisions-revoked-en")
    case.get_by_role("link", name="Open the verification page").click()
    expect(page.locator("table")).to_contain_text("to be looked at again by")
    fits(page)
    picture(page, "55-verification-history")


def declined(page: Page, number: str) -> None:
    """A proposal of before: what is not made leaves the record as it was."""
    page.locator("#case summary", has_text="提议撤销").click()
    page.locator("#case details[open]").get_by_label("理由（公开）").fill("举报称由他人代学")
    page.locator("#case").get_by_role("button", name="提出").click()
    expect(page.locator("#done")).to_contain_text("等待第二人决定")
    page.locator("#case summary", has_text="收回提议").click()
    page.locator("#case").get_by_label("为何不撤销").fill("查无实据，予以收回")
    page.locator("#case").get_by_role("button", name="收回提议").click()
    expect(page.locator("#done")).to_have_text("提议已收回。")
    expect(page.locator("#case")).to_contain_text("未撤销的理由：查无实据，予以收回")
    expect(page.locator("#waiting li", has_text=number)).to_have_count(0)


def holder_appeals(page: Page, holder: str, shot: Shot) -> None:
    sign_in(page, holder, PASSWORD, back_to="/notices")
    expect(page.locator("#content")).to_contain_text("您的培训证明被撤销")
    page.get_by_role("link", name="前往").first.click()
    told = page.locator("#decided")
    expect(told).to_contain_text(GROUND)
    told.get_by_label("申诉内容").fill("太短")
    told.get_by_role("button", name="提交申诉").click()
    expect(told.locator("#appeal-form [role=alert]").first).to_contain_text("至少需要 10 个字符")
    told.get_by_label("申诉内容").fill("考试当天本人在场，监控可以查证。")
    told.get_by_role("button", name="提交申诉").click()
    expect(page.locator("#appeal-code")).to_be_focused()
    for part in ("#share", "#holder", "#print-part"):
        expect(page.locator(part)).to_be_hidden()  # not to be shown to others any more
    code = page.locator("#appeal-code").input_value()
    told.get_by_label("查询申诉进展").fill(code)
    told.get_by_role("button", name="查询", exact=True).click()
    expect(page.locator("#appeal-follow [role=status]")).to_have_text("已收到")
    fits(page)
    shot("54-own-record-revoked")
    page.goto("/learn")
    expect(page.locator("#records li")).to_contain_text("已撤销")


def test_one_proposes_another_revokes_and_the_holder_reads_why_and_appeals(
    page: Page, browser: Browser, live: Live, shot: Shot
) -> None:
    holder, record = a_record(live)
    sign_in(page, "reviewer@demo.guanbiao", DEMO)
    page.get_by_role("link", name="证明处理").click()
    expect(page.locator("#content")).to_be_visible()
    assert faults(page) == []
    found(page, record["number"])
    declined(page, record["number"])
    suspended(page, shot)
    proposed(page, record["number"], shot)
    other = browser.new_context(viewport=PHONE, locale="en-GB", base_url=live.base_url)
    approved(other.new_page(), record["number"])
    other.close()
    page.reload()  # its address keeps which record is open
    expect(page.locator("#case-title")).to_contain_text("已撤销")
    holder_appeals(page, holder, shot)


def verified_as(live: Live, login: str, name: str) -> None:
    """By what a demonstration has in place of a document."""
    write(live, (_NOT_AT_A_COUNTER, person_id(live, login, PASSWORD)))
    bearer = {"Authorization": f"Bearer {token_of(live, login)}"}
    url = f"{live.base_url}/v1/me/identity-verification"
    httpx.post(url, json={"name": name}, headers=bearer).raise_for_status()


def test_a_wrong_name_is_corrected_and_the_holder_and_the_public_are_led_to_the_new_record(
    page: Page, live: Live, shot: Shot
) -> None:
    holder, record = a_record(live)
    sign_in(page, "reviewer@demo.guanbiao", DEMO, back_to=f"/decisions?record={record['number']}")
    case = page.locator("#case")
    expect(case).to_contain_text("更正姓名：证明上的姓名与持有人已核验的姓名一致")
    verified_as(live, holder, "李新莱")
    page.reload()
    case.locator("summary", has_text="更正姓名").click()
    form = case.locator("details[open] form")
    form.get_by_label("理由（公开）").fill("姓名用字有误，予以更正")
    form.get_by_role("button", name="更正", exact=True).click()
    expect(page.locator("#done")).to_contain_text("新证明将在数秒内签发")
    public = f"{live.base_url}/v1/verifications/{record['code']}"
    live.wait_for("the new record", lambda: httpx.get(public).json()["supersededBy"])
    page.goto(f"/v/{record['code']}")
    expect(page.locator("h1")).to_have_text("已被替代")
    expect(page.locator("table")).to_contain_text("姓名用字有误，予以更正（由 GB-")
    page.goto(f"/decisions?record={record['number']}")
    expect(page.locator("#case-title")).to_contain_text("已被替代")
    case.get_by_role("button", name="打开替代它的证明").click()
    expect(page.locator("#case-title")).to_contain_text("已签发")
    expect(case).to_contain_text("李*莱")
    fits(page)
    shot("56-decisions-corrected")
    holder_is_led_on(page, holder, shot)


def holder_is_led_on(page: Page, holder: str, shot: Shot) -> None:
    sign_in(page, holder, PASSWORD, back_to="/notices")
    expect(page.locator("#content")).to_contain_text("您的培训证明已更正")
    page.get_by_role("link", name="前往").first.click()
    expect(page.locator("#facts")).to_contain_text("李新来")
    expect(page.locator("#appeal")).to_be_hidden()
    fits(page)
    shot("57-own-record-corrected")
    page.get_by_role("link", name="打开新证明").click()
    expect(page.locator("#facts")).to_contain_text("李新莱")
    expect(page.locator("#state")).to_have_text("已签发")
    page.goto("/learn")
    expect(page.locator("#records .state")).to_have_text(["已被替代"])
