"""A newcomer at a phone, from signing up to a record; a stranger checks the record."""

import httpx
from playwright.sync_api import BrowserContext, Page, expect

from courses.editions import CURRENT
from courses.format import CheckQuestion, Item
from courses.items.rich_text import plain
from courses.loader import load_edition
from tests.browser.conftest import PHONE, Shot, picture
from tests.browser.own_check import (
    a_file_is_held_against_the_log,
    certifier,
    edited_is_red,
    forged_log_is_red,
    holder_shows,
    passes_here,
    prints_pass_and_forgeries_do_not,
    revoked_is_red,
    revoked_print_is_red,
)
from tests.browser.people import fill_sign_up, fresh_number, token_of
from tests.courses.items.samples import key_of, options_of
from tests.live import Live
from tests.scanned import codes_in

EDITION = load_edition(CURRENT)
QUESTIONS: dict[str, CheckQuestion | Item] = {
    **{item.id: item for item in EDITION.items},
    **{q.id: q for q in EDITION.lesson("M02-L01").check_questions},
}
REASON = "演示撤销：考试由他人代答"
A_MINUTE = 60_000  # milliseconds: the longest demonstration lecture

PLAY_A_SECOND = """async video => {
    await video.play();
    await new Promise(done => video.addEventListener(
        "timeupdate", () => video.currentTime > 1 && done()));
}"""


def play_a_second(page: Page) -> None:
    """The content shows once the player has its stream: `play` before that would be cut off."""
    expect(page.locator("#content")).to_be_visible()
    page.locator("video").evaluate(PLAY_A_SECOND)


def sign_up(page: Page, shot: Shot) -> None:
    page.goto("/")
    shot("01-home")
    page.get_by_role("link", name="开始学习").click()
    shot("02-sign-up")
    fill_sign_up(page, fresh_number())
    expect(page).to_have_url("/learn")


def enrol(page: Page, shot: Shot) -> None:
    page.get_by_role("button", name="报名").first.click()
    page.get_by_role("link", name="继续学习").click()
    expect(page).to_have_url("/learn/DEMO/M02-L01")


def watch(page: Page, shot: Shot) -> None:
    """To the end, at its own pace; a try to skip is turned back and explained."""
    video = page.locator("video")
    play_a_second(page)
    video.evaluate("v => { v.currentTime = v.duration - 1 }")
    expect(page.locator("#note")).to_contain_text("不能快进")
    video.evaluate("v => { v.playbackRate = 4 }")
    expect(video).to_have_js_property("playbackRate", 1)
    shot("03-lesson")
    check(page, shot)
    be_there(page, shot)
    expect(video).to_have_js_property("ended", True, timeout=2 * A_MINUTE)
    expect(page.locator("#done")).to_be_visible()
    shot("04-lesson-complete")


def be_there(page: Page, shot: Shot) -> None:
    """The questions were answered before the lecture was over: it asks whether somebody watched.
    By keyboard alone; Escape is no answer, and the first choice is a wrong one."""
    dialog = page.locator("#presence")
    expect(page.locator("#presence-question")).to_be_visible(timeout=2 * A_MINUTE)
    shot("04-presence")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(page.locator("video")).to_have_js_property("paused", True)
    text = EDITION.lesson("M02-L01").text.replace("**", "")
    inside = [option.inner_text() in text for option in dialog.locator(".option").all()]
    page.keyboard.press("Enter")
    expect(page.locator("#presence-note")).to_have_text("请先选一项。")
    dialog.locator(".option").nth(inside.index(False)).click()
    page.keyboard.press("Enter")
    expect(page.locator("#presence-note")).to_have_text("不是这一句，请再选一次。")
    dialog.locator("input").nth(inside.index(True)).press("Space")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def answer(page: Page, scope: str) -> None:
    """Every question in `scope`, from the key that never left the server."""
    for field in page.locator(f"{scope} fieldset").all():
        question = QUESTIONS[field.get_attribute("data-question") or ""]
        right = [option.text for option in options_of(question) if option.id in key_of(question)]
        for text in right:
            field.get_by_label(plain(text), exact=True).check()


def answer_item(page: Page) -> None:
    """The question of the exam that is in sight."""
    item = page.locator("#item")
    question = QUESTIONS[item.get_attribute("data-item") or ""]
    for option in options_of(question):
        if option.id in key_of(question):
            item.get_by_label(plain(option.text), exact=True).check()


def check(page: Page, shot: Shot) -> None:
    page.locator("#check-send").click()
    expect(page.locator("#check-note")).to_contain_text("题未答")
    answer(page, "#check")
    page.locator("#check-send").click()
    expect(page.locator("#check-note")).to_contain_text("检测通过")


def sit_the_exam(page: Page, shot: Shot) -> None:
    page.locator("#exam-link").click()
    page.locator("#begin").click()
    expect(page.locator("#paper")).to_be_visible()
    shot("05-exam")
    for n in range(1, 11):
        expect(page.locator("#item-title")).to_contain_text(f"第 {n} / 10 题")
        answer_item(page)
        if n < 10:
            page.locator("#next").click()
    page.reload()  # nothing answered is lost, and the exam goes on
    expect(page.locator("#answered")).to_have_text("已答 10 / 10")
    page.locator("#submit").click()
    expect(page.locator("#confirm")).to_be_visible()
    page.locator("#confirm-yes").click()
    expect(page.locator("#verdict")).to_have_text("考试合格")
    expect(page.locator("#record-note")).to_contain_text("证明正等待实名认证", timeout=A_MINUTE)
    shot("06-exam-passed")


