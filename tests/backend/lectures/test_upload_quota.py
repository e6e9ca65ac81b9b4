"""What one author may have: unfinished uploads, and bytes of these and of what is kept."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.accounts.domain import Role
from infra.clock import ManualClock, system_clock
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.settings import Settings
from media_pipeline.domain import State
from media_pipeline.tables import Lecture, Upload
from media_pipeline.uploading import service
from media_pipeline.uploading.domain import (
    GIB,
    Limits,
    QuotaUsedUp,
    TooManyOpenUploads,
    Usage,
    check_room,
)
from tests.applications import application
from tests.backend.lectures.tus_client import TUS, create, id_in
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson, SignedIn


@pytest.fixture
async def api(
    unit: None, settings: Settings, object_store: ObjectStore, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    """An API that allows each author 1 GiB and three unfinished uploads."""
    strict = settings.model_copy(update={"author_quota_gb": 1, "author_open_uploads": 3})
    app = application(strict, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


@given(st.integers(0, 300 * GIB), st.integers(0, 30), st.integers(1, 10 * GIB), st.integers(1, 300))
def test_there_is_room_until_either_limit_is_passed(
    used: int, unfinished: int, length: int, allowed: int
) -> None:
    limits, usage = Limits(allowed * GIB, 20), Usage(used, unfinished)
    fits = used + length <= allowed * GIB and unfinished < 20
    if fits:
        check_room(usage, length, limits)
    else:
        with pytest.raises((QuotaUsedUp, TooManyOpenUploads)):
            check_room(usage, length, limits)


async def test_more_than_the_quota_is_refused_with_its_numbers(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    assert (await create(api, author, 600 << 20)).status_code == 201
    for language in ("zh", "en"):
        api.headers["Accept-Language"] = language
        refused = await create(api, author, 512 << 20)
        assert (refused.status_code, refused.json()["code"]) == (413, "quota-used-up")
        numbers = re.findall(r"[0-9.]+(?= GiB|（| of)|(?<= of )[0-9.]+", refused.json()["detail"])
        assert {"0.59", "1", "0.5"} <= set(numbers), refused.json()["detail"]
    assert (await create(api, author, 424 << 20)).status_code == 201


async def test_an_author_finishes_or_stops_before_beginning_too_many(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    locations = [(await create(api, author, 5000)).headers["Location"] for _ in range(3)]
    refused = await create(api, author, 5000)
    assert (refused.status_code, refused.json()["code"]) == (403, "too-many-open-uploads")
    assert refused.json()["detail"].count("3") == 2
    await api.delete(locations[0], headers={**author.headers, **TUS})
    assert (await create(api, author, 5000)).status_code == 201


async def test_a_refused_creation_leaves_nothing(
    api: httpx.AsyncClient, author: SignedIn, object_store: ObjectStore
) -> None:
    before = await _multiparts(object_store)
    assert (await create(api, author, 2 << 30)).status_code == 413
    assert await _multiparts(object_store) == before
    assert (await api.get("/v1/lectures", headers=author.headers)).json()["items"] == []


async def test_another_authors_uploads_do_not_count(
    api: httpx.AsyncClient, author: SignedIn, as_person: AsPerson
) -> None:
    await create(api, author, 1000 << 20)
    other = await as_person(Role.AUTHOR)
    assert (await create(api, other, 1000 << 20)).status_code == 201


async def test_what_was_left_alone_for_a_week_counts_no_more(
    api: httpx.AsyncClient, author: SignedIn, clock: ManualClock
) -> None:
    await create(api, author, 1000 << 20)
    clock.advance(timedelta(days=7).total_seconds())
    assert (await create(api, author, 1000 << 20)).status_code == 201


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        pytest.param({"state": "queued"}, True, id="waiting"),
        pytest.param({"state": "processing"}, True, id="in work"),
        pytest.param({"state": "failed", "failure": '{"code": "x", "retryable": true}'}, True,
                     id="failed and kept"),
        pytest.param({"state": "failed", "failure": '{"code": "x", "retryable": false}'}, False,
                     id="refused"),
    ],
)  # fmt: skip
async def test_what_is_kept_counts(
    api: httpx.AsyncClient, author: SignedIn, values: dict[Any, Any], counts: bool
) -> None:
    location = (await create(api, author, 1000 << 20)).headers["Location"]
    await Lecture.update(values).where(Lecture.id == id_in(location))
    assert (await create(api, author, 1000 << 20)).status_code == (413 if counts else 201)


async def _multiparts(objects: ObjectStore) -> set[str]:
    return {found.name async for page in objects.open_multiparts("incoming/") for found in page}


@pytest.fixture
async def somebody(database: None, object_store: ObjectStore) -> AsyncIterator[UUID]:
    """An author whose uploads are really committed, and removed after the test."""
    person = uuid7()
    yield person
    for row in await Lecture.select(Lecture.id).where(Lecture.author_id == person):
        await service.stop_upload(object_store, row["id"], author_id=person)


async def test_of_creations_at_once_only_as_many_pass_as_there_is_room_for(
    somebody: UUID, object_store: ObjectStore
) -> None:
    async def one() -> bool:
        try:
            await service.open_upload(
                object_store,
                author_id=somebody,
                title="",
                filename="lesson.mp4",
                length=GIB,
                now=system_clock(),
                limits=Limits(bytes=2 * GIB),
            )
        except QuotaUsedUp:
            return False
        return True

    passed = await asyncio.gather(*(one() for _ in range(6)))
    assert sorted(passed) == [False] * 4 + [True] * 2
    rows = await Lecture.select(Lecture.id).where(
        Lecture.author_id == somebody, Lecture.state == State.UPLOADING
    )
    assert len(rows) == 2
    assert await Upload.count().where(Upload.id.is_in([row["id"] for row in rows])) == 2
