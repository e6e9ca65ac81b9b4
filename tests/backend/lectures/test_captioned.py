"""Captions beside a package: in the first playlist, in time, and gone when they are taken away."""

from uuid import UUID, uuid4

import httpx
import pytest

from backend.lectures import service
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.vault import Vault
from media_pipeline.captions import service as captions
from media_pipeline.captions.domain import Origin
from tests.backend.lectures import packages
from tests.statements import counted

VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\n认证是什么\n\n00:40.000 --> 00:44.000\n诚信\n"


@pytest.fixture
async def lecture_id(unit: None, object_store: ObjectStore, clock: ManualClock) -> UUID:
    return await packages.publish(object_store, packages.plain(), now=clock())


@pytest.fixture
async def folder(lecture_id: UUID, vault: Vault, clock: ManualClock) -> str:
    urls = await service.playback_urls(lecture_id, uuid4(), uuid4(), clock(), vault=vault)
    return urls.playlist_url.rpartition("/")[0]


async def caption(lecture_id: UUID, clock: ManualClock, language: str = "zh-CN") -> None:
    await captions.keep_found(lecture_id, language, VTT, origin=Origin.FILE, now=clock())


async def test_a_player_finds_the_cues_from_the_first_playlist(
    api: httpx.AsyncClient, lecture_id: UUID, folder: str, clock: ManualClock
) -> None:
    await caption(lecture_id, clock)
    master = (await api.get(f"{folder}/master.m3u8")).text
    named = master.partition("TYPE=SUBTITLES")[2].partition('URI="')[2].partition('"')[0]
    playlist = await api.get(f"{folder}/{named}")
    assert playlist.headers["Content-Type"].startswith("application/vnd.apple.mpegurl")
    pieces = [line for line in playlist.text.splitlines() if line and not line.startswith("#")]
    answers = [await api.get(f"{folder}/{named.rpartition('/')[0]}/{piece}") for piece in pieces]
    assert all(a.headers["Content-Type"].startswith("text/vtt") for a in answers)
    assert "认证是什么" in answers[0].text
    assert "X-TIMESTAMP-MAP" in answers[0].text


async def test_a_new_file_is_seen_at_the_next_opening_without_encoding(
    api: httpx.AsyncClient, lecture_id: UUID, folder: str, clock: ManualClock
) -> None:
    assert "SUBTITLES" not in (await api.get(f"{folder}/master.m3u8")).text
    await caption(lecture_id, clock)
    assert 'SUBTITLES="captions"' in (await api.get(f"{folder}/master.m3u8")).text


@pytest.mark.parametrize(
    "name", ["captions/en/index.m3u8", "captions/zh-CN/00009.vtt", "captions/zh-CN/x", "captions/"]
)
async def test_there_is_nothing_but_the_lectures_own_captions(
    api: httpx.AsyncClient, lecture_id: UUID, folder: str, clock: ManualClock, name: str
) -> None:
    await caption(lecture_id, clock)
    answer = await api.get(f"{folder}/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-in-package")


async def test_a_playlist_costs_its_captions_and_one_note_that_the_session_plays(
    api: httpx.AsyncClient, lecture_id: UUID, folder: str, clock: ManualClock
) -> None:
    await caption(lecture_id, clock)
    for name, queries in (("master.m3u8", 2), ("720p/index.m3u8", 1)):
        async with counted() as sent:
            await api.get(f"{folder}/{name}")
        assert len(sent) == queries
