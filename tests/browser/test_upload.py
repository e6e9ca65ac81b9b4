"""A lecture goes up from a phone whose network breaks off in the middle (tus-js-client)."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Request, expect

from tests.browser.people import sign_in
from tests.journeys.clips import packaged

FILE_BYTES = 16 << 20
SLOW_LINE = 2 << 20  # bytes a second: half of the file takes long enough to be cut
UNLIMITED = -1
SENT = re.compile(r"\b[3-8]\d %")


@pytest.fixture
def lecture_file(tmp_path: Path) -> Path:
    """A real clip with padding (a box named `free`), so long that several pieces are needed."""
    clip = packaged("bikes.mp4").read_bytes()
    padding = FILE_BYTES - len(clip)
    path = tmp_path / "断网.mp4"
    path.write_bytes(clip + padding.to_bytes(4, "big") + b"free" + os.urandom(padding - 8))
    return path


class Line:
    """The phone's network, as its browser sees it."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def up(self, *, speed: int = UNLIMITED) -> None:
        self._emulate(offline=False, speed=speed)

    def cut(self) -> None:
        self._emulate(offline=True, speed=UNLIMITED)

    def _emulate(self, *, offline: bool, speed: int) -> None:
        conditions: dict[str, Any] = {"latency": 0, "downloadThroughput": UNLIMITED}
        conditions |= {"offline": offline, "uploadThroughput": speed}
        self._session.send("Network.emulateNetworkConditions", conditions)


class Heard:
    """What the page asked of the upload's address: creations, and the offsets of its pieces."""

    def __init__(self, page: Page) -> None:
        self.creations, self.offsets = 0, list[int]()
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/v1/uploads" not in request.url:
            return
        if request.method == "POST":
            self.creations += 1
        if request.method == "PATCH":
            self.offsets.append(int(request.headers["upload-offset"]))


def test_an_upload_whose_line_is_cut_goes_on_where_it_stopped(
    page: Page, lecture_file: Path
) -> None:
    sign_in(page, "author@demo.guanbiao", "guanbiao-demo", back_to="/studio")
    expect(page.locator("#content")).to_be_visible()
    line, heard = Line(page), Heard(page)
    line.up(speed=SLOW_LINE)
    page.locator("#file").set_input_files(lecture_file)
    page.locator("#send").click()
    expect(page.locator("#sent-words")).to_contain_text(SENT)
    line.cut()
    expect(page.locator("#sent-words")).to_contain_text("中断")
    before = len(heard.offsets)
    line.up()  # and the page goes on by itself
    expect(page.locator("#status")).to_contain_text("上传完成")
    assert heard.creations == 1
    assert heard.offsets[before] > 0, "it does not begin again"
    assert heard.offsets == sorted(heard.offsets)
    expect(page.locator("#lectures li", has_text="断网").first).to_be_visible()
