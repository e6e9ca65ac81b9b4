"""What people agreed to, by purpose: where every area can ask before it uses person data.

`backend.privacy` keeps the notices and takes the words; here is only what was said last.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.ids import uuid7
from infra.tables import ConsentEvent


class Purpose(StrEnum):
    ACCOUNT = "account"
    LEARNING_RECORDS = "learning-records"
    IDENTITY_VERIFICATION = "identity-verification"
    ORGANISATION_DISCLOSURE = "organisation-disclosure"
    AUTHORITY_DISCLOSURE = "authority-disclosure"


class Agreement(msgspec.Struct, frozen=True):
    """One notice in the version that was shown."""

    purpose: Purpose
    version: str
    notice_sha256: str


class Said(msgspec.Struct, frozen=True):
    """The last word of a person on a purpose."""

    version: str
    given: bool
    at: datetime


async def say(
    person_id: UUID,
    purpose: Purpose,
    version: str,
    *,
    notice_sha256: str,
    given: bool,
    at: datetime,
) -> None:
    await ConsentEvent.insert(
        ConsentEvent(
            id=uuid7(),
            person_id=person_id,
            purpose=purpose.value,
            version=version,
            notice_sha256=notice_sha256,
            given=given,
            at=at,
        )
    )


async def last_said(person_id: UUID) -> dict[Purpose, Said]:
    rows = (
        await ConsentEvent.select(
            ConsentEvent.purpose, ConsentEvent.version, ConsentEvent.given, ConsentEvent.at
        )
        .where(ConsentEvent.person_id == person_id)
        .order_by(ConsentEvent.purpose)
        .order_by(ConsentEvent.id, ascending=False)
        .distinct(on=[ConsentEvent.purpose])
    )
    return {Purpose(row["purpose"]): Said(row["version"], row["given"], row["at"]) for row in rows}


async def refused_by(person_ids: Collection[UUID], purpose: Purpose) -> frozenset[UUID]:
    """Who of these has withdrawn the purpose: one query for a whole page of people."""
    rows = (
        await ConsentEvent.select(ConsentEvent.person_id, ConsentEvent.given)
        .where(
            ConsentEvent.person_id.is_in(list(person_ids) or [UUID(int=0)]),
            ConsentEvent.purpose == purpose.value,
        )
        .order_by(ConsentEvent.person_id)
        .order_by(ConsentEvent.id, ascending=False)
        .distinct(on=[ConsentEvent.person_id])
    )
    return frozenset(row["person_id"] for row in rows if not row["given"])


async def has_given(person_id: UUID, purpose: Purpose) -> bool:
    said = (await last_said(person_id)).get(purpose)
    return said is not None and said.given
