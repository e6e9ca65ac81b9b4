"""A holder's share links: made, listed, ended, opened. One `UnitOfWork` each."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from backend.checking.sharing import repository
from backend.checking.sharing.domain import (
    MOST_OPEN,
    Field,
    NoSuchLink,
    State,
    TooManyLinks,
    chosen,
    ends_at,
    minute,
    state_of,
)
from backend.checking.sharing.schemas import MadeShareLink, NewShareLink, ShareLinkView
from backend.checking.tables import ShareLink
from backend.disclosures import service as disclosures
from backend.records import service as records
from backend.records.holder import service as holder
from backend.records.holder.service import Particulars, Signable
from backend.records.schemas import Verification
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.instance import public_url
from infra.vault import Vault, place

_LISTED, _VIEWS = 50, 20


class Shared(msgspec.Struct, frozen=True):
    """What whoever has the link is shown: the public verdict, and these fields."""

    verdict: Verification
    fields: dict[Field, str]
    as_of: datetime
    expires_at: datetime


async def make(
    vault: Vault, person_id: UUID, record_id: UUID, wanted: NewShareLink, *, now: datetime
) -> MadeShareLink:
    """NoSuchRecord, NothingChosen, FieldNotKnown, TooManyLinks."""
    record = await holder.signable(vault, person_id, record_id)
    token = secrets.token_urlsafe(32)
    async with UnitOfWork(DB):
        known = await disclosures.particulars(vault, person_id, record)
        shown = chosen(wanted.fields, _texts(known))
        if await repository.open_links(person_id, now=now) >= MOST_OPEN:
            raise TooManyLinks
        link = _row(vault, person_id, record, shown, token, wanted.days, now)
        await repository.add(link)
    view = _view(vault, link, [], now)
    return MadeShareLink(**msgspec.structs.asdict(view), url=f"{await public_url()}/shared/{token}")


async def links(
    vault: Vault, person_id: UUID, record_id: UUID, *, now: datetime
) -> list[ShareLinkView]:
    """NoSuchRecord. Newest first."""
    record = await holder.signable(vault, person_id, record_id)
    async with UnitOfWork(DB):
        found = await repository.links_of(person_id, record.id, limit=_LISTED)
        views = await repository.views_of([link.id for link in found], most=_VIEWS)
    return [_view(vault, link, views[link.id], now) for link in found]


async def revoke(person_id: UUID, link_id: UUID, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        if not await repository.revoke(person_id, link_id, now=now):
            raise NoSuchLink


async def opened(vault: Vault, token: str, *, now: datetime) -> Shared:
    """NoSuchLink, whatever became of it. The holder will see that it was opened."""
    async with UnitOfWork(DB):
        link = await repository.by_token(_sha256(token))
        if link is None or _state(link, now) is not State.OPEN:
            raise NoSuchLink
        await repository.seen(link.id, minute(now))
    verdict = await records.verdict_for_code(link.number, now, vault=vault)
    return Shared(verdict, _shown(vault, link), link.created_at, link.expires_at)


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _texts(known: Particulars) -> dict[Field, str | None]:
    return {
        Field.NAME: known.name,
        Field.EMPLOYER: known.employer["name"] if known.employer else None,
        Field.REGISTRATION_NUMBER: known.registration_number,
        Field.SCORE: str(known.score),
    }


def _row(
    vault: Vault,
    person_id: UUID,
    record: Signable,
    shown: dict[str, str],
    token: str,
    days: int,
    now: datetime,
) -> ShareLink:
    new = uuid7()
    text = msgspec.json.encode(shown).decode()
    return ShareLink(
        id=new,
        holder=person_id,
        record_id=record.id,
        number=record.number,
        token_sha256=_sha256(token),
        shown_sealed=vault.seal(text, place(ShareLink.shown_sealed, new)),
        created_at=now,
        expires_at=ends_at(now, days),
    )


def _shown(vault: Vault, link: ShareLink) -> dict[Field, str]:
    text = vault.open(link.shown_sealed, place(ShareLink.shown_sealed, link.id))
    return msgspec.json.decode(text, type=dict[Field, str])


def _state(link: ShareLink, now: datetime) -> State:
    return state_of(expires_at=link.expires_at, revoked_at=link.revoked_at, now=now)


def _view(vault: Vault, link: ShareLink, views: list[datetime], now: datetime) -> ShareLinkView:
    return ShareLinkView(
        id=link.id,
        fields=list(_shown(vault, link)),
        state=_state(link, now),
        created_at=link.created_at,
        expires_at=link.expires_at,
        views=views,
    )
