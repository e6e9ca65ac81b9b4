"""An author at the studio: a file goes up, its fate is seen."""

from pathlib import Path

from playwright.sync_api import Page, expect

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


def test_a_video_goes_up_and_becomes_playable(page: Page, shot: Shot) -> None:
    sign_in(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    page.locator("#file").set_input_files(packaged("bikes.mp4"))
    page.locator("#title").fill("自行车")
    page.locator("#send").click()
    lecture = page.locator("#lectures li", has_text="自行车").first
    expect(lecture).to_contain_text("可以播放", timeout=TRANSCODING)
    expect(lecture.get_by_role("button")).to_contain_text("M02-L01")
    shot("12-studio")


def test_a_learner_is_told_that_the_studio_is_for_authors(page: Page, live: Live) -> None:
    sign_in(page, newcomer(live), back_to="/studio")
    expect(page.locator("#status")).to_contain_text("只有作者")
    expect(page.locator("#upload")).to_be_hidden()
