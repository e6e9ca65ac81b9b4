"""An author at the studio: a file goes up, its fate is seen."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Shot
from tests.browser.people import newcomer, sign_in
from tests.live import Live


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
    lecture = page.locator("#lectures li", has_text="讲座").first
    expect(lecture.locator("[data-tone=bad]")).not_to_be_empty(timeout=60_000)
    shot("11-studio")


def test_a_learner_is_told_that_the_studio_is_for_authors(page: Page, live: Live) -> None:
    sign_in(page, newcomer(live), back_to="/studio")
    expect(page.locator("#status")).to_contain_text("只有作者")
    expect(page.locator("#upload")).to_be_hidden()
