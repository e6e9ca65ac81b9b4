"""An author at the studio: a file goes up, its fate is seen."""

import os
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import Shot
from tests.browser.people import by_form, newcomer, sign_in, token_of
from tests.browser.test_journey import play_a_second
from tests.journeys.clips import packaged
from tests.live import DEMONSTRATION_LESSON, Live
from tests.media_pipeline import clips

TRANSCODING = 120_000  # milliseconds, on two busy cores


def test_a_file_that_is_no_video_is_refused_in_words(
    page: Page, shot: Shot, tmp_path: Path
) -> None:
    fake = tmp_path / "讲座.mp4"
    fake.write_text("这不是视频\n" * 1000)
    by_form(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    page.locator("#file").set_input_files(fake)
    expect(page.locator("#title")).to_have_value("讲座")
    page.locator("#send").click()
    expect(page.locator("#status")).to_contain_text("不是视频")
    shot("11-studio-refused")
    page.get_by_text("培养方案能否开放").click()
    expect(page.locator("#hours")).to_contain_text("还差 672 分钟，差在哪里")


def test_a_video_goes_up_and_becomes_playable(page: Page, shot: Shot, tmp_path: Path) -> None:
    """The page is told of each step, offers what can be done, and takes captions."""
    sign_in(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    shot("10-studio-empty")
    page.locator("#file").set_input_files(packaged("bikes.mp4"))
    page.locator("#title").fill("自行车")
    page.locator("#send").click()
    lecture = page.locator("#lectures li", has_text="自行车").first
    expect(lecture.get_by_role("button", name="取消处理")).to_be_visible()
    expect(lecture.locator("progress")).to_be_visible()
    shot("12-studio-working")
    expect(lecture).to_contain_text("可以播放", timeout=TRANSCODING)
    expect(lecture.locator("progress")).to_be_hidden()
    expect(lecture.get_by_role("button", name="M02-L01")).to_be_visible()
    captions = tmp_path / "字幕.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:03,000\n<font>骑车</font>上班\n")
    lecture.locator("summary").click()
    lecture.locator("input[type=file]").set_input_files(captions)
    lecture.get_by_role("button", name="上传字幕").click()
    expect(lecture).to_contain_text("字幕已保存，共 1 条")
    expect(lecture.locator(".captions li")).to_contain_text("<font>")
    expect(lecture.locator(".tracks li")).to_contain_text("简体中文：1 条")
    is_not_recognised(lecture)
    shot("12-studio")
    is_renamed(page, lecture)


def is_not_recognised(lecture: Locator) -> None:
    """There is no sound: the author reads so, and may ask again."""
    lecture.get_by_label("语言").select_option("en")
    lecture.get_by_role("button", name="机器识别语音").click()
    expect(lecture).to_contain_text("English：识别没有成功。该视频没有声音")
    expect(lecture.get_by_role("button", name="再次识别")).to_be_visible()


def is_renamed(page: Page, lecture: Locator) -> None:
    """By keyboard alone; an empty title is refused beside the field."""
    lecture.get_by_role("button", name="改标题").press("Enter")
    page.keyboard.type(" ")
    page.keyboard.press("Enter")
    expect(lecture.locator(".wrong")).to_have_text("请输入标题。")
    page.keyboard.type("自行车与城市")
    page.keyboard.press("Enter")
    expect(lecture.get_by_role("heading")).to_have_text("自行车与城市")
    expect(lecture.get_by_role("button", name="改标题")).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", name="自行车与城市")).to_be_visible()


def test_an_av1_and_an_encrypted_lecture_go_up_and_play_in_a_lesson(
    page: Page, browser: Browser, live: Live, tmp_path: Path
) -> None:
    """One file with two wishes is two lectures; what a machine heard of the encrypted one is
    written beside it. Then the lesson shows what it showed before."""
    slides = clips.clip(tmp_path / "片.mp4", picture=clips.STILL, size="640x360", seconds=4)
    sign_in(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    for wish, title in (("av1", "清晰"), ("encrypt", "加密")):
        page.locator("#file").set_input_files(slides)
        page.locator("#title").fill(title)
        page.locator(f"#{wish}").check()
        page.locator("#send").click()
        expect(page.locator("#lectures h3", has_text=title)).to_be_visible()
    learner = browser.new_context(base_url=live.base_url, locale="zh-CN").new_page()
    fetched = list[str]()
    learner.on("request", lambda request: fetched.append(request.url))
    before = shown_now(live)
    try:
        give_to_the_lesson(page, "清晰")
        sign_in(learner, newcomer(live), back_to="/learn/DEMO/M02-L01")
        learner.locator("#enrol").click()
        is_fetched(learner, fetched, "-av1/00001.m4s")
        play_a_second(learner)
        give_to_the_lesson(page, "加密")
        learner.reload()
        is_fetched(learner, fetched, "/key")
        play_a_second(learner)
    finally:
        show_again(live, before)
        learner.context.close()
    lecture = page.locator("#lectures li.card", has_text="加密").first
    lecture.locator("summary").click()
    lecture.get_by_role("button", name="机器识别语音").click()
    expect(lecture.locator(".tracks li")).to_contain_text("简体中文：1 条（机器识别，请核对）")


def is_fetched(page: Page, fetched: list[str], part: str) -> None:
    if not any(part in url for url in fetched):
        page.wait_for_event("request", lambda request: part in request.url)


def give_to_the_lesson(page: Page, title: str) -> None:
    lecture = page.locator("#lectures li.card", has=page.locator("h3", has_text=title)).first
    expect(lecture).to_contain_text("可以播放", timeout=TRANSCODING)
    lecture.get_by_role("button", name="M02-L01").click()
    expect(lecture).to_contain_text("已用于小节 M02-L01")


def shown_now(live: Live) -> str:
    lesson = httpx.get(live.base_url + DEMONSTRATION_LESSON).json()
    return str(lesson["lecture"]["id"])


def show_again(live: Live, lecture_id: str) -> None:
    token = token_of(live, "author@demo.guanbiao", "guanbiao-demo")
    httpx.put(
        f"{live.base_url}/v1/lessons/M02-L01/lecture",
        json={"lectureId": lecture_id, "demonstration": True},
        headers={"Authorization": f"Bearer {token}"},
    ).raise_for_status()


def test_work_is_cancelled_tried_again_and_removed(page: Page, shot: Shot, tmp_path: Path) -> None:
    file = tmp_path / "登山.mp4"
    file.write_bytes(packaged("bikes.mp4").read_bytes() + b"\0\0\0\x10free" + b"cancel me!"[:8])
    sign_in(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    page.locator("#file").set_input_files(file)
    page.locator("#send").click()
    lecture = page.locator("#lectures li", has_text="登山").first
    lecture.get_by_role("button", name="取消处理").click()
    expect(lecture).to_contain_text("已取消处理")
    shot("13-studio-cancelled")
    lecture.get_by_role("button", name="重试").click()
    expect(lecture).to_contain_text("可以播放", timeout=TRANSCODING)
    page.once("dialog", lambda dialog: dialog.accept())
    lecture.get_by_role("button", name="删除").click()
    expect(lecture).to_have_count(0)
    page.reload()
    expect(page.locator("#content")).to_be_visible()
    expect(page.locator("#lectures li", has_text="登山")).to_have_count(0)


def test_an_upload_goes_on_after_a_lost_line_and_a_reload(
    page: Page, shot: Shot, tmp_path: Path
) -> None:
    """Three pieces of 4 MiB; the line dies after the first."""
    clip = packaged("bikes.mp4").read_bytes()
    padding = (9 << 20) - len(clip)
    file = tmp_path / "断线.mp4"
    file.write_bytes(clip + padding.to_bytes(4, "big") + b"free" + os.urandom(padding - 8))
    pieces = list[int]()

    def line(route: Route) -> None:
        pieces.append(int(route.request.headers["upload-offset"]))
        route.continue_() if len(pieces) == 1 else route.abort()

    sign_in(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    page.route(
        "**/v1/uploads/*", lambda route: line(route) if _patches(route) else route.continue_()
    )
    page.locator("#file").set_input_files(file)
    page.locator("#send").click()
    expect(page.locator("#sent-words")).to_contain_text("正在自动重试")
    shot("14-studio-line-away")
    page.reload()  # before the line is back: else the page might send all the rest now
    page.unroute_all()
    lecture = page.locator("#lectures li", has_text="断线").first
    expect(lecture).to_contain_text("再选同一文件即可续传")
    expect(page.locator("#content")).to_be_visible()
    resumed = list[int]()
    page.on(
        "request",
        lambda request: (
            resumed.append(int(request.headers["upload-offset"]))
            if request.method == "PATCH"
            else None
        ),
    )
    page.locator("#file").set_input_files(file)
    page.locator("#send").click()
    expect(page.locator("#status")).to_contain_text("上传完成")
    assert min(resumed) >= 4 << 20


def _patches(route: Route) -> bool:
    return route.request.method == "PATCH"


def test_a_learner_is_told_that_the_studio_is_for_authors(page: Page, live: Live) -> None:
    sign_in(page, newcomer(live), back_to="/studio")
    expect(page.locator("#status")).to_contain_text("只有作者")
    expect(page.locator("#upload")).to_be_hidden()
