"""An author at the studio: a file goes up, its fate is seen."""

import os
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Shot
from tests.browser.people import newcomer, sign_in
from tests.journeys.clips import packaged
from tests.live import Live

TRANSCODING = 120_000  # milliseconds, on two busy cores


def test_a_file_that_is_no_video_is_refused_in_words(
    page: Page, shot: Shot, tmp_path: Path
) -> None:
    fake = tmp_path / "讲座.mp4"
    fake.write_text("这不是视频\n" * 1000)
    sign_in(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    page.locator("#file").set_input_files(fake)
    expect(page.locator("#title")).to_have_value("讲座")
    page.locator("#send").click()
    expect(page.locator("#status")).to_contain_text("不是视频")
    shot("11-studio-refused")


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
    captions.write_text("1\n00:00:01,000 --> 00:00:03,000\n骑车上班\n")
    lecture.locator("summary").click()
    lecture.locator("input[type=file]").set_input_files(captions)
    lecture.get_by_role("button", name="上传字幕").click()
    expect(lecture).to_contain_text("字幕已保存，共 1 条")
    expect(lecture.locator("li")).to_contain_text("1 条")
    shot("12-studio")


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
    page.unroute_all()
    page.reload()
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
