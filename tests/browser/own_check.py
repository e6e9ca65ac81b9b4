"""A phone at a record's address: the browser works the verdict out for itself."""

import io
import zipfile

import httpx
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests.browser.accessible import faults
from tests.browser.conftest import PHONE, picture
from tests.live import Live


def certifier(phone: BrowserContext) -> Page:
    """Somebody else's phone, without an account here."""
    assert phone.browser
    context = phone.browser.new_context(
        locale="zh-CN", viewport=PHONE, device_scale_factor=2, base_url=phone.pages[0].url
    )
    opened = context.new_page()
    opened.on("pageerror", lambda error: context.close(reason=str(error)))
    return opened


def passes_here(visit: Page, address: str) -> None:
    """By every check, with what was signed beside it; by keyboard alone."""
    visit.goto(address)
    visit.get_by_role("button", name="核验这份证明").press("Enter")
    expect(visit.locator("#own-status")).to_have_text("本机核验完成：有效")
    expect(visit.locator("#own-verdict")).to_be_focused()
    expect(visit.locator("#own-verdict")).to_have_attribute("data-tone", "good")
    expect(visit.locator("#own-checks li[data-tone=good]")).to_have_count(12)
    expect(visit.locator("#own-facts")).to_contain_text(number_on(visit))
    assert faults(visit) == []
    picture(visit, "10-own-check")


def number_on(visit: Page) -> str:
    return visit.locator("#own-check").get_attribute("data-number") or ""


def edited_is_red(visit: Page, live: Live) -> None:
    """One digit of the hours in the bundle; then a bundle cut short. Neither is believed."""
    code = visit.locator("#own-check").get_attribute("data-code")
    bundle = httpx.get(f"{live.base_url}/v1/verifications/{code}/bundle").content
    for name, content, told in [
        ("证明.zip", bundle, "是本页的证明"),
        ("edited.zip", edited(bundle), "其中的内容不可信"),
        ("cut.zip", bundle[:-9], "其中的内容不可信"),
    ]:
        given = FilePayload(name=name, mimeType="application/zip", buffer=content)
        visit.locator("#own-file").set_input_files(given)
        expect(visit.locator("#own-whose")).to_contain_text(f"“{name}”")
        expect(visit.locator("#own-whose")).to_contain_text(told)
    expect(visit.locator("#own-verdict")).to_have_attribute("data-tone", "bad")
    expect(visit.locator("#own-verdict")).to_contain_text("证明被改动或伪造，不得采信")
    expect(visit.locator("#own-facts")).to_be_empty()
    picture(visit, "11-own-check-edited")


def edited(bundle: bytes) -> bytes:
    """The record inside with another sign in the middle of its claims."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "record.jwt":
                at = len(content) // 2
                other = b"B" if content[at : at + 1] == b"A" else b"A"
                content = content[:at] + other + content[at + 1 :]
            after.writestr(name, content)
    return made.getvalue()


def revoked_is_red(visit: Page, live: Live, address: str) -> None:
    """As soon as the public list says so, without this page's word."""
    code = address.rpartition("/")[2]

    def listed() -> bool:
        found = httpx.get(f"{live.base_url}/v1/verifications/{code}").json()["checks"]
        return any(check["evidence"].startswith("revoked as of") for check in found)

    live.wait_for("the list with the revocation", listed)
    visit.goto(f"{address}?lang=en")
    visit.get_by_role("button", name="Check this record").click()
    verdict = visit.locator("#own-verdict")
    expect(verdict).to_have_attribute("data-verdict", "revoked")
    expect(verdict).to_have_attribute("data-tone", "bad")
    expect(verdict).to_contain_text("The record was revoked; do not rely on it.")
    picture(visit, "14-own-check-revoked-en")
