"""A manager at the organisation's desk: assigns, sees who stands where, takes it along."""

import re
import secrets
from collections.abc import Sequence
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.backend.organisations.making import credit_code
from tests.backend.organisations.staff import HEADINGS, Cells, workbook
from tests.browser.conftest import PHONE, Shot
from tests.browser.people import fill_sign_up, fresh_number, newcomer, sign_in, token_of
from tests.live import Live


def declare(live: Live, login: str) -> tuple[str, dict[str, str]]:
    """Whoever declares an organisation is its first manager: its address, and their headers."""
    body = {"code": credit_code(), "name": "浏览企业", "kind": "enterprise", "reportingUnit": "GD"}
    headers = {"Authorization": f"Bearer {token_of(live, login)}"}
    answer = httpx.post(f"{live.base_url}/v1/organisations", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return f"{live.base_url}/v1/organisations/{answer.json()['id']}", headers


def test_a_manager_assigns_a_programme_and_sees_who_stands_where(
    page: Page, live: Live, shot: Shot
) -> None:
    login = newcomer(live)
    declare(live, login)
    sign_in(page, login, back_to="/organisation")
    expect(page.locator("#no-assignments")).to_be_visible()
    page.get_by_text("布置培训任务", exact=True).click()
    page.locator("#programme").select_option("DEMO")
    page.get_by_label("不设期限").check()
    page.locator("#assign-go").click()
    card = page.locator("#assignments article")
    expect(card).to_contain_text("未开始 1")
    card.get_by_role("button", name="查看名单").click()
    expect(page.locator("#nobody")).to_be_visible()  # nobody is late
    page.locator("#state").select_option("not-started")
    expect(page.locator("#standings li")).to_contain_text("李新来")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("30-organisation")
    with page.expect_download() as saved:
        card.get_by_role("button", name="导出 CSV").click()
    assert "李新来" in saved.value.path().read_text("utf-8-sig")
    card.get_by_role("button", name="打印证明").click()
    expect(page.locator("#prints li")).to_contain_text("没有可打印的证明")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("30-organisation-prints")
    page.goto("/learn")
    expect(page.locator("#assigned li")).to_contain_text("浏览企业")
    page.get_by_role("link", name="单位工作台").click()
    page.on("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="撤回").click()
    expect(page.locator("#no-assignments")).to_be_visible()


def test_whoever_manages_nothing_is_told_so(page: Page, live: Live) -> None:
    sign_in(page, newcomer(live), back_to="/organisation")
    expect(page.locator("#status")).to_contain_text("不是任何单位的管理员")
    expect(page.locator("#content")).to_be_hidden()


def upload(page: Page, rows: list[Cells]) -> None:
    file = {"name": "staff.xlsx", "mimeType": "application/zip", "buffer": workbook(rows)}
    page.locator("#staff").set_input_files(file)  # type: ignore[arg-type]
    page.locator("#send-staff").click()


def cells(file: Path) -> Sequence[Sequence[object]]:
    return CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()


def test_a_manager_imports_staff_from_the_template_to_the_confirmation(
    page: Page, live: Live, shot: Shot
) -> None:
    login = newcomer(live)
    url, headers = declare(live, login)

    def listed() -> int:
        return len(httpx.get(f"{url}/expected-members", headers=headers).json()["items"])

    sign_in(page, login, back_to="/organisation")
    with page.expect_download() as template:
        page.locator("#template").click()
    assert str(cells(template.value.path())[0][0]).startswith(HEADINGS[0][:2])
    good: list[Cells] = [(f"员工{n}", fresh_number(), "研发部", None, None) for n in range(5)]
    upload(page, [*good, ("错误行", "12", "研发部", "总统", None)])
    state = page.locator("#import-state")
    expect(state).to_contain_text("共 6 行，可导入 5 行，有误 1 行")
    expect(state).to_contain_text("将新建 1 个部门")
    faults = page.locator("#faults tbody tr")
    expect(faults).to_have_count(2)
    expect(faults.last).to_contain_text("7")
    expect(faults.last).to_contain_text("总统")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("31-organisation-import")
    with page.expect_download() as report:
        state.get_by_role("button", name="下载错误报告").click()
    assert [row[0] for row in cells(report.value.path())[1:]] == [7, 7]
    state.get_by_role("button", name="放弃").click()
    expect(state).to_contain_text("已取消")
    assert listed() == 0, "nothing is half imported"
    upload(page, good)
    expect(state.get_by_role("button", name="确认导入 5 行")).to_be_visible()
    page.reload()  # what waits for the manager's word is there again
    assert listed() == 0
    state.get_by_role("button", name="确认导入 5 行").click()
    expect(state).to_contain_text("已导入")
    expect(page.locator("#tiles")).to_contain_text("名单中另有 5 人")
    assert listed() == 5


def sign_out(page: Page) -> None:
    page.locator("#sign-out").click()
    page.wait_for_url("/")


def test_an_invitation_is_opened_signed_up_for_and_accepted(
    page: Page, live: Live, shot: Shot
) -> None:
    login, invited = newcomer(live), f"{secrets.token_hex(6)}@example.org"
    declare(live, login)
    carried: list[str] = []
    page.on("request", lambda request: carried.append(request.headers.get("referer", "")))
    sign_in(page, login, back_to="/organisation")
    note, links = page.locator("#invite-note"), list[str]()
    for whom in ("no address", invited, ""):
        page.locator("#login").fill(whom)
        page.locator("#invite-go").click()
        if whom == "no address":
            expect(page.locator("#login-wrong")).to_contain_text("邮箱或 11 位手机号")
            continue
        expect(page.locator("#invitations li")).to_have_count(len(links) + 1)
        (found,) = re.findall(r"/invitations/[\w-]+", note.inner_text())
        links.append(found)
    page.locator("#invitations").get_by_role("button", name="撤回").last.click()
    expect(page.locator("#invitations li")).to_have_count(1)
    page.goto(links[0])
    expect(page.locator("#words")).to_contain_text("未验证此手机号或邮箱")
    expect(page.locator("#accept")).to_be_hidden()
    sign_out(page)
    page.goto(links[1])
    expect(page.locator("#words")).to_contain_text("已撤回")
    page.goto(links[0])
    expect(page.locator("#facts")).to_contain_text("浏览企业")
    expect(page.locator("#unconfirmed")).to_be_visible()
    expect(page).to_have_url("/invitations")
    shot("32-invitation")
    page.locator("#enter").get_by_role("link", name="注册").click()
    fill_sign_up(page, invited)
    expect(page).to_have_url("/invitations")
    page.locator("#accept").click()
    expect(page.locator("#words")).to_contain_text("您已加入浏览企业")
    page.goto(links[0])
    expect(page.locator("#words")).to_contain_text("已被使用")
    page.goto("/invitations")
    expect(page.locator("#words")).to_contain_text("没有打开的邀请")
    other, headers = declare(live, login)
    again = httpx.post(f"{other}/invitations", json={"login": invited}, headers=headers)
    assert again.status_code == 201
    page.goto("/learn")  # what names one's own address needs no link
    page.locator("#invited a").click()
    page.locator("#mine").get_by_role("button", name="接受邀请").click()
    expect(page.locator("#words")).to_contain_text("您已加入浏览企业")
    assert not [address for address in carried if any(link in address for link in links)]
