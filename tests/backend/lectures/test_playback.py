"""From a token to the last byte of every segment, over the real store."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import jwt
import msgspec
import pytest

from backend.lectures import service
from backend.lectures.domain import LINK_LIFETIME, LectureNotPlayable
from infra.clock import ManualClock, system_clock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from media_pipeline.domain import LectureFacts, State
from media_pipeline.packaging.manifest import MANIFEST, Manifest, Role
from tests.backend.lectures import published
from tests.conftest import PUBLIC_URL, START
from tests.media_pipeline import clips


@pytest.fixture(scope="module")
async def lecture(
    settings: Settings,
    database: None,
    object_store: ObjectStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> LectureFacts:
    folder = tmp_path_factory.mktemp("playback")
    own = settings.model_copy(update={"data_dir": folder})
    context = WorkerContext(objects=object_store, clock=system_clock, settings=own)
    return await published.publish(context, clips.clip(folder / "课.mp4"), author_id=uuid4())


@pytest.fixture
async def playlist_url(lecture: LectureFacts, vault: Vault, clock: ManualClock) -> str:
    urls = await service.playback_urls(lecture.id, uuid4(), uuid4(), clock(), vault=vault)
    return urls.playlist_url


def addresses(playlist: str, base: str) -> list[str]:
    """Everything a player would fetch next."""
    lines = playlist.splitlines()
    named = [line.split('URI="')[1].split('"')[0] for line in lines if 'URI="' in line]
    named += [line for line in lines if line and not line.startswith("#")]
    return [str(httpx.URL(base).join(name)) for name in named]


async def test_every_file_a_playlist_names_is_there_and_all_bytes_arrive(
    api: httpx.AsyncClient, object_store: ObjectStore, lecture: LectureFacts, playlist_url: str
) -> None:
    assert lecture.package_prefix is not None
    stored = await object_store.get_bytes(lecture.package_prefix + MANIFEST)
    described = msgspec.json.decode(stored, type=Manifest)
    streamed = [f for f in described.files if f.role is Role.STREAM]
    expected = {f.path: f.size for f in streamed if f.path.endswith((".m4s", ".mp4"))}
    arrived: dict[str, int] = {}
    master = await api.get(playlist_url)
    async with httpx.AsyncClient() as player:
        for nested in set(addresses(master.text, PUBLIC_URL + playlist_url)):
            assert nested.startswith(PUBLIC_URL + playlist_url.rpartition("/")[0]), "keeps token"
            media = await api.get(nested)
            for address in set(addresses(media.text, nested)):
                name = urlsplit(address).path.partition(lecture.package_prefix)[2]
                answer = await player.get(address)
                assert answer.status_code == 200
                arrived[name] = len(answer.content)
    assert arrived == expected


async def test_playlists_are_never_kept_and_travel_compressed(
    api: httpx.AsyncClient, playlist_url: str
) -> None:
    answer = await api.get(playlist_url, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Type"].startswith("application/vnd.apple.mpegurl")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Encoding"] == "gzip"


async def test_a_segment_can_be_fetched_in_part_and_from_another_origin(
    api: httpx.AsyncClient, playlist_url: str
) -> None:
    master = addresses((await api.get(playlist_url)).text, PUBLIC_URL + playlist_url)
    media = addresses((await api.get(master[0])).text, master[0])
    async with httpx.AsyncClient() as player:
        headers = {"Range": "bytes=0-99", "Origin": "https://pages.example"}
        answer = await player.get(media[-1], headers=headers)
    assert (answer.status_code, len(answer.content)) == (206, 100)
    assert answer.headers["Access-Control-Allow-Origin"] in {"*", "https://pages.example"}


async def test_the_poster_is_at_the_store(
    api: httpx.AsyncClient, lecture: LectureFacts, vault: Vault, clock: ManualClock
) -> None:
    urls = await service.playback_urls(lecture.id, uuid4(), uuid4(), clock(), vault=vault)
    answer = await api.get(urls.poster_url)
    assert answer.status_code == 307
    async with httpx.AsyncClient() as player:
        poster = await player.get(answer.headers["Location"])
    assert poster.content.startswith(b"\xff\xd8"), "a JPEG"


async def test_a_token_ends_after_two_hours_of_the_applications_time(
    api: httpx.AsyncClient, playlist_url: str, clock: ManualClock
) -> None:
    clock.advance(LINK_LIFETIME.total_seconds() - 1)
    assert (await api.get(playlist_url)).status_code == 200
    clock.advance(1)
    answer = await api.get(playlist_url)
    assert (answer.status_code, answer.json()["code"]) == (403, "playback-link-expired")


def _claims(playlist_url: str) -> tuple[str, dict[str, object]]:
    token = playlist_url.split("/")[3]
    return token, jwt.decode(token, options={"verify_signature": False})


async def test_a_token_cannot_be_turned_to_another_lecture(
    api: httpx.AsyncClient, playlist_url: str
) -> None:
    token, claims = _claims(playlist_url)
    head, _, signature = token.split(".")
    other = jwt.encode({**claims, "lec": str(uuid4())}, "x" * 32).split(".")[1]
    answer = await api.get(playlist_url.replace(token, f"{head}.{other}.{signature}"))
    assert (answer.status_code, answer.json()["code"]) == (403, "playback-link-not-valid")


@pytest.mark.parametrize(
    ("key", "algorithm"), [("x" * 32, "HS256"), ("", "none")], ids=["another key", "no key"]
)
async def test_a_token_that_we_did_not_sign_is_refused(
    api: httpx.AsyncClient, playlist_url: str, key: str, algorithm: str
) -> None:
    token, claims = _claims(playlist_url)
    forged = jwt.encode(claims, key, algorithm=algorithm)
    answer = await api.get(playlist_url.replace(token, forged))
    assert (answer.status_code, answer.json()["code"]) == (403, "playback-link-not-valid")


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fincoming%2Fx.mp4", "720p/..%2f..%2fx.m4s", "none.m3u8"]
)
async def test_a_token_opens_its_own_package_only(
    api: httpx.AsyncClient, playlist_url: str, name: str
) -> None:
    answer = await api.get(f"{playlist_url.rpartition('/')[0]}/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-in-package")


async def test_what_is_not_playable_has_no_address(unit: None, vault: Vault) -> None:
    now: datetime = START
    waiting: UUID = await published.a_row(uuid4(), now=now, state=State.QUEUED)
    for lecture_id in (waiting, uuid4()):
        with pytest.raises(LectureNotPlayable):
            await service.playback_urls(lecture_id, uuid4(), uuid4(), now, vault=vault)