def verify_identity(page: Page, shot: Shot) -> None:
    """The record waits for it, and is made without another step."""
    page.locator("#record-link a").click()
    expect(page.locator("#waiting")).to_contain_text("证明正等待实名认证")
    shot("06-record-waits")
    page.get_by_label("真实姓名").fill("李如实")
    page.get_by_role("button", name="通过演示认证").click()
    expect(page.locator("#state")).to_have_text("已签发", timeout=A_MINUTE)
    expect(page.locator("#identity")).to_be_empty()


def test_a_learner_goes_from_sign_up_to_a_record_that_a_stranger_verifies(
    page: Page, phone: BrowserContext, live: Live, shot: Shot
) -> None:
    for step in (sign_up, enrol, watch, sit_the_exam, verify_identity):
        step(page, shot)
    expect(page.locator("#qr")).not_to_have_js_property("naturalWidth", 0)
    shot("07-record")
    with page.expect_download() as download:
        page.locator("#bundle").click()
    assert download.value.suggested_filename.endswith(".zip")
    compact = own_file(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载中文证明").click()
    pdf = saved.value.path().read_bytes()
    share_ends(page)
    address = page.locator("#public-link").get_attribute("href") or ""
    assert codes_in(page.locator("#qr").screenshot()) == [f"{live.base_url}{address}"]
    visit = stranger(phone)
    record_is_valid(visit, address)
    their_phone = certifier(phone)
    passes_here(their_phone, address)
    edited_is_red(their_phone, live)
    a_file_is_held_against_the_log(their_phone, live)
    prints_pass_and_forgeries_do_not(their_phone, pdf)
    their_phone.goto(address)
    holder_shows(their_phone, compact)
    forged_log_is_red(their_phone, address)
    revoke(live, page.url.rpartition("/")[2])
    record_is_revoked(visit, address)
    revoked_is_red(their_phone, live, address)
    revoked_print_is_red(their_phone, pdf)
    for page_of in (visit, their_phone):
        page_of.context.close()


def own_file(page: Page) -> bytes:
    """Name and score alone; nothing leaves where nothing was chosen."""
    holder = page.locator("#holder")
    expect(holder.get_by_label("审核员注册号")).to_be_disabled()
    holder.get_by_role("button", name="下载文件").click()
    expect(holder.locator("[role=status]")).to_have_text("请至少勾选一项。")
    for field in ("姓名", "考试成绩"):
        holder.get_by_label(field).check()
    with page.expect_download() as download:
        holder.get_by_role("button", name="下载文件").click()
    assert download.value.suggested_filename.endswith(".sd-jwt")
    return download.value.path().read_bytes()


def share_ends(page: Page) -> None:
    """A link shows what was chosen, until its holder ends it."""
    share = page.locator("#share")
    expect(share.get_by_label("审核员注册号")).to_be_disabled()
    share.get_by_label("姓名").check()
    share.get_by_role("button", name="生成链接").click()
    expect(page.locator("#share-url")).to_be_focused()
    link = page.locator("#share-url").input_value()
    assert "李如实" in httpx.get(link).text
    share.get_by_role("button", name="停用").click()
    expect(page.locator("#share-links")).to_contain_text("已停用")
    expect(page.locator("#share-links")).to_contain_text("打开时间")
    assert httpx.get(link).status_code == 404


def stranger(phone: BrowserContext) -> Page:
    """Somebody without an account, whose browser runs no scripts."""
    assert phone.browser
    context = phone.browser.new_context(
        java_script_enabled=False,
        locale="zh-CN",
        viewport=PHONE,
        device_scale_factor=2,
        base_url=phone.pages[0].url,
    )
    return context.new_page()


def record_is_valid(visit: Page, address: str) -> None:
    visit.goto(address)
    expect(visit.locator("[data-verdict=valid]")).to_contain_text("有效")
    expect(visit.locator(".demonstration")).to_contain_text("演示 · DEMONSTRATION")
    picture(visit, "08-verification")
    assert codes_in(visit.locator(".qr").screenshot()) == [visit.url]
    visit.get_by_role("link", name="English").click()
    expect(visit.locator("[data-verdict=valid]")).to_contain_text("Valid")
    picture(visit, "09-verification-en")
    visit.get_by_role("link", name="中文").click()


def revoke(live: Live, record_id: str) -> None:
    """It takes two people."""
    with signed_in(live, "admin") as proposer, signed_in(live, "admin2") as approver:
        proposed = proposer.post(f"/v1/records/{record_id}/revocations", json={"reason": REASON})
        decision = f"/v1/revocations/{proposed.raise_for_status().json()['id']}/approval"
        approver.post(decision).raise_for_status()


def signed_in(live: Live, name: str) -> httpx.Client:
    token = token_of(live, f"{name}@demo.guanbiao", "guanbiao-demo")
    bearer = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=live.base_url, headers=bearer)


def record_is_revoked(visit: Page, address: str) -> None:
    """Still there, with the date and the reason: never a page that is gone."""
    visit.goto(address)
    expect(visit.locator("[data-verdict=revoked]")).to_contain_text("已撤销")
    expect(visit.locator("table")).to_contain_text(REASON)
    picture(visit, "13-verification-revoked")
