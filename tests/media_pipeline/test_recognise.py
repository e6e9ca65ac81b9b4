"""Rows only: what counts as the same content, and who of several makes it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from media_pipeline import recognise, repository
from media_pipeline.domain import Attempt, Published, State
from media_pipeline.packaging.manifest import FORMAT
from media_pipeline.plan import Wishes
from media_pipeline.recognise import InTheMaking, SameContent
from media_pipeline.tables import Lecture

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
PUBLISHED = Published(40.4, "master.m3u8", "poster.jpg", (), FORMAT)


@pytest.fixture
def content() -> str:
    return sha256(uuid4().bytes).hexdigest()


@pytest.fixture
async def rows(database: None) -> AsyncIterator[list[UUID]]:
    """Ids of rows that really are committed, for transactions beside each other."""
    made: list[UUID] = []
    yield made
    await Lecture.delete().where(Lecture.id.is_in([*made, UUID(int=0)]))


async def a_lecture(rows: list[UUID], state: State, **values: Any) -> UUID:
    lecture_id = uuid7()
    lecture = Lecture(id=lecture_id, author_id=uuid7(), title="", created_at=NOW, state=state)
    if state is State.PLAYABLE:
        lecture.package_prefix = f"lectures/{lecture_id}/{uuid7()}/"
        lecture.manifest = msgspec.json.encode(PUBLISHED).decode()
        lecture.duration_seconds = 40
        lecture.playable_at = NOW
    for name, value in values.items():
        setattr(lecture, name, value)
    await Lecture.insert(lecture)
    rows.append(lecture_id)
    return lecture_id


async def an_attempt(rows: list[UUID]) -> Attempt:
    attempt_id = uuid7()
    lecture_id = await a_lecture(rows, State.PROCESSING, attempt_id=attempt_id, starts=1)
    return Attempt(attempt_id, lecture_id, 1)


async def noted(attempt: Attempt) -> str | None:
    row = (
        await Lecture.select(Lecture.source_sha256).where(Lecture.id == attempt.lecture_id).first()
    )
    assert row is not None
    found: str | None = row["source_sha256"]
    return found


async def test_the_package_of_the_same_content_is_shown_again(
    rows: list[UUID], content: str
) -> None:
    first = await a_lecture(rows, State.PLAYABLE, source_sha256=content, content_key=b"sealed")
    attempt = await an_attempt(rows)
    same = await recognise.claim_content(attempt, content)
    assert isinstance(same, SameContent)
    assert await recognise.publish_same(attempt, same, now=NOW)
    mine = await repository.lecture(attempt.lecture_id)
    theirs = await repository.lecture(first)
    assert mine is not None
    assert theirs is not None
    assert (mine.state, mine.percent) == (State.PLAYABLE, 100)
    assert mine.package_prefix == theirs.package_prefix
    assert mine.manifest == theirs.manifest == recognise.published(same)
    key = await Lecture.select(Lecture.content_key).where(Lecture.id == attempt.lecture_id).first()
    assert key == {"content_key": b"sealed"}


@pytest.mark.parametrize(
    ("other", "wishes"),
    [
        pytest.param({"source_sha256": "0" * 64}, Wishes(), id="other bytes"),
        pytest.param({}, Wishes(av1=True), id="other wishes"),
        pytest.param({"wishes": '{"av1": true, "encrypt": true}'}, Wishes(av1=True),
                     id="more wishes"),
        pytest.param(
            {"manifest": msgspec.json.encode(msgspec.structs.replace(PUBLISHED, format=FORMAT - 1))
             .decode()}, Wishes(), id="an older kind of package"),
    ],
)  # fmt: skip
async def test_what_is_not_the_same_is_made_anew(
    rows: list[UUID], content: str, other: dict[str, Any], wishes: Wishes
) -> None:
    await a_lecture(rows, State.PLAYABLE, **{"source_sha256": content, **other})
    attempt = await an_attempt(rows)
    assert await recognise.claim_content(attempt, content, wishes) is None
    assert await noted(attempt) == content


async def test_wishes_that_were_said_and_none_at_all_are_the_same(
    rows: list[UUID], content: str
) -> None:
    said = '{"encrypt": false, "av1": false}'
    first = await a_lecture(rows, State.PLAYABLE, source_sha256=content, wishes=said)
    same = await recognise.claim_content(await an_attempt(rows), content)
    assert isinstance(same, SameContent)
    assert same.lecture_id == first


async def test_a_package_without_missing_parts_is_chosen_first(
    rows: list[UUID], content: str
) -> None:
    missing = '[{"part": "storyboard"}]'
    await a_lecture(rows, State.PLAYABLE, source_sha256=content, degraded=missing)
    whole = await a_lecture(rows, State.PLAYABLE, source_sha256=content)
    same = await recognise.claim_content(await an_attempt(rows), content)
    assert isinstance(same, SameContent)
    assert same.lecture_id == whole


async def test_of_jobs_with_one_content_the_first_makes_it_and_the_others_wait(
    rows: list[UUID], content: str
) -> None:
    attempts = [await an_attempt(rows) for _ in range(4)]
    answers = await asyncio.gather(
        *(recognise.claim_content(attempt, content) for attempt in attempts)
    )
    makers = [a for a, answer in zip(attempts, answers, strict=True) if answer is None]
    assert len(makers) == 1
    waiting = [answer for answer in answers if answer is not None]
    assert waiting == [InTheMaking(makers[0].lecture_id)] * 3
    noting = [await noted(attempt) for attempt in attempts]
    assert sorted(found or "" for found in noting) == ["", "", "", content]


async def test_a_job_that_begins_again_keeps_its_claim(rows: list[UUID], content: str) -> None:
    maker, other = await an_attempt(rows), await an_attempt(rows)
    assert await recognise.claim_content(maker, content) is None
    assert await recognise.claim_content(other, content) == InTheMaking(maker.lecture_id)
    assert await recognise.claim_content(maker, content) is None


async def test_after_a_failure_the_next_makes_it(rows: list[UUID], content: str) -> None:
    maker, other = await an_attempt(rows), await an_attempt(rows)
    await recognise.claim_content(maker, content)
    await repository.put_back(maker, counted=True)
    assert await recognise.claim_content(other, content) is None


async def test_a_package_that_was_removed_meanwhile_is_not_named(
    rows: list[UUID], content: str
) -> None:
    first = await a_lecture(rows, State.PLAYABLE, source_sha256=content)
    attempt = await an_attempt(rows)
    same = await recognise.claim_content(attempt, content)
    assert isinstance(same, SameContent)
    await Lecture.delete().where(Lecture.id == first)
    assert not await recognise.publish_same(attempt, same, now=NOW)
    found = await repository.lecture(attempt.lecture_id)
    assert found is not None
    assert found.state is State.PROCESSING


async def test_an_attempt_that_was_superseded_publishes_nothing(
    rows: list[UUID], content: str
) -> None:
    await a_lecture(rows, State.PLAYABLE, source_sha256=content)
    attempt = await an_attempt(rows)
    same = await recognise.claim_content(attempt, content)
    assert isinstance(same, SameContent)
    late = msgspec.structs.replace(attempt, id=uuid7())
    assert not await recognise.publish_same(late, same, now=NOW)


async def test_who_removes_a_package_waits_until_it_is_named(
    rows: list[UUID], content: str
) -> None:
    first = await a_lecture(rows, State.PLAYABLE, source_sha256=content)
    attempt = await an_attempt(rows)
    same = await recognise.claim_content(attempt, content)
    assert isinstance(same, SameContent)
    async with UnitOfWork(DB):
        assert await recognise.publish_same(attempt, same, now=NOW)
        removing = asyncio.create_task(_users_after_removing(first, same.package_prefix))
        done, _ = await asyncio.wait({removing}, timeout=0.2)
        assert not done
    assert await removing == [attempt.lecture_id]


async def _users_after_removing(lecture_id: UUID, prefix: str) -> list[UUID]:
    """As a purge does: the row first, then a look at who still names the package."""
    DB.current_transaction.set(None)  # this task began inside another's transaction
    async with UnitOfWork(DB):
        await Lecture.delete().where(Lecture.id == lecture_id)
        users = await Lecture.select(Lecture.id).where(Lecture.package_prefix == prefix)
    return [row["id"] for row in users]
