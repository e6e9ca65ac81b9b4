"""Rows of codes and of how many were sent."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts.codes.domain import CodeState, Count, Known, Message, Purpose
from backend.accounts.tables import CodeCount, OneTimeCode
from infra.database import connection

_KNOWN = """
SELECT l.kind = 'phone' AS by_phone, p.identity_method IS NOT NULL AS verified,
  p.erased_at IS NULL AND ($2 OR NOT p.demonstration) AS usable,
  greatest(p.created_at, (SELECT max(greatest(s.started_at, s.last_used_at))
    FROM sign_in_session s WHERE s.person = p.id)) AS last_used_at
FROM person_login l JOIN person p ON p.id = l.person
WHERE l.login_index = $1
"""


class Sent(msgspec.Struct, frozen=True):
    """A code as the one who sends it needs it."""

    to_sealed: bytes
    purpose: Purpose
    message: Message
    expires_at: datetime


class Locked(msgspec.Struct, frozen=True):
    state: CodeState
    code_hash: bytes


async def known(login_index: bytes, *, demo: bool) -> Known | None:
    row = await connection().fetchrow(_KNOWN, login_index, demo)
    return msgspec.convert(dict(row), Known) if row else None


async def add(code: OneTimeCode) -> None:
    await OneTimeCode.insert(code)


async def sent(code_id: UUID) -> Sent | None:
    row = (
        await OneTimeCode.select(
            OneTimeCode.to_sealed, OneTimeCode.purpose, OneTimeCode.message, OneTimeCode.expires_at
        )
        .where(OneTimeCode.id == code_id)
        .first()
    )
    return msgspec.convert(row, Sent) if row else None


async def lock(
    code_id: UUID, login_index: bytes, purpose: Purpose, asked_by: UUID | None
) -> Locked | None:
    """A code is one login's, for one purpose and, for linking, one account's."""
    query = OneTimeCode.select(
        OneTimeCode.code_hash, OneTimeCode.expires_at, OneTimeCode.tries, OneTimeCode.used_at
    ).where(
        OneTimeCode.id == code_id,
        OneTimeCode.login_index == login_index,
        OneTimeCode.purpose == purpose,
    )
    if asked_by is not None:
        query = query.where(OneTimeCode.asked_by == asked_by)
    row = await query.first().lock_rows("UPDATE")
    if row is None:
        return None
    state = CodeState(row["expires_at"], row["tries"], row["used_at"] is not None)
    return Locked(state, bytes(row["code_hash"]))


async def count_try(code_id: UUID, tries: int, used_at: datetime | None) -> None:
    await OneTimeCode.update({OneTimeCode.tries: tries, OneTimeCode.used_at: used_at}).where(
        OneTimeCode.id == code_id
    )


async def lock_counts(keys: Sequence[bytes], *, now: datetime) -> list[Count]:
    """In the order of `keys`; locked in their sorted order, so two requests cannot deadlock."""
    new = [CodeCount(key=k, since=now, sent=0) for k in sorted(keys)]
    rows = (
        await CodeCount.insert(*new)
        .on_conflict(target=CodeCount.key, action="DO UPDATE", values=[CodeCount.key])
        .returning(*CodeCount.all_columns())
    )
    by_key = {
        bytes(r["key"]): Count(r["since"], r["sent"], r["last_at"], r["proved_at"]) for r in rows
    }
    return [by_key[key] for key in keys]


async def keep_count(key: bytes, count: Count, *, now: datetime) -> None:
    await CodeCount.update(
        {
            CodeCount.since: count.begun(now=now),
            CodeCount.sent: count.counted(now=now) + 1,
            CodeCount.last_at: now,
        }
    ).where(CodeCount.key == key)


async def prove(key: bytes, *, now: datetime) -> None:
    await CodeCount.insert(CodeCount(key=key, since=now, sent=0, proved_at=now)).on_conflict(
        target=CodeCount.key, action="DO UPDATE", values=[CodeCount.proved_at]
    )
