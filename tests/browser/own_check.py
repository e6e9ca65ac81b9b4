"""A phone at a record's address: the browser works the verdict out for itself."""

import io
import zipfile
from urllib.parse import urlsplit

import httpx
import msgspec
from playwright.sync_api import BrowserContext, FilePayload, Page, Route, expect

from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import Checkpoint, sign_checkpoint
from backend.records.verdict.tiles import TreeHashes, tiles_of
from tests.backend.records.verdict.world import ORIGIN, World
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


def a_file_is_held_against_the_log(visit: Page, live: Live) -> None:
    """What the log signed in a file that somebody kept, and what it says of itself today."""
    code = visit.locator("#own-check").get_attribute("data-code")
    bundle = httpx.get(f"{live.base_url}/v1/verifications/{code}/bundle").content
    given = FilePayload(name="证明.zip", mimeType="application/zip", buffer=bundle)
    visit.locator("#own-file").set_input_files(given)
    expect(visit.locator("#own-checks")).to_contain_text("本站日志与文件一致")
    expect(visit.locator("#log-changed")).to_be_hidden()
    now = httpx.get(f"{live.base_url}/log/checkpoint").text
    origin, _, rest = now.split("\n", 2)
    smaller = f"{origin}\n1\n{rest}"
    visit.route("**/log/checkpoint", lambda route: route.fulfill(body=smaller))
    visit.locator("#own-file").set_input_files(given)
    expect(visit.locator("#log-changed-words")).to_contain_text("与您的文件“证明.zip”对不上")
    assert faults(visit) == []
    picture(visit, "12-file-and-log")
    visit.unroute_all()
    visit.reload()


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


def holder_shows(visit: Page, compact: bytes) -> None:
    """What the holder's own file discloses, and nothing of a file that was changed."""
    facts, words = visit.locator("#own-holder-facts"), visit.locator("#own-holder-words")

    def drop(content: bytes) -> None:
        given = FilePayload(name="GB.sd-jwt", mimeType="application/dc+sd-jwt", buffer=content)
        visit.locator("#own-file").set_input_files(given)

    visit.reload()
    drop(compact)
    expect(facts).to_contain_text("李如实")
    expect(facts.locator("dd")).to_have_count(2)
    expect(words).to_have_attribute("data-tone", "good")
    expect(visit.locator("#own-status")).to_contain_text("有效")
    assert faults(visit) == []
    picture(visit, "12-holder-file")
    drop(compact.replace(b"~", b"~e30~", 1))
    expect(words).to_contain_text("请勿采信")
    expect(facts).to_be_empty()


def forged_log_is_red(visit: Page, address: str) -> None:
    """A log whose history is another than what this browser kept; then one cut short."""
    expect(visit.locator("#log-followed")).to_contain_text("只增未改")
    served: dict[str, bytes] = {}

    def answer(route: Route) -> None:
        content = served.get(urlsplit(route.request.url).path.lstrip("/"))
        route.fulfill(status=404 if content is None else 200, body=content or b"")

    for pattern in ("**/trust*.json", "**/log/**"):
        visit.route(pattern, answer)
    entries = [str(n).encode() for n in range(9)]
    for seen, red in [
        (entries[:5], "不是同一日志"),
        (None, ""),
        (entries[:5], ""),
        (entries, ""),
        ([b"x", *entries], "分叉"),
        (entries[:4], "回滚"),
    ]:
        if seen is None:
            visit.evaluate("localStorage.clear()")
            continue
        served.clear()
        served.update(log_of(seen))
        visit.goto(address)
        if red:
            expect(visit.locator("#log-changed")).to_be_visible()
            expect(visit.locator("#log-changed-words")).to_contain_text(red)
        else:
            expect(visit.locator("#log-followed")).to_be_visible()
            expect(visit.locator("#log-changed")).to_be_hidden()
    visit.goto("/check")  # where files are checked, too
    expect(visit.locator("#log-changed-words")).to_contain_text("回滚")
    visit.locator("#log-changed summary").click()
    assert faults(visit) == []
    picture(visit, "12-log-changed")
    visit.unroute_all()
    visit.evaluate("localStorage.clear()")


FORGED = World()


def log_of(entries: list[bytes]) -> dict[str, bytes]:
    tree = TreeHashes()
    for entry in entries:
        tree.append(leaf_hash(entry))
    note = sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root(tree.size)), FORGED.log_key)
    tiles = {f"log/{t.path}": tree.tile(t) for t in tiles_of(tree.size) if t.level is not None}
    trust = msgspec.json.encode(FORGED.trust)
    pins = dict.fromkeys(("trust.json", "trust-demonstration.json"), trust)
    return {"log/checkpoint": note.encode(), **pins, **tiles}


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


def prints_pass_and_forgeries_do_not(visit: Page, pdf: bytes) -> None:
    """The holder's own PDF, here and where no record is asked for; then one that was edited."""
    number = number_on(visit)
    shown(visit, "证明.pdf", pdf)
    expect(visit.locator("#own-verdict")).to_have_attribute("data-tone", "good")
    expect(visit.locator("#own-whose")).to_contain_text("正是签发的那个文件")
    expect(visit.locator("#own-checks li[data-tone=good]")).to_have_count(14)
    for line in ("李如实", number, "GB/T 29490-2023"):
        expect(visit.locator("#own-facts")).to_contain_text(line)
    assert faults(visit) == []
    assert visit.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    picture(visit, "11-own-check-pdf")
    shown(visit, "改过.pdf", forged(pdf))
    expect(visit.locator("#own-verdict")).to_have_attribute("data-tone", "bad")
    expect(visit.locator("#own-whose")).to_contain_text("这个 PDF 不是签发的那个文件")
    expect(visit.locator("#own-compare")).to_be_visible()
    expect(visit.locator("#own-facts")).to_contain_text(number)
    expect(visit.locator("#own-facts")).not_to_contain_text("李如实")
    picture(visit, "12-own-check-pdf-edited")
    visit.goto("/check")
    shown(visit, "record.pdf", pdf)
    expect(visit.locator("#own-verdict")).to_have_attribute("data-verdict", "valid")
    expect(visit.locator("#own-whose")).to_contain_text(number)
    expect(visit.locator("#own-go")).to_be_hidden()
    picture(visit, "12-check-page-pdf")


def shown(visit: Page, name: str, content: bytes) -> None:
    given = FilePayload(name=name, mimeType="application/pdf", buffer=content)
    visit.locator("#own-file").set_input_files(given)
    expect(visit.locator("#own-whose")).to_contain_text(f"“{name}”")


def forged(pdf: bytes) -> bytes:
    """The page itself a hair smaller; the bundle inside is left alone."""
    changed = pdf.replace(b"/MediaBox[0 0 595", b"/MediaBox[0 0 594", 1)
    assert changed != pdf
    return changed


def revoked_print_is_red(visit: Page, pdf: bytes) -> None:
    """By today's lists, whatever lists it was printed with."""
    shown(visit, "record.pdf", pdf)
    expect(visit.locator("#own-verdict")).to_have_attribute("data-verdict", "revoked")
    expect(visit.locator("#own-verdict")).to_have_attribute("data-tone", "bad")
    picture(visit, "14-own-check-pdf-revoked-en")
