"""The key of an encrypted lecture: sixteen bytes, for the person who opened the session."""

import os
from uuid import UUID, uuid4

import httpx
import pytest

from backend.lectures import repository
from backend.lectures.domain import VIEWER_COOKIE
from infra.clock import ManualClock
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.vault import Vault
from tests.backend.lectures import packages
from tests.backend.progress.learning import LESSON, Learner
from tests.people import AsPerson
from tests.published import publish_current

SECRET = os.urandom(16)


@pytest.fixture
async def lecture_id(
    unit: None, object_store: ObjectStore, vault: Vault, clock: ManualClock
) -> UUID:
    await publish_current(clock())
    return await packages.publish(
        object_store, packages.encrypted(), now=clock(), key=SECRET, vault=vault
    )


async def opened(api: httpx.AsyncClient, lecture_id: UUID, learner: Learner) -> str:
    """Enrolled, with a play session; the address of the stream's first playlist."""
    await repository.assign(
        LESSON, lecture_id, demonstration=True, assigned_by=uuid4(), now=learner.clock()
    )
    await learner.enrol()
    master: str = (await learner.open())["playlistUrl"]
    return master.replace("master.m3u8", "720p/index.m3u8")


@pytest.fixture
async def learner(api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock) -> Learner:
    return Learner(api, await as_person(), clock)


@pytest.fixture
async def key_url(api: httpx.AsyncClient, lecture_id: UUID, learner: Learner) -> str:
    """As a player finds it: in the playlist, relative to it."""
    playlist_url = await opened(api, lecture_id, learner)
    text = (await api.get(playlist_url)).text
    named = text.partition('METHOD=AES-128,URI="')[2].partition('"')[0]
    return str(httpx.URL(playlist_url).join(named))


async def test_the_person_of_the_session_gets_sixteen_bytes_by_token(
    api: httpx.AsyncClient, learner: Learner, key_url: str
) -> None:
    api.cookies.clear()
    answer = await learner.get(key_url)
    assert (answer.status_code, answer.content) == (200, SECRET)
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_player_that_sends_no_header_gets_them_by_the_sessions_cookie(
    api: httpx.AsyncClient, key_url: str
) -> None:
    assert (await api.get(key_url)).content == SECRET


async def test_the_cookie_is_for_this_site_its_players_and_no_script(
    api: httpx.AsyncClient, lecture_id: UUID, learner: Learner
) -> None:
    await opened(api, lecture_id, learner)
    body = {"enrolmentId": learner.enrolment_id, "lesson": LESSON}
    said = (await learner.post("/v1/play-sessions", body)).headers["Set-Cookie"].lower()
    assert said.startswith(VIEWER_COOKIE)
    for part in ("httponly", "samesite=strict", "path=/v1/playback", "max-age=7200"):
        assert part in said


async def test_nobody_else_gets_the_key(
    api: httpx.AsyncClient, as_person: AsPerson, key_url: str
) -> None:
    api.cookies.clear()
    assert (await api.get(key_url)).status_code == 401
    stranger = await api.get(key_url, headers=(await as_person()).headers)
    assert (stranger.status_code, stranger.json()["code"]) == (403, "somebody-elses-session")


async def test_the_cookie_of_one_learner_opens_no_session_of_another(
    api: httpx.AsyncClient, lecture_id: UUID, as_person: AsPerson, key_url: str, clock: ManualClock
) -> None:
    other = Learner(api, await as_person(), clock)
    await opened(api, lecture_id, other)  # the cookie is now the other one's
    answer = await api.get(key_url)
    assert (answer.status_code, answer.json()["code"]) == (403, "somebody-elses-session")


@pytest.mark.parametrize("cookie", ["", "x.y.z"])
async def test_a_made_up_cookie_is_refused(
    api: httpx.AsyncClient, key_url: str, cookie: str
) -> None:
    api.cookies.clear()
    answer = await api.get(key_url, headers={"Cookie": f"{VIEWER_COOKIE}={cookie}"})
    assert answer.status_code == 403


async def test_a_plain_lecture_has_no_key(
    api: httpx.AsyncClient,
    lecture_id: UUID,
    learner: Learner,
    object_store: ObjectStore,
    clock: ManualClock,
) -> None:
    open_one = await packages.publish(object_store, packages.plain(), now=clock())
    playlist_url = await opened(api, open_one, learner)
    answer = await learner.get(playlist_url.replace("720p/index.m3u8", "key"))
    assert (answer.status_code, answer.json()["code"]) == (404, "not-in-package")


async def test_a_lecture_of_the_same_content_plays_the_package_of_the_first(
    api: httpx.AsyncClient, lecture_id: UUID, learner: Learner, clock: ManualClock
) -> None:
    twin, prefix = uuid7(), await packages.prefix_of(lecture_id)
    await packages.row(twin, prefix, now=clock())
    playlist_url = await opened(api, twin, learner)
    text = (await api.get(playlist_url)).text
    assert prefix in text
    key_url = playlist_url.replace("720p/index.m3u8", "key")
    assert (await learner.get(key_url)).content == SECRET
