"""One package of a running instance in three players: hls.js, shaka-player, the browser's own."""

import base64
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.browser.conftest import SLOW
from tests.browser.people import PASSWORD, newcomer, token_of
from tests.live import ROOT, Live
from tests.media_pipeline import clips

SECONDS = 36
LESSON = "M02-L01"
LIBRARIES = ROOT / "backend" / "web" / "frontend" / "node_modules"
SCRIPTS = {
    "hls": LIBRARIES / "hls.js" / "dist" / "hls.js",
    "shaka": LIBRARIES / "shaka-player" / "dist" / "shaka-player.compiled.js",
    "players": Path(__file__).with_name("players.js"),
}
SLIDES = ("-f", "lavfi", "-i", "color=c=0x10304f:size={size}:rate={rate}:duration={seconds}")
CAPTIONS = "WEBVTT\n\n" + "\n".join(
    f"00:{second:02}.000 --> 00:{second + 1:02}.000\n第{second}秒\n" for second in range(SECONDS)
)
VIDEO = "<video muted playsinline crossorigin=anonymous width=320></video>"

Player = str


class Account:
    """Somebody at the instance's API; `token` is what a script would send."""

    def __init__(self, live: Live, login: str, password: str = PASSWORD) -> None:
        self.token = f"Bearer {token_of(live, login, password)}"
        headers = {"Authorization": self.token}
        self.api = httpx.Client(base_url=live.base_url, headers=headers, timeout=60)


def uploaded(live: Live, author: Account, path: Path, *wishes: str) -> str:
    """The id of the lecture, once it can be played."""
    names = {"filename": path.name, "title": path.stem, **dict.fromkeys(wishes, "true")}
    told = {k: base64.b64encode(v.encode()).decode() for k, v in names.items()}
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(path.stat().st_size),
        "Upload-Metadata": ",".join(f"{k} {v}" for k, v in told.items()),
        "Content-Type": "application/offset+octet-stream",
    }
    answer = author.api.post("/v1/uploads", content=path.read_bytes(), headers=headers)
    lecture_id = answer.raise_for_status().headers["Location"].rpartition("/")[2]

    def ended() -> str | None:
        state: str = author.api.get(f"/v1/lectures/{lecture_id}").json()["state"]
        return state if state in {"playable", "failed"} else None

    assert live.wait_for("the lecture", ended) == "playable"
    return lecture_id


def choose(author: Account, lecture_id: str) -> None:
    body = {"lectureId": lecture_id, "demonstration": True}
    author.api.put(f"/v1/lessons/{LESSON}/lecture", json=body).raise_for_status()


@pytest.fixture(scope="module")
def author(live: Live) -> Iterator[Account]:
    found = Account(live, "author@demo.guanbiao", "guanbiao-demo")
    yield found
    found.api.close()


@pytest.fixture(scope="module")
def handset(browser: Browser, live: Live) -> Iterator[BrowserContext]:
    """Without our pages' policy: shaka-player makes text tracks that it would not allow."""
    context = browser.new_context(base_url=live.base_url, bypass_csp=True)
    context.set_default_timeout(SLOW)
    context.new_page().goto("/healthz")
    yield context
    context.close()


