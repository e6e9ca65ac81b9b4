"""A person looks after what is kept of them."""

import zipfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.people import newcomer, sign_in
from tests.live import Live


def test_consent_a_copy_of_everything_and_second_thoughts(
    page: Page, live: Live, tmp_path: Path
) -> None:
    sign_in(page, newcomer(live), back_to="/account/privacy")
    page.on("dialog", lambda dialog: dialog.accept())
    disclosure = page.locator("#consents li", has_text="向所在单位提供学习情况")
    disclosure.get_by_role("button", name="同意").click()
    expect(disclosure).to_contain_text("已同意")
    disclosure.get_by_role("button", name="撤回同意").click()
    expect(disclosure).to_contain_text("已撤回")
    page.locator("#ask-export").click()
    ready = page.locator("#exports").get_by_role("button", name="下载")
    expect(ready).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        ready.click()
    download.value.save_as(tmp_path / "mine.zip")
    assert "guanbiao-my-data/index.html" in zipfile.ZipFile(tmp_path / "mine.zip").namelist()
    expect(page.locator("#no-accesses")).to_be_visible()
    page.locator("#ask-erasure").click()
    expect(page.locator("#erasure-state")).to_contain_text("将于")
    page.locator("#stay").click()
    expect(page.locator("#erasure-state")).to_be_hidden()
