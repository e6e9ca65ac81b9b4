"""Rows of notices. Bulk statements: a round of reminders posts thousands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.notices.domain import MOST_COUNTED, Channel, Choice, Notice
from backend.notices.schemas import NoticeView, Words
from backend.notices.tables import Notice as NoticeRow
from backend.notices.tables import NoticeChoice, NoticeDelivery
from infra.database import connection
from infra.ids import uuid7

# In the order of its key: two rounds that post the same notices wait for each other, no more.
_POST = """
INSERT INTO notice (id, person_id, kind, once, subject_zh, subject_en, text_zh, text_en, link, at)
SELECT n.*, $10 FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::text[], $9::text[])
    AS n(id, person_id, kind, once, subject_zh, subject_en, text_zh, text_en, link)
ORDER BY n.person_id, n.once
ON CONFLICT ON CONSTRAINT notice_once DO NOTHING
RETURNING id, person_id
"""
_TOLD = """
SELECT n.person_id, n.once FROM unnest($1::uuid[], $2::text[]) AS asked(person_id, once)
JOIN notice n ON n.person_id = asked.person_id AND n.once = asked.once
"""
_SEND_OUT = """
INSERT INTO notice_delivery (id, notice, person_id, channel, state, due_at, tries)
SELECT n.id, n.notice, n.person_id, n.channel, 'waiting', $5, 0
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS n(id, notice, person_id, channel)
ON CONFLICT ON CONSTRAINT notice_delivery_once DO NOTHING
"""
_UNREAD = """
SELECT count(*)::int FROM (
    SELECT FROM notice WHERE person_id = $1 AND read_at IS NULL LIMIT $2
) AS a_few
"""
_CLAIM = """
WITH due AS (
    SELECT id FROM notice_delivery WHERE state = 'waiting' AND due_at <= $1
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE notice_delivery d SET due_at = $3, tries = d.tries + 1
FROM due, notice n WHERE d.id = due.id AND n.id = d.notice
RETURNING d.id, d.person_id, d.channel, d.tries, n.id AS notice_id, n.kind, n.at,
    n.subject_zh, n.subject_en, n.text_zh, n.text_en, n.link
"""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery, with what is to be said."""

    id: UUID
    person_id: UUID
    channel: Channel
    tries: int
    notice_id: UUID
    kind: str
    at: datetime
    subject_zh: str
    subject_en: str
    text_zh: str
    text_en: str
    link: str | None


async def post(notices: Sequence[Notice], *, now: datetime) -> list[tuple[UUID, UUID]]:
    """(notice, person) of those that were not posted before."""
    rows = await connection().fetch(
        _POST,
        [uuid7() for _ in notices],
        [one.person_id for one in notices],
        [one.kind for one in notices],
        [one.once for one in notices],
        [one.subject.zh for one in notices],
        [one.subject.en for one in notices],
        [one.text.zh for one in notices],
        [one.text.en for one in notices],
        [one.link for one in notices],
        now,
    )
    return [(row["id"], row["person_id"]) for row in rows]


async def told(asked: Sequence[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    people, occasions = [person for person, _ in asked], [once for _, once in asked]
    rows = await connection().fetch(_TOLD, people, occasions)
    return {(row["person_id"], row["once"]) for row in rows}


async def send_out(wanted: Sequence[tuple[UUID, UUID, Channel]], *, now: datetime) -> None:
    """(notice, person, channel) of each."""
    await connection().execute(
        _SEND_OUT,
        [uuid7() for _ in wanted],
        [notice for notice, _, _ in wanted],
        [person for _, person, _ in wanted],
        [channel for _, _, channel in wanted],
        now,
    )


async def page(person_id: UUID, *, after: UUID | None, limit: int) -> list[NoticeView]:
    query = NoticeRow.select().where(NoticeRow.person_id == person_id)
    if after is not None:
        query = query.where(NoticeRow.id < after)
    rows = await query.order_by(NoticeRow.id, ascending=False).limit(limit)
    return [_view(row) for row in rows]


async def those(person_id: UUID, notice_ids: Sequence[UUID]) -> list[NoticeView]:
    rows = (
        await NoticeRow.select()
        .where(NoticeRow.person_id == person_id, NoticeRow.id.is_in(list(notice_ids)))
        .order_by(NoticeRow.id)
    )
    return [_view(row) for row in rows]


def _view(row: dict[str, Any]) -> NoticeView:
    return NoticeView(
        id=row["id"],
        kind=row["kind"],
        subject=Words(row["subject_zh"], row["subject_en"]),
        text=Words(row["text_zh"], row["text_en"]),
        link=row["link"],
        at=row["at"],
        read=row["read_at"] is not None,
    )


async def unread(person_id: UUID) -> int:
    return int(await connection().fetchval(_UNREAD, person_id, MOST_COUNTED))


async def read(person_id: UUID, notice_id: UUID, *, now: datetime) -> bool:
    """Whether it is this person's; the first reading stands."""
    mine = (NoticeRow.id == notice_id) & (NoticeRow.person_id == person_id)
    await NoticeRow.update({NoticeRow.read_at: now}).where(mine, NoticeRow.read_at.is_null())
    return await NoticeRow.exists().where(mine)


async def read_up_to(person_id: UUID, notice_id: UUID, *, now: datetime) -> None:
    await NoticeRow.update({NoticeRow.read_at: now}).where(
        NoticeRow.person_id == person_id,
        NoticeRow.id <= notice_id,
        NoticeRow.read_at.is_null(),
    )


# --- choices ----------------------------------------------------------------------------------


async def choices_of(people: Sequence[UUID]) -> dict[UUID, Choice]:
    """Of those who have chosen."""
    row = NoticeChoice
    rows = await row.select(row.person_id, row.email, row.sms).where(row.person_id.is_in([*people]))
    return {one["person_id"]: Choice(email=one["email"], sms=one["sms"]) for one in rows}


async def choose(person_id: UUID, choice: Choice, *, now: datetime) -> None:
    row = NoticeChoice(person_id=person_id, email=choice.email, sms=choice.sms, chosen_at=now)
    await NoticeChoice.insert(row).on_conflict(
        target=NoticeChoice.person_id,
        action="DO UPDATE",
        values=[NoticeChoice.email, NoticeChoice.sms, NoticeChoice.chosen_at],
    )


# --- on their way out -------------------------------------------------------------------------


async def claim(limit: int, *, now: datetime, until: datetime) -> list[Outgoing]:
    """The longest due, this sender's alone until then."""
    rows = await connection().fetch(_CLAIM, now, limit, until)
    return msgspec.convert([dict(row) for row in rows], list[Outgoing])


async def end(delivery_ids: Sequence[UUID], state: str, *, now: datetime) -> None:
    """At least one."""
    row = NoticeDelivery
    await row.update({row.state: state, row.ended_at: now}).where(
        row.id.is_in(list(delivery_ids)), row.state == "waiting"
    )


async def put_off(delivery_ids: Sequence[UUID], until: datetime) -> None:
    """At least one."""
    row = NoticeDelivery
    await row.update({row.due_at: until}).where(
        row.id.is_in(list(delivery_ids)), row.state == "waiting"
    )


async def forget(person_id: UUID) -> None:
    await NoticeDelivery.delete().where(NoticeDelivery.person_id == person_id)
    await NoticeRow.delete().where(NoticeRow.person_id == person_id)
    await NoticeChoice.delete().where(NoticeChoice.person_id == person_id)