@pytest.fixture(scope="module")
def lecture(live: Live, author: Account, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("players") / "播放.mp4"
    clips.clip(path, picture=SLIDES, size="1920x1080", rate="2", seconds=SECONDS)
    lecture_id = uploaded(live, author, path)
    put = author.api.put(
        f"/v1/lectures/{lecture_id}/captions/zh-CN",
        content=CAPTIONS.encode(),
        headers={"Content-Type": "text/vtt"},
    )
    put.raise_for_status()
    return lecture_id


@pytest.fixture(scope="module")
def encrypted(live: Live, author: Account, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Small: nobody looks at its rungs."""
    path = tmp_path_factory.mktemp("encrypted") / "加密.mp4"
    clips.clip(path, picture=SLIDES, size="640x360", rate="2", seconds=18)
    return uploaded(live, author, path, "encrypt")


@pytest.fixture
def shown(live: Live, author: Account) -> Iterator[None]:
    """Whatever lecture the lesson shows during the test, afterwards it is the one before."""
    before = httpx.get(f"{live.base_url}/v1/lessons/{LESSON}?programme=DEMO").json()["lecture"]
    yield
    choose(author, before["id"])


@pytest.fixture
def learner(live: Live) -> Iterator[Account]:
    found = Account(live, newcomer(live))
    yield found
    found.api.close()


def open_session(phone: BrowserContext, learner: Account) -> str:
    """The stream's address; the browser gets the session's cookie as a page would."""
    enrolled = learner.api.post("/v1/enrolments", json={"programme": "DEMO"}).raise_for_status()
    opened = phone.request.post(
        "/v1/play-sessions",
        data={"enrolmentId": enrolled.json()["id"], "lesson": LESSON},
        headers={"Authorization": learner.token},
    )
    assert opened.ok, opened.text()
    address: str = opened.json()["playlistUrl"]
    return address


def begin(page: Page, kind: Player, address: str, token: str) -> None:
    """On a page of the instance, so under its policies; Chromium keeps made-up pages from ports
    of this machine."""

    def serve(route: Route) -> None:
        path = SCRIPTS[route.request.url.rpartition("/")[2]]
        route.fulfill(content_type="text/javascript", body=path.read_text())

    page.route("**/players/*", serve)
    page.goto("/sign-in")
    page.evaluate(f"() => {{ document.body.innerHTML = '{VIDEO}' }}")
    for script in (kind, "players"):
        if script in SCRIPTS:
            page.add_script_tag(url=f"/players/{script}")
    page.evaluate("([kind, address, token]) => begin(kind, address, token)", [kind, address, token])


def ready(page: Page) -> None:
    until(page, "player !== null")


def plays_on_from(page: Page, second: float) -> None:
    page.evaluate("() => void document.querySelector('video').play()")
    until(page, f"document.querySelector('video').currentTime > {second + 0.5}")


def seek(page: Page, second: float) -> None:
    page.evaluate(f"() => {{ document.querySelector('video').currentTime = {second} }}")
    until(page, "!document.querySelector('video').seeking")


def until(page: Page, holds: str) -> None:
    try:
        page.wait_for_function(f"() => {holds}")
    except Exception as error:
        seen = page.evaluate(
            "() => [failures, shownCues(), document.querySelector('video').currentTime]"
        )
        raise AssertionError(f"{holds}: {seen}") from error


@pytest.fixture(params=["hls", "shaka", "native"])
def started(
    request: pytest.FixtureRequest,
    page: Page,
    phone: BrowserContext,
    author: Account,
    learner: Account,
    lecture: str,
    shown: None,
) -> Player:
    choose(author, lecture)
    kind: Player = request.param
    begin(page, kind, open_session(phone, learner), learner.token)
    return kind


def test_it_plays_seeks_switches_rungs_and_shows_captions_in_their_second(
    page: Page, started: Player
) -> None:
    ready(page)
    if started != "native":  # Chromium's own player (156) makes no text track of HLS subtitles
        page.evaluate("() => void player.caption('zh-CN')")
    seek(page, 0)
    plays_on_from(page, 0)
    if started != "native":
        shows_captions(page)
    seek(page, 12.2)
    plays_on_from(page, 12.2)
    switches_rungs(page, started)
    assert page.evaluate("failures") == []


def shows_captions(page: Page) -> None:
    """While it plays: shaka-player (5.2) knows where captions belong only from the next piece of
    video, and a paused one with a full buffer fetches none."""
    until(page, "shownCues().length")
    page.locator("video").evaluate("v => v.pause()")
    for second in (3, 14):
        seek(page, second + 0.5)
        until(page, f"shownCues().join() === '第{second}秒'")


def switches_rungs(page: Page, kind: Player) -> None:
    """The browser's own player takes no orders: there it is enough that it shows a rung."""
    heights = page.evaluate("() => player.heights()")
    if kind == "native":
        until(page, "[1080, 720].includes(document.querySelector('video').videoHeight)")
        return
    assert set(heights) == {1080, 720}
    page.locator("video").evaluate("v => { v.playbackRate = 2; void v.play() }")
    for height in (720, 1080):
        page.evaluate(f"() => void player.choose({height})")
        until(page, f"document.querySelector('video').videoHeight === {height}")


# Chromium's own player (156) opens no encrypted HLS at all.
@pytest.mark.parametrize(("kind", "token"), [("hls", True), ("hls", False), ("shaka", False)])
def test_an_encrypted_lecture_plays_by_the_token_or_by_the_sessions_cookie(
    page: Page,
    phone: BrowserContext,
    author: Account,
    learner: Account,
    encrypted: str,
    shown: None,
    kind: Player,
    token: bool,
) -> None:
    choose(author, encrypted)
    address = open_session(phone, learner)
    if token:
        phone.clear_cookies()
    begin(page, kind, address, learner.token if token else "")
    ready(page)
    plays_on_from(page, 0)
    seek(page, 10)
    plays_on_from(page, 10)


def test_without_the_key_an_encrypted_lecture_shows_nothing(
    page: Page,
    phone: BrowserContext,
    author: Account,
    learner: Account,
    encrypted: str,
    shown: None,
) -> None:
    choose(author, encrypted)
    address = open_session(phone, learner)
    phone.clear_cookies()
    begin(page, "hls", address, "Bearer nobody")
    until(page, "failures.some(said => said.startsWith('keyLoadError'))")
    assert page.evaluate("() => document.querySelector('video').readyState") < 2
