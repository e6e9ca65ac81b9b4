"""Two markers at the desk: one on a wide screen, one on the phone; the learner sees the result."""

import json
from decimal import Decimal
from typing import Any

import httpx
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from backend.accounts.demonstration import PASSWORD as DEMO_PASSWORD
from backend.assessment.domain import Criterion, PaperItem
from courses.items.interactions import Choice, Essay, RubricLine, Single
from courses.items.marking_rules import MarkingRules
from tests.browser.accessible import faults
from tests.browser.conftest import PHONE, Shot, picture
from tests.browser.examinee import Examinee, write
from tests.browser.people import sign_in, token_of
from tests.infra.up import guanbiao
from tests.live import Live

FIRST, SECOND = "marker@demo.guanbiao", "marker2@demo.guanbiao"
ESSAY = Essay(
    rubric=(
        RubricLine(id="1", text="指出内审组长与被审核部门有关，不符合 9.2 的独立性要求", weight=3),
        RubricLine(id="2", text="列出可以证实的记录，例如审核方案、任命文件、签到表", weight=2),
    ),
    model_answer="内审由与被审核活动无关的人员进行；本案内审组长即研发部部长。",
    at_most=1000,
)
ANSWER = (
    "我叫王小明，电话 13812345678。\n\n"
    "一、不符合事实：研发部的内部审核由研发部部长任组长。\n"
    "二、不符合条款：GB/T 29490-2023 第 9.2 条，审核员的选择应确保审核过程客观公正。\n"
    "三、证据：2026 年度内部审核方案、审核组任命文件、首末次会议签到表。"
)


def paper() -> Criterion:
    stem = "某企业研发部的内部审核由研发部部长任组长。请说明不符合的条款、理由和证据。"
    points = Decimal(100)
    return Criterion(
        pass_mark=Decimal(60),
        total_points=points,
        rules=MarkingRules(),
        items=(PaperItem(id="M08-901", stem=stem, interaction=ESSAY, points=points),),
    )


def hand_in(live: Live) -> Examinee:
    """The only one that waits: those of other tests have their marks."""
    write(live, ("UPDATE essay SET points = 0, agreed_at = now() WHERE agreed_at IS NULL",))
    examinee = Examinee(live)
    answered = submit(live, examinee, paper(), {"kind": "text", "text": ANSWER})
    assert answered["awaitingMarks"] is True
    return examinee


def submit(
    live: Live, examinee: Examinee, paper: Criterion, answer: dict[str, Any]
) -> dict[str, Any]:
    attempt = examinee.begin(paper)
    bearer = {"Authorization": f"Bearer {token_of(live, examinee.login)}"}
    given = {"position": 1, "sequence": 1_000_001, "answer": answer}
    with httpx.Client(base_url=live.base_url, headers=bearer) as api:
        body = {"sitting": 1, "answers": [given]}
        answered = api.post(f"/v1/attempts/{attempt}/submission", json=body).raise_for_status()
    result: dict[str, Any] = answered.json()
    return result


def remedied(live: Live) -> None:
    """What `guanbiao items remedy` says of the essay: 11 points more, and nothing done yet."""
    why = ("--kind", "full-marks", "--reason", "题干有误，经复核")
    done = guanbiao(
        *("items", "remedy", "M08-901", "--json", *why, "--data", str(live.folder.path))
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["preview"]["changed"][0]["after"] == 100.0


def mark(page: Page, *percents: str) -> None:
    fields = page.get_by_role("spinbutton")
    expect(fields).to_have_count(len(percents))
    for number, percent in enumerate(percents):
        fields.nth(number).fill(percent)
    page.get_by_label("评语").fill("条款准确，证据可再具体。")


def test_two_markers_mark_and_the_learner_reads_points_and_comments(
    page: Page, browser: Browser, live: Live, shot: Shot
) -> None:
    examinee = hand_in(live)
    sign_in(page, FIRST, DEMO_PASSWORD, back_to="/marking")
    expect(page.locator("#counts")).to_contain_text("待您评阅：1 份")
    page.get_by_role("button", name="领取下一份答卷").click()
    expect(page.get_by_role("heading", name="题目")).to_be_focused()
    expect(page.locator("#answer")).to_contain_text("我叫王小明")
    expect(page.get_by_role("note")).to_contain_text("手机号码、姓名")
    mark(page, "100", "101")
    page.get_by_role("button", name="提交评分").click()
    assert page.get_by_role("spinbutton").nth(1).evaluate("field => field.validity.rangeOverflow")
    page.get_by_role("spinbutton").nth(1).fill("80")
    expect(page.locator(".total")).to_have_text("合计 92 / 100 分")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shot("80-marking-phone")
    page.get_by_role("button", name="提交评分").click()
    expect(page.locator("#done")).to_contain_text("已提交：92 分")
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator("#nothing")).to_be_visible()

    wide = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", base_url=live.base_url
    )
    other = wide.new_page()
    sign_in(other, SECOND, DEMO_PASSWORD, back_to="/marking")
    other.get_by_role("button", name="Take the next answer").click()
    expect(other.get_by_role("note")).to_contain_text("a phone number")
    picture(other, "81-marking-wide")
    for number, percent in enumerate(("90", "80")):
        other.get_by_role("spinbutton").nth(number).fill(percent)
    other.get_by_role("button", name="Give these marks").click()
    expect(other.locator("#done")).to_contain_text("86 points")

    learner = wide.new_page()
    learner.context.clear_cookies()
    sign_in(learner, examinee.login, back_to="/notices")
    learner.get_by_text("Your exam has been marked").wait_for()
    remedied(live)
    learner.locator("#notices").get_by_role("link").first.click()
    expect(learner.locator("#result")).to_contain_text("89")
    expect(learner.locator("#marked")).to_contain_text("Essay 1: 89 of 100 points")
    expect(learner.locator("#marked")).to_contain_text("条款准确，证据可再具体。")
    picture(learner, "82-marked")
    wide.close()


