"""What a person may ask of us under PIPL. One `UnitOfWork` each."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from backend.accounts import privacy_facts as accounts
from backend.accounts import service as signing_in
from backend.accounts.domain import Caller
from backend.organisations import privacy_facts as organisations
from backend.privacy import links, repository, withdrawing
from backend.privacy.domain import (
    LINK_LIFETIME,
    ConsentState,
    ErasureState,
    ExportFacts,
    ExportLinkNotValid,
    ExportNotReady,
    ExportState,
    ExportUnderWay,
    GiveUpRolesFirst,
    NameIsVerified,
    NeededForTheAccount,
    NoErasureToCancel,
    NoSuchExport,
    consent_state,
    file_name,
)
from backend.privacy.schemas import ConsentView
from backend.privacy.tables import Erasure, Export
from backend.privacy_notices import Notice, current, notice_to_answer
from infra import consents
from infra.consents import Purpose
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.queue import enqueue
from infra.sealed_pieces import opened, sealed_size
from infra.vault import Vault, place

EXPORT = "privacy.export"


# --- consent ----------------------------------------------------------------------------------


async def consents_of(person_id: UUID) -> list[ConsentView]:
    said = await consents.last_said(person_id)
    return [_consent(notice, said.get(purpose)) for purpose, notice in current().items()]


async def answer(
    person_id: UUID, purpose: Purpose, version: str, *, given: bool, now: datetime
) -> Notice:
    """NoSuchNotice for a version that no longer holds; NeededForTheAccount. Said twice, the second
    time is kept too: it shows when."""
    notice = notice_to_answer(purpose, version)
    if not given and notice.needed_for_account:
        raise NeededForTheAccount
    async with UnitOfWork(DB):
        await consents.say(
            person_id, purpose, version, notice_sha256=notice.sha256, given=given, at=now
        )
        if not given:
            await withdrawing.stop(person_id, purpose, now=now)
    return notice


def _consent(notice: Notice, said: consents.Said | None) -> ConsentView:
    return ConsentView(
        purpose=notice.purpose,
        state=consent_state(
            said.given if said else None, said.version if said else None, notice.version
        ),
        current_version=notice.version,
        needed_for_account=notice.needed_for_account,
        version=said.version if said else None,
        at=said.at if said else None,
    )


def state_after(given: bool) -> ConsentState:
    return ConsentState.GIVEN if given else ConsentState.WITHDRAWN


# --- export -----------------------------------------------------------------------------------


async def ask_for_export(person_id: UUID, *, now: datetime) -> ExportFacts:
    async with UnitOfWork(DB):
        export_id = await repository.add_export(person_id, now=now)
        if export_id is not None:
            await enqueue(EXPORT, {"export_id": str(export_id)})
    if export_id is None:
        raise ExportUnderWay
    return await repository.export_of(export_id, person_id=person_id)


async def exports_of(person_id: UUID) -> list[ExportFacts]:
    return await repository.exports_of(person_id)


async def export_link(vault: Vault, caller: Caller, export_id: UUID, *, now: datetime) -> str:
    """The path to fetch. NoSuchExport, ExportNotReady."""
    found = await repository.export_of(export_id, person_id=caller.person_id)
    state = found.shown_state(now=now)
    if state in {ExportState.WAITING, ExportState.MAKING}:
        raise ExportNotReady
    if state is not ExportState.READY:
        raise NoSuchExport
    token = links.mint(vault, export_id, caller.person_id, caller.session_id, now=now)
    return f"/v1/exports/{token}"


async def open_export(
    objects: ObjectStore, vault: Vault, token: str, *, now: datetime
) -> tuple[int, AsyncIterator[bytes]]:
    """Size and content of the plain file. ExportLinkNotValid, NoSuchExport."""
    link = links.read(vault, token, now=now)
    if link.session and await signing_in.session_ended(link.session):
        raise ExportLinkNotValid
    found = await repository.sealed_file(link.export, person_id=link.person)
    if found.expires_at <= now:
        raise NoSuchExport
    name = file_name(link.export, found.attempt_id)
    stored = objects.stream(name, 0, sealed_size(found.size))
    key = bytes.fromhex(vault.open(found.key_sealed, place(Export.key_sealed, link.export)))
    return found.size, opened(key, found.size, stored)


def link_seconds() -> int:
    return int(LINK_LIFETIME.total_seconds())


# --- correction -------------------------------------------------------------------------------


async def correct_name(vault: Vault, person_id: UUID, name: str) -> None:
    """Before identity verification directly; afterwards NameIsVerified. Logins are corrected by
    linking another one (accounts)."""
    async with UnitOfWork(DB):
        if not await accounts.correct_name(vault, person_id, name):
            raise NameIsVerified


# --- erasure ----------------------------------------------------------------------------------


async def ask_for_erasure(person_id: UUID, *, think: timedelta, now: datetime) -> Erasure:
    """GiveUpRolesFirst. Asked again, the first wish counts."""
    async with UnitOfWork(DB):
        if roles := await accounts.roles_to_give_up(person_id):
            raise GiveUpRolesFirst(roles)
        await repository.add_erasure(person_id, now=now, think=think)
        found = await repository.latest_erasure(person_id)
    assert found is not None
    return found


async def erasure_of(person_id: UUID) -> Erasure:
    found = await repository.latest_erasure(person_id)
    if found is None:
        raise NoErasureToCancel
    return found


async def left_alone_by(erasure: Erasure) -> list[str]:
    """Names of organisations that nobody else manages, while there is time to hand them over."""
    waits = erasure.state == ErasureState.WAITING
    return await organisations.managed_alone(erasure.person_id) if waits else []


async def cancel_erasure(person_id: UUID, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        if not await repository.cancel_erasure(person_id, now=now):
            raise NoErasureToCancel
