"""The lesson page's own controls, by thumb and by keyboard: they help, and give nothing away."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Shot
from tests.browser.people import newcomer, sign_in
from tests.browser.test_journey import play_a_second
from tests.live import Live

LESSON = "/learn/DEMO/M02-L01"


@pytest.fixture
def lesson(page: Page, live: Live) -> Page:
    """A lesson of which a second was watched, standing still."""
    sign_in(page, newcomer(live), back_to=LESSON)
    page.locator("#enrol").click()
    play_a_second(page)
    page.locator("video").evaluate("video => video.pause()")
    return page


def second(page: Page) -> float:
    return float(page.locator("video").evaluate("video => video.currentTime"))


def choices(menu: Locator) -> list[str]:
    return [str(option.get_attribute("value")) for option in menu.locator("option").all()]


def test_no_key_leads_past_what_was_watched(lesson: Page) -> None:
    reached = second(lesson)
    for key in ("ArrowRight", "ArrowUp", "PageUp", "End"):
        lesson.locator("#seek").focus()
        lesson.keyboard.press(key)
        expect(lesson.locator("video")).to_have_js_property("seeking", False)
        assert second(lesson) <= reached + 1, key


def test_a_thumb_on_the_bar_s_end_stays_where_the_learner_is(lesson: Page, shot: Shot) -> None:
    reached = second(lesson)
    bar = lesson.locator("#seek")
    bar.hover(position={"x": 5, "y": 2})  # waits until nothing moves the bar any more
    lesson.mouse.down()
    bar.hover(position={"x": bar.evaluate("bar => bar.offsetWidth") - 2, "y": 2})
    expect(lesson.locator("#preview")).to_be_visible()
    expect(lesson.locator("#preview-picture")).to_be_visible()
    shot("15-seek-preview")
    lesson.mouse.up()
    expect(lesson.locator("video")).to_have_js_property("seeking", False)
    assert second(lesson) <= reached + 1


def test_before_completion_only_slower_speeds_are_offered_and_the_choice_is_kept(
    lesson: Page,
) -> None:
    speed = lesson.locator("#speed")
    assert choices(speed) == ["0.5", "0.75", "1"]
    speed.select_option("0.75")
    lesson.reload()
    expect(lesson.locator("#content")).to_be_visible()
    expect(lesson.locator("#speed")).to_have_value("0.75")
    expect(lesson.locator("video")).to_have_js_property("playbackRate", 0.75)


def test_the_sound_alone_plays_on_where_the_line_is_poor(lesson: Page) -> None:
    quality = lesson.locator("#quality")
    expect(quality).to_be_visible()
    sound = quality.locator("option", has_text="仅声音").get_attribute("value")
    assert sound is not None
    quality.select_option(sound)
    reached = second(lesson)
    lesson.locator("video").evaluate("video => void video.play()")
    lesson.wait_for_function(
        "from => document.querySelector('video').currentTime > from + 2", arg=reached
    )