def with_a_faulty_item() -> Criterion:
    """The first of two is marked by a wrong key."""
    stem = "GB/T 29490-2023 对研发活动的要求，下列说法正确的是？"
    words = ("立项之前进行检索", "立项之后进行检索", "只检索国外文献", "不必检索")
    options = tuple(Choice(id=i, text=text) for i, text in zip("ABCD", words, strict=True))
    asked = (Single(options=options, key=("B",)), Single(options=options, key=("A",)))
    items = tuple(
        PaperItem(id=f"M08-91{n}", stem=stem, interaction=one, points=points)
        for n, (one, points) in enumerate(zip(asked, (Decimal(60), Decimal(40)), strict=True))
    )
    return replace(paper(), items=items)


def test_an_item_is_put_right_by_two_people_who_see_what_it_changes(
    page: Page, browser: Browser, live: Live, shot: Shot
) -> None:
    answer = {"kind": "choice", "picked": ["A"]}
    submit(live, Examinee(live), with_a_faulty_item(), answer)
    sign_in(page, "admin@demo.guanbiao", DEMO_PASSWORD, back_to="/remedies")
    page.get_by_label("试题编号").fill("M08-9")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.locator("#look")).to_contain_text("没有试卷含有该版本的试题")
    page.get_by_label("试题编号").fill("M08-910")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.locator("#met-title")).to_be_focused()
    expect(page.get_by_label("立项之后进行检索").first).to_be_checked()
    expect(page.locator("#usage")).to_contain_text("有 1 份含此题，平均得分率 0.0 %")
    page.get_by_label("处理方式").select_option("new-key")
    page.get_by_role("group", name="正确答案（更正后）").get_by_label("立项之前进行检索").check()
    page.get_by_label("理由").fill("答案印错，经两人核对条款")
    assert faults(page) == []
    shot("85-remedy-proposing")
    page.get_by_role("button", name="提出并查看影响").click()
    expect(page.locator("#done")).to_be_focused()
    mine = page.locator("#remedies > li").filter(has_text="M08-910")
    expect(mine.locator(".counts")).to_contain_text("成绩调高1")
    expect(mine).to_contain_text("须由另一位管理员决定")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert faults(page) == []
    shot("86-remedy-preview")

    wide = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-GB", base_url=live.base_url
    )
    other = wide.new_page()
    sign_in(other, "admin2@demo.guanbiao", DEMO_PASSWORD, back_to="/remedies")
    theirs = other.locator("#remedies > li").filter(has_text="M08-910")
    theirs.get_by_text("What it would change").click()
    expect(theirs.locator("table")).to_contain_text("passes now, and brings a record")
    theirs.get_by_label("Decision").select_option("yes")
    theirs.get_by_label("Reason").fill("checked against clause 8.2.1")
    picture(other, "87-remedy-deciding")
    theirs.get_by_role("button", name="Decide").click()
    expect(other.locator("#done")).to_have_text("1 attempts were corrected.")
    expect(theirs).to_contain_text("applied")
    wide.close()
