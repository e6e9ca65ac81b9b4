"""A real browser, started once, and a phone-sized page of the session's instance for each test.

The browser ends with this folder (`scope="package"`): while Playwright's loop runs in the main
thread, no asynchronous test can.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from infra.local.install import BROWSERS
from tests.browser.fonts import device_fonts
from tests.live import Live, demonstration

PHONE = ViewportSize(width=390, height=844)
QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--autoplay-policy=no-user-gesture-required",
    "--renderer-process-limit=1",  # of a context: else each page starts one, a third of a second
]
SLOW = 20_000  # milliseconds: two busy cores

Shot = Callable[[str], None]


@pytest.fixture(scope="package")
def live() -> Iterator[Live]:
    """An instance as `guanbiao up --demo` starts it, for all pages: it ends with this folder."""
    with demonstration() as started:
        yield started


@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    expect.set_options(timeout=SLOW)
    fonts = device_fonts(tmp_path_factory.mktemp("fonts"), chinese=True)
    with sync_playwright() as playwright:
        started = launched(playwright.chromium, fonts)
        yield started
        started.close()


def launched(kind: BrowserType, environment: dict[str, str | float | bool]) -> Browser:
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not chromium:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    return kind.launch(executable_path=chromium, args=QUIET, env=environment)


@contextmanager
def unused_phone(browser: Browser, live: Live) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport=PHONE, device_scale_factor=2, locale="zh-CN", base_url=live.base_url
    )
    context.set_default_timeout(SLOW)
    yield context
    context.close()


@pytest.fixture(scope="package")
def handset(browser: Browser, live: Live) -> Iterator[BrowserContext]:
    """One for all, as its first page costs a core-second: a process, which those that follow share
    while a page of theirs stays open, and all of the scripts."""
    with unused_phone(browser, live) as context:
        context.new_page().goto("/healthz")
        yield context


@pytest.fixture
def phone(handset: BrowserContext, live: Live) -> Iterator[BrowserContext]:
    """Nobody is signed in on it and nothing is kept on it, but scripts and styles."""
    yield handset
    open_for_all, *others = handset.pages
    for page in others:
        page.close()
    handset.unroute_all()
    handset.set_offline(False)
    handset.clear_cookies()
    devtools = handset.new_cdp_session(open_for_all)
    devtools.send("Storage.clearDataForOrigin", {"origin": live.base_url, "storageTypes": "all"})
    devtools.detach()
    assert open_for_all.evaluate("localStorage.length") == 0


@pytest.fixture
def new_phone(browser: Browser, live: Live) -> Iterator[BrowserContext]:
    """For tests of what a browser keeps."""
    with unused_phone(browser, live) as context:
        yield context


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    """Fails the test on any script error or any breach of the page's own policy."""
    opened, complaints = phone.new_page(), list[str]()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda line: complaints.append(line.text) if "Content Security" in line.text else None,
    )
    yield opened
    assert complaints == []


@pytest.fixture
def shot(page: Page) -> Shot:
    return lambda name: picture(page, name)


def picture(page: Page, name: str) -> None:
    """Where GUANBIAO_SCREENSHOTS=folder asks for them: each costs a second of two busy cores."""
    if folder := os.environ.get("GUANBIAO_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
