"""A lesson taken along on a phone, watched where there is no network, handed in when there is."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Shot
from tests.browser.people import newcomer, sign_in, token_of
from tests.browser.test_journey import EDITION
from tests.live import Live

LESSON = "/learn/DEMO/M02-L01"
FILES = "**/v1/downloads/**"
# The whole device, its clock and its player, runs as many times as fast.
QUICK_DEVICE = """
let times = 1, at = 0, shown = 0;
const now = performance.now.bind(performance);
performance.now = () => shown + (now() - at) * times;
const rate = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "playbackRate");
Object.defineProperty(HTMLMediaElement.prototype, "playbackRate", {
    get() { return rate.get.call(this) / times; },
    set(value) { rate.set.call(this, value * times); },
});
window.run = (video, speed) => {
    [shown, at, times] = [performance.now(), now(), speed];
    video.playbackRate = 1;
};
"""
# A slow device is busy when it begins, and tells of that too late. A player reports four times a
# second, however long that second is: not from the very beginning.
PLAY_QUICKLY = """async video => {
    const from = video.currentTime;
    const until = second => new Promise(done => video.addEventListener(
        "timeupdate", () => video.currentTime > second && done()));
    const [playing, busy] = [video.play(), Date.now() + 600];
    while (Date.now() < busy);
    await playing;
    await until(from + 0.5);
    run(video, 8);
}"""
LEFT_BEHIND = """async () => [
    await caches.keys(), (await indexedDB.databases()).length, Object.keys(localStorage),
    (await navigator.serviceWorker.getRegistrations()).length,
]"""
# Two minutes pass on the server's clock; and what falls between two reports of so quick a player
# is forgiven, as a rule of the lesson.
_PASS = """
WITH easy AS (UPDATE lesson_watch SET watched_percent = 75 WHERE learner_id = $1)
UPDATE download_lease SET issued_at = issued_at - interval '2 minutes',
    counted_from = counted_from - interval '2 minutes' WHERE learner_id = $1
"""


def let_time_pass(live: Live, learner_id: str) -> None:
    async def write() -> None:
        database = await asyncpg.connect(live.running.environment["DATABASE_URL"])
        assert await database.execute(_PASS, UUID(learner_id)) == "UPDATE 1"
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, write()).result()


def pass_the_questions(api: httpx.Client) -> None:
    (enrolment,) = api.get("/v1/enrolments").json()["items"]
    questions = EDITION.lesson("M02-L01").check_questions
    body = {"enrolmentId": enrolment["id"], "answers": {q.id: list(q.key) for q in questions}}
    assert api.post("/v1/lessons/M02-L01/check", json=body).json()["passed"]


def be_there(page: Page) -> None:
    """One answer, for which there is no second try."""
    dialog = page.locator("#presence")
    expect(page.locator("#presence-question")).to_be_visible()
    expect(dialog).to_contain_text("离线时每题只能答一次")
    text = EDITION.lesson("M02-L01").text.replace("**", "")
    options = dialog.locator(".option")
    inside = [option in text for option in options.all_inner_texts()]
    options.nth(inside.index(True)).locator("input").press("Space")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#note")).to_have_text("已记下，联网后核对。")


def waiting(page: Page) -> Any:
    return page.evaluate("""() => new Promise(done => {
        indexedDB.open("guanbiao-taken").onsuccess = ({target}) =>
            target.result.transaction("lessons").objectStore("lessons").getAll().onsuccess =
                ({target}) => done(target.result[0].standing.waiting);
    })""")


@pytest.fixture
def phone(new_phone: BrowserContext) -> BrowserContext:
    """What it keeps of a lesson is looked at."""
    return new_phone


def test_a_lesson_taken_along_is_watched_without_a_network_and_counts_when_it_is_back(
    page: Page, live: Live, shot: Shot
) -> None:
    login = newcomer(live)
    sign_in(page, login, back_to=LESSON)
    page.locator("#enrol").click()
    page.locator("#take-along > summary").click()
    expect(page.locator("#take-along")).to_contain_text("答错或超时，那一段不计学时")
    expect(page.locator("#along-kinds input")).to_have_count(2)
    page.context.route(FILES, lambda request: request.abort())
    page.locator("#along-take").click()
    expect(page.locator("#along-note")).to_contain_text("网络中断，已下载的部分保留")
    page.context.unroute(FILES)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#along-note")).to_contain_text("已带走")
    headers = {"Authorization": f"Bearer {token_of(live, login)}"}
    with httpx.Client(base_url=live.base_url, headers=headers) as api:
        pass_the_questions(api)
        let_time_pass(live, api.get("/v1/me").json()["id"])
        page.context.set_offline(True)
        page.add_init_script(QUICK_DEVICE)
        page.reload()
        video = page.locator("video")
        expect(page.locator("#offline-part")).to_be_visible()
        video.evaluate(PLAY_QUICKLY)
        expect(page.locator("#watched-words")).to_contain_text("另有 0:1")
        page.reload()  # the power fails
        expect(page.locator("#watched-words")).to_contain_text("另有 0:1")
        ((begins, _),) = waiting(page)
        assert begins == 0, "what was played without a break is one stretch"
        video.evaluate(PLAY_QUICKLY)
        be_there(page)
        page.goto("/learn")
        expect(page).to_have_url("/learn/taken-along")
        expect(page.locator("#taken")).to_contain_text("有学习记录待上传")
        with page.expect_response("**/v1/sync") as handed_in:
            page.context.set_offline(False)
        sent = json.loads(handed_in.value.request.post_data or "")
        assert len(sent["watched"]) < 6, "a line for a stretch, not one for each second"
        expect(page.locator("#hand-in-note")).to_contain_text("离线学习已上传，计入")
        shot("72-handed-in")
        hours = api.get("/v1/sync").json()["hours"]
        assert [(entry["lesson"], entry["source"]) for entry in hours] == [("M02-L01", "offline")]
    page.goto(LESSON)
    expect(page.locator("#done")).to_be_visible()
    page.locator("#sign-out").click()
    expect(page.locator("#signed-out")).to_be_visible()
    assert page.evaluate(LEFT_BEHIND) == [[], 0, ["guanbiao.device"], 0]
