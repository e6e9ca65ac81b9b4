"""An exam on a phone, by keyboard: every kind of item, a lost line, a reload, another device."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.accessible import faults
from tests.browser.conftest import PHONE, Shot
from tests.browser.examinee import Examinee, of_every_kind
from tests.browser.people import sign_in
from tests.live import Live

EXAM = "/learn/DEMO/exam"


def narrow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def turn(page: Page, to: int) -> None:
    """On to the next item, which is spoken: its heading has the focus."""
    page.locator("#next").press("Enter")
    expect(page.locator("#item-title")).to_contain_text(f"第 {to} / 10 题")
    expect(page.locator("#item-title")).to_be_focused()
    narrow(page)


def choose(page: Page, shot: Shot) -> None:
    """The first by keyboard; two more while the line is away."""
    expect(page.locator("#item-title")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("研发部门在立项之前进行检索")).to_be_checked()
    expect(page.locator("#saved")).to_have_text("已保存")
    page.context.set_offline(True)
    turn(page, 2)
    page.get_by_label("目标应可测量").press("Space")
    expect(page.locator("#line")).to_contain_text("请继续作答")
    expect(page.locator("#saved")).to_contain_text("已存在本机")
    expect(page.locator(".formula math").first).to_be_visible()
    turn(page, 3)
    page.get_by_label("说法F").press("Space")
    shot("90-exam-offline")
    page.context.set_offline(False)
    expect(page.locator("#line")).to_contain_text("答案已全部送达")
    expect(page.locator("#saved")).to_have_text("已保存")


def order(page: Page, shot: Shot) -> None:
    expect(page.locator("#item")).to_contain_text("尚未作答")
    button = page.get_by_role("button", name="下移：确定审核方案")
    button.press("Enter")
    expect(button).to_be_focused()
    expect(page.locator("#item [role=status]")).to_have_text("“确定审核方案”现在是第 2 项，共 4 项")
    rows = page.locator(".ordering li")
    rows.nth(3).locator(".handle").drag_to(rows.first, target_position={"x": 9, "y": 2})
    expect(rows.first).to_contain_text("验证纠正措施")
    expect(page.locator(".untouched")).to_be_hidden()
    shot("91-exam-order")
    assert faults(page) == []


def fill(page: Page) -> None:
    """Matching, a number and a few words."""
    for left, right in (("A", 1), ("B", 2), ("C", 1)):
        page.get_by_label(f"说法{left}", exact=True).select_option(index=right)
    turn(page, 6)
    number = page.locator("#item input")
    number.fill("三")
    number.blur()
    expect(page.locator(".flaw")).to_contain_text("这不是数字")
    number.fill("３００ g")
    expect(page.locator(".flaw")).to_be_hidden()
    expect(page.locator(".scroll")).to_have_attribute("tabindex", "0")
    expect(page.get_by_alt_text("样品照片")).to_have_js_property("naturalWidth", 1)
    turn(page, 7)
    page.locator("#item input").press_sequentially("知识产權证")
    turn(page, 8)
    page.get_by_label("第 1 空").fill("知识产权证")
    page.get_by_label("第 2 空").fill("1,200")
    expect(page.get_by_label("第 3 空")).to_have_value("")
    assert faults(page) == []


def judge_the_case(page: Page, shot: Shot) -> None:
    """What is told stays in sight while the last question of it is answered."""
    page.get_by_label("研发部门在立项之前进行检索").press("Space")
    page.get_by_label("第 3 空").scroll_into_view_if_needed()
    page.get_by_label("第 3 空").select_option(index=2)
    expect(page.get_by_text("某机械制造企业")).to_be_in_viewport()
    shot("92-exam-case")
    assert faults(page) == []


def write_the_essay(page: Page) -> None:
    page.locator("textarea").press_sequentially("企业负责人的解释不是证据。")
    expect(page.locator(".essay .quiet")).to_contain_text("已写 13 字")


def rush(route: Route) -> None:
    """As the door answers when too many wait already."""
    told = json.dumps({"code": "exam-rush", "detail": "人数较多"})
    kind = "application/problem+json"
    route.fulfill(status=503, content_type=kind, headers={"Retry-After": "0"}, body=told)


@pytest.fixture
def phone(new_phone: BrowserContext) -> BrowserContext:
    """What it keeps of an exam is looked at."""
    return new_phone


@pytest.fixture
def elsewhere(phone: BrowserContext, live: Live) -> Iterator[Page]:
    """Another device of the same person."""
    assert phone.browser
    context = phone.browser.new_context(viewport=PHONE, locale="zh-CN", base_url=live.base_url)
    yield context.new_page()
    context.close()


def test_every_kind_is_answered_by_keyboard_through_a_lost_line_and_a_reload(
    page: Page, live: Live, shot: Shot
) -> None:
    examinee = Examinee(live)
    examinee.begin(of_every_kind())
    sign_in(page, examinee.login, back_to=EXAM)
    expect(page.locator("#begin")).to_be_visible()
    page.locator("#begin").press("Enter")
    choose(page, shot)
    turn(page, 4)
    order(page, shot)
    turn(page, 5)
    fill(page)
    turn(page, 9)
    judge_the_case(page, shot)
    turn(page, 10)
    write_the_essay(page)
    page.locator("#mark").press("Space")
    page.reload()  # before the essay was sent
    expect(page.locator("textarea")).to_have_value("企业负责人的解释不是证据。")
    expect(page.locator("#answered")).to_have_text("已答 8 / 10")
    page.locator("#card-toggle").press("Enter")
    eighth = page.get_by_role("button", name="第 8 题，未答完")
    expect(page.get_by_role("button", name="第 10 题，已答，稍后再看")).to_be_visible()
    shot("93-exam-card")
    assert faults(page) == []
    eighth.press("Enter")
    expect(page.get_by_label("第 2 空")).to_have_value("1,200")
    page.locator("#submit").press("Enter")
    expect(page.locator("#confirm-words")).to_contain_text("还有 2 题未答完：第 8、9 题。")
    expect(page.locator("#confirm-words")).to_contain_text("第 10 题")
    shot("94-exam-confirm")
    page.locator("#confirm-yes").press("Enter")
    expect(page.locator("#result")).to_be_focused()
    expect(page.locator("#handed-in")).to_contain_text("交卷时间")
    shot("95-exam-result")
    assert faults(page) == []


KEPT = """async page => (await (await caches.open("guanbiao-shell")).keys())
    .some(({url}) => url.endsWith(page)) && Boolean(navigator.serviceWorker.controller)"""
LEFT_BEHIND = """() => new Promise(done => {
    indexedDB.open("guanbiao-sitting").onsuccess = async ({target}) => {
        const names = [...target.result.objectStoreNames], found = [];
        const stores = target.result.transaction(names);
        for (const name of names) stores.objectStore(name).count().onsuccess =
            ({target}) => found.push(target.result);
        stores.oncomplete = async () => done([found, await caches.keys(),
            Object.keys(localStorage), Object.keys(sessionStorage)]);
    };
})"""


def test_a_reload_without_a_network_goes_on_and_signing_out_leaves_nothing(
    page: Page, live: Live, shot: Shot
) -> None:
    examinee = Examinee(live)
    examinee.begin(of_every_kind())
    sign_in(page, examinee.login, back_to=EXAM)
    page.locator("#begin").click()
    page.get_by_label("以上都不需要形成文件").check()
    expect(page.locator("#saved")).to_have_text("已保存")
    page.wait_for_function(KEPT, arg=EXAM)
    page.context.set_offline(True)
    turn(page, 2)
    page.get_by_label("目标应可测量").check()
    page.reload()
    expect(page.locator("#line")).to_contain_text("请继续作答")
    expect(page.get_by_label("目标应可测量")).to_be_checked()
    expect(page.locator(".formula math").first).to_be_visible()
    expect(page.locator("#answered")).to_have_text("已答 2 / 10")
    page.locator("#previous").click()
    expect(page.get_by_label("以上都不需要形成文件")).to_be_checked()
    page.get_by_label("最高管理者").check()  # newer than what the server has
    shot("90-exam-reloaded-offline")
    mine = page.evaluate("localStorage.getItem('guanbiao.sitter')")
    page.evaluate("localStorage.setItem('guanbiao.sitter', 'somebody else')")
    page.reload()
    expect(page.locator("#status")).to_contain_text("网络")
    expect(page.locator("#paper")).to_be_hidden()
    page.evaluate("mine => localStorage.setItem('guanbiao.sitter', mine)", mine)
    page.reload()
    expect(page.get_by_label("最高管理者")).to_be_checked()
    page.context.set_offline(False)
    expect(page.locator("#line")).to_contain_text("答案已全部送达")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#line")).to_contain_text("请继续作答")
    page.context.set_offline(False)  # nothing waits to be sent, and its end is said none the less
    expect(page.locator("#line")).to_contain_text("答案已全部送达")
    expect(page.locator("#sign-out")).to_be_visible()
    assert examinee.saved() == {"T-000": ["A"], "T-001": ["A"]}

    page.context.route("**/answers", lambda request: request.abort())
    page.get_by_label("以上都不需要形成文件").check()
    expect(page.locator("#saved")).to_contain_text("已存在本机")
    page.on("dialog", lambda asked: asked.accept() if said else asked.dismiss())
    said: list[str] = []
    with page.expect_event("dialog") as asked:
        page.locator("#sign-out").click()
    said.append(asked.value.message)
    assert "1 道考题" in said[0]
    expect(page.locator("#paper")).to_be_visible()  # stayed
    page.locator("#sign-out").click()
    expect(page.locator("#signed-out")).to_be_visible()
    assert page.evaluate(LEFT_BEHIND) == [[0, 0, 0], [], ["guanbiao.device"], []]


def test_another_device_goes_on_and_the_first_comes_back_until_the_time_is_up(
    page: Page, elsewhere: Page, live: Live, shot: Shot
) -> None:
    examinee = Examinee(live)
    attempt = examinee.begin(of_every_kind())
    sign_in(page, examinee.login, back_to=EXAM)
    page.route("**/v1/attempts", rush, times=2)
    page.locator("#begin").click()  # comes again by itself
    page.get_by_label("以上都不需要形成文件").check()
    expect(page.locator("#saved")).to_have_text("已保存")
    sign_in(elsewhere, examinee.login, back_to=EXAM)
    elsewhere.locator("#begin").click()
    expect(elsewhere.get_by_label("以上都不需要形成文件")).to_be_checked()
    page.get_by_label("最高管理者").check()
    expect(page.locator("#taken-over")).to_be_focused()
    shot("96-exam-taken-over")
    assert faults(page) == []
    examinee.has_left(attempt, seconds=1)
    page.locator("#go-on-here").click()
    expect(page.locator("#handed-in")).to_contain_text("考试时间到")
    page.reload()
    expect(page.locator("#history-items")).to_contain_text("第 1 次")
    expect(page.locator("#history-items")).to_contain_text("未达及格线")
    shot("99-exam-history")


def test_practice_says_at_once_what_is_right_and_why(page: Page, live: Live, shot: Shot) -> None:
    examinee = Examinee(live)
    sign_in(page, examinee.login, back_to="/learn/DEMO/practice")
    page.locator("#begin").click()
    expect(page.locator("#item-title")).to_contain_text("第 1 /")
    kept = "paper => sessionStorage.setItem('guanbiao.practice.DEMO', paper)"
    page.evaluate(kept, examinee.practise())
    page.reload()
    expect(page.locator("#check")).to_be_visible()
    page.locator("#check").press("Enter")
    expect(page.locator("#note")).to_have_text("请先作答。")
    page.get_by_label("以上都不需要形成文件").check()
    page.locator("#check").press("Enter")
    feedback = page.locator("#feedback")
    expect(feedback).to_be_focused()
    for words in ("回答不正确", "研发部门在立项之前", "D：请再读条款", "不重复研发", "第 8.2.1 条"):
        expect(feedback).to_contain_text(words)
    shot("97-practice")
    assert faults(page) == []
    page.locator("#next").press("Enter")
    page.get_by_label("第 2 空").fill("1200")
    page.get_by_label("第 1 空").fill("别的")
    page.locator("#check").press("Enter")
    expect(page.locator("[data-part='3'] .feedback")).to_contain_text("✗ 第 1 空：知识产权证")
    expect(page.locator("[data-part='3'] .feedback")).to_contain_text("✓ 第 2 空")
    narrow(page)
    shot("98-practice-case")
    page.reload()
    page.locator("#next").click()
    expect(page.locator("#done-words")).to_have_text("2 题中答对 0 题。")
