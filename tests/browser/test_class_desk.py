"""The desks: who runs a class, who keeps the register, who manages a body. One walk each."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from backend.accounts.demonstration import PASSWORD as DEMO_PASSWORD
from tests.backend.organisations.making import credit_code
from tests.browser.conftest import PHONE, Shot
from tests.browser.examinee import write
from tests.browser.people import newcomer, sign_in, token_of
from tests.live import Live

ADMINISTRATOR = "admin@demo.guanbiao"
SOON = timedelta(days=7)
_OVER = "UPDATE class_session SET ends_at = now() WHERE id = $1"


class Api:
    """What is not the page's matter, done over HTTP."""

    def __init__(self, live: Live, login: str, *password: str) -> None:
        self.base = live.base_url
        self.headers = {"Authorization": f"Bearer {token_of(live, login, *password)}"}

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = httpx.request(method, self.base + path, json=body, headers=self.headers)
        assert answer.is_success, answer.text
        return dict(answer.json()) if answer.content else {}


def organisation(manager: Api, kind: str) -> dict[str, Any]:
    body = {"code": credit_code(), "name": "浏览认证中心", "kind": kind, "reportingUnit": "GD"}
    return manager.call("POST", "/v1/organisations", **body)


def typed(moment: datetime) -> str:
    """As a `datetime-local` takes it, in China."""
    return (moment + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")


def narrow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def fill_entry(form: Locator, day: str) -> None:
    form.get_by_label("生效日期").fill(day)
    form.get_by_label("依据").fill("依据复核结论")
    form.get_by_label("文号").fill("国知发运字〔2026〕1号")


def file_paper(page: Page, title: str, folder: Path) -> None:
    paper = folder / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n")
    form = opened(page, title)
    form.get_by_label("名称").fill("管理体系认证规则")
    form.get_by_label("版本号").fill("1.0")
    form.get_by_label("生效日期").fill("2026-01-01")
    form.get_by_label("文件").set_input_files(paper)
    form.get_by_role("button", name="提交").click()
    expect(form.get_by_role("status")).to_contain_text("SHA-256")


def opened(place: Page | Locator, title: str) -> Locator:
    """The form under a fold."""
    summary = place.locator("summary", has_text=re.compile(f"^{title}$"))
    summary.click()
    return summary.locator("xpath=ancestor-or-self::details[1]")


@pytest.fixture
def a_class_of_two_hours(live: Live) -> tuple[str, str, datetime]:
    """(manager, class, its second hour's end): two are enrolled, who never scanned anything."""
    login, *learners = [newcomer(live) for _ in range(3)]
    manager = Api(live, login)
    learning = [Api(live, learner) for learner in learners]
    organiser = organisation(manager, "enterprise")["id"]
    now = datetime.now(UTC)
    made = manager.call(
        "POST",
        "/v1/class-sessions",
        **{"organisationId": organiser, "title": "实务面授班", "place": "三楼教室", "capacity": 2},
        **{"classHours": 1, "beginsAt": (now - timedelta(hours=2)).isoformat()},
        endsAt=(now + timedelta(hours=1)).isoformat(),
    )
    for learner in learning:
        learner.call("PUT", f"/v1/class-sessions/{made['id']}/seat")
    return login, made["id"], now


def by_two(route: Route) -> None:
    """Real pages of the real list, short ones."""
    address = route.request.url
    route.continue_(url=f"{address}{'&' if '?' in address else '?'}limit=2")


def test_a_long_list_of_classes_is_shown_to_its_end(page: Page, live: Live) -> None:
    login = newcomer(live)
    manager = Api(live, login)
    organiser, begins = organisation(manager, "enterprise")["id"], datetime.now(UTC) + SOON
    for number in range(3):
        manager.call(
            "POST",
            "/v1/class-sessions",
            **{"organisationId": organiser, "title": f"第{number + 1}期", "place": "三楼教室"},
            **{"capacity": 20, "classHours": 1, "beginsAt": begins.isoformat()},
            endsAt=(begins + timedelta(hours=2)).isoformat(),
        )
    page.route("**/v1/me/taught-classes*", by_two)
    sign_in(page, login, back_to="/classes")
    expect(page.locator("#taught article")).to_have_count(2)
    page.locator("#taught-more").click()
    expect(page.locator("#taught article")).to_have_count(3)
    expect(page.locator("#taught-more")).to_be_hidden()


def test_who_runs_a_class_does_all_of_it_on_the_phone(
    page: Page, live: Live, shot: Shot, a_class_of_two_hours: tuple[str, str, datetime]
) -> None:
    login, session, ends = a_class_of_two_hours
    page.on("dialog", lambda dialog: dialog.accept())
    sign_in(page, login, back_to=f"/classes/{session}/desk")
    seats = page.locator("#seats > li")
    seats.last.get_by_label("记为缺勤").check()
    for purpose, at in (("in", ends - timedelta(hours=2)), ("out", ends - timedelta(hours=1))):
        form = opened(seats.first, "手工登记")
        form.get_by_label("签到或签退").select_option(purpose)
        form.get_by_label("时间").fill(typed(at))
        form.get_by_label("理由").fill("学员未带手机，讲师在场核实")
        form.get_by_role("button", name="登记").click()
        expect(page.locator("#done")).to_have_text("已登记。")
        expect(seats.first).to_contain_text("签到" if purpose == "in" else "签退")
        page.locator("#done").evaluate("line => (line.textContent = '')")
    seats.first.get_by_role("button", name="允许更换手机").click()
    expect(seats.first).to_contain_text("可用另一部手机")
    expect(seats.last.get_by_label("记为缺勤")).to_be_checked()
    narrow(page)
    shot("40-class-desk")
    write(live, (_OVER, UUID(session)))
    page.get_by_role("button", name="确认名单").click()
    expect(page.locator("#done")).to_contain_text("出勤 1 人，缺勤 1 人")
    form = opened(seats.first, "更正学时")
    # Of a class over midnight, the day with the greater part of the hour.
    form.get_by_label("日期").select_option(typed(ends - timedelta(minutes=90))[:10])
    form.get_by_label("增加或减少").select_option("-1")
    form.get_by_label("分钟").fill("46")
    form.get_by_label("理由").fill("中途离场一刻钟")
    form.get_by_role("button", name="更正").click()
    expect(form).to_contain_text("分钟、可增 0 分钟。")
    form.get_by_label("增加或减少").select_option("-1")
    form.get_by_label("分钟").fill("15")
    form.get_by_role("button", name="更正").click()
    expect(seats.first).to_contain_text("30 分钟")
    shot("41-class-confirmed")

    page.goto("/classes")
    page.get_by_role("link", name="新建培训班").click()
    page.get_by_label("班名").fill("新建的班")
    page.get_by_label("地点").fill("一教室")
    begins = datetime.now(UTC) + timedelta(days=1)
    page.get_by_label("开始时间").fill(typed(begins))
    page.get_by_label("结束时间").fill(typed(begins + timedelta(hours=4)))
    page.get_by_role("button", name="添加休息").click()
    page.get_by_label("休息开始").fill(typed(begins + timedelta(hours=1)))
    page.get_by_label("休息结束").fill(typed(begins + timedelta(hours=2)))
    hours = page.get_by_label("计划学时")
    page.get_by_role("button", name="新建").click()
    expect(hours).to_have_attribute("aria-invalid", "true")
    narrow(page)
    shot("42-class-plan")
    hours.fill("4")
    page.get_by_label("李*来").check()
    page.get_by_role("button", name="新建").click()
    expect(page.locator("#title")).to_have_text("新建的班")
    form = opened(page, "取消培训班")
    form.get_by_label("理由").fill("报名人数不足")
    form.get_by_role("button", name="取消培训班").click()
    expect(page.locator("#state")).to_have_text("已取消")


def test_a_body_is_listed_corrected_and_its_auditors_are_entered(
    page: Page, live: Live, shot: Shot, tmp_path: Path
) -> None:
    login = newcomer(live)
    manager, office = Api(live, login), Api(live, ADMINISTRATOR, DEMO_PASSWORD)
    body = organisation(manager, "certification-body")
    office.call("POST", f"/v1/organisations/{body['id']}/confirmation")
    sign_in(page, ADMINISTRATOR, DEMO_PASSWORD, back_to="/register")
    enter = page.locator("#enter form")
    enter.get_by_label("机构", exact=True).select_option(body["id"])
    fill_entry(enter, "2026-01-01")
    narrow(page)
    shot("43-register")
    enter.get_by_role("button", name="列入名录").click()
    expect(page.locator("#state")).to_have_text("已列入")
    form = page.locator("#status-form form")
    for state, corrects, then in (("suspended", 0, "已暂停"), ("withdrawn", 2, "已列入")):
        form.get_by_label("更正条目").select_option(index=corrects)
        form.get_by_label("状态").select_option(state)
        fill_entry(form, "2026-02-01")
        form.get_by_role("button", name="登记").click()
        expect(page.locator("#state")).to_have_text(then)
    expect(page.locator("#history")).to_contain_text("已更正")
    file_paper(page, "提交认证规则", tmp_path)
    narrow(page)
    shot("44-body-desk")

    page.context.clear_cookies()
    page.evaluate("localStorage.clear()")
    sign_in(page, login, back_to=f"/bodies/{body['code']}/desk")
    expect(page.locator("#history-part")).to_be_hidden()
    file_paper(page, "提交公开承诺", tmp_path)
    form = opened(page, "登记审核员")
    form.get_by_label("CCAA 注册号").fill(f"2021-N1IPMS-{secrets.randbelow(10**7):07d}")
    form.get_by_label("姓名").fill("王小明")
    form.get_by_label("级别起始日").fill("2021-05-01")
    form.get_by_label("受聘起始日").fill("2024-01-01")
    form.get_by_label("对应成员账号").select_option(index=1)
    form.get_by_role("button", name="登记").click()
    auditor = page.locator("#auditors li")
    expect(auditor).to_contain_text("王*明")
    form = opened(auditor, "登记新级别")
    form.get_by_label("级别", exact=True).select_option("senior")
    form.get_by_label("级别起始日").fill("2025-05-01")
    on_their_way = list[Route]()
    page.route("**/grades", lambda route: on_their_way.append(route))
    with page.expect_request("**/grades"):
        form.get_by_role("button", name="登记").click()
    form = opened(auditor, "办理离职")
    form.get_by_label("最后工作日").fill("2023-01-01")
    on_their_way.pop().continue_()
    expect(auditor.locator("> p.quiet")).to_contain_text("高级审核员")
    expect(page.locator("#done")).to_have_text("已登记。")
    expect(auditor.locator("details[open] summary")).to_have_text("办理离职")
    expect(form.get_by_label("最后工作日")).to_be_focused()
    expect(form.get_by_label("最后工作日")).to_have_value("2023-01-01")
    form.get_by_role("button", name="登记").click()
    expect(form.get_by_role("alert")).to_contain_text("不得早于入职日期")
    shot("45-body-auditors")
    form.get_by_label("最后工作日").fill("2025-12-31")
    form.get_by_role("button", name="登记").click()
    expect(auditor).to_have_count(0)
