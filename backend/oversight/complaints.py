"""Complaints (投诉): received from anyone, followed by a tracking code, decided by two people."""

import base64
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from backend.accounts.domain import Caller
from backend.organisations import service as organisations
from backend.oversight import repository
from backend.oversight.domain import (
    ComplaintState,
    NoSuchComplaint,
    Outcome,
    Step,
    after,
    check_second,
    check_takes_files,
    tracking_code,
    typed_code,
)
from backend.oversight.regions import sight_of
from backend.oversight.tables import Complaint, ComplaintAttachment, ComplaintEvent
from backend.records import service as records
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore
from infra.papers import Judged, judged
from infra.vault import Vault, place

_NOISE_BYTES = 13


class Received(msgspec.Struct, frozen=True):
    tracking_code: str
    """Told once; we keep only its keyed index."""


class Opened(msgspec.Struct, frozen=True):
    """A complaint as the office sees it."""

    row: dict[str, Any]
    text: str
    contact: str | None
    events: list[dict[str, Any]]
    attachments: list[dict[str, Any]]


async def receive(
    vault: Vault, kind: str, about: str, text: str, contact: str | None, *, now: datetime
) -> Received:
    """From anyone; no account, no name needed."""
    code, complaint_id = tracking_code(secrets.token_bytes(_NOISE_BYTES)), uuid7()
    async with UnitOfWork(DB):
        row = Complaint(
            id=complaint_id,
            tracking_index=_index(vault, code),
            about_kind=kind,
            about=about,
            reporting_unit=await _unit_of(kind, about),
            text_sealed=vault.seal(text, place(Complaint.text_sealed, complaint_id)),
            contact_sealed=vault.seal(contact, place(Complaint.contact_sealed, complaint_id))
            if contact
            else None,
            state=ComplaintState.RECEIVED,
            received_at=now,
        )
        await repository.add_complaint(row)
        await _note(complaint_id, Step.RECEIVED, now=now)
    return Received(code)


async def attach(
    vault: Vault, objects: ObjectStore, code: str, content: bytes, *, now: datetime
) -> Judged:
    """The same file again is the same file. Stored sealed, before the row that names it; what no
    row will name is not stored at all."""
    fit = judged(content)
    complaint = await repository.complaint_by_code(_index(vault, code))
    await _check_takes(complaint, fit)
    name = _object_name(complaint["id"], fit.sha256)
    sealed = vault.seal(base64.b85encode(content).decode(), name)
    await objects.put_bytes(name, sealed, "application/octet-stream")
    async with UnitOfWork(DB):
        held = await repository.complaint_by_id(complaint["id"], lock=True)
        if fit.sha256 not in await _check_takes(held, fit):
            await repository.add_attachment(
                ComplaintAttachment(
                    id=uuid7(),
                    complaint=complaint["id"],
                    media_type=fit.media_type,
                    size=len(content),
                    sha256=fit.sha256,
                    added_at=now,
                )
            )
            await _note(complaint["id"], Step.ATTACHED, now=now)
    return fit


async def check_open(vault: Vault, code: str) -> None:
    """NoSuchComplaint, ComplaintClosed."""
    complaint = await repository.complaint_by_code(_index(vault, code))
    check_takes_files(ComplaintState(complaint["state"]), (), "")


async def _check_takes(complaint: dict[str, Any], fit: Judged) -> set[str]:
    """The files it has, by hash. ComplaintClosed, TooManyAttachments."""
    known = {one["sha256"] for one in await repository.attachments_of(complaint["id"])}
    check_takes_files(ComplaintState(complaint["state"]), known, fit.sha256)
    return known


async def progress(
    vault: Vault, code: str
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """For whoever holds the tracking code: the complaint, its events, its files."""
    complaint = await repository.complaint_by_code(_index(vault, code))
    events = await repository.events_of(complaint["id"])
    return complaint, events, await repository.attachments_of(complaint["id"])


# --- the office -----------------------------------------------------------------------------------


async def seen_complaints(
    caller: Caller, *, before: UUID | None, limit: int, now: datetime
) -> list[dict[str, Any]]:
    sight = await sight_of(caller, now=now)
    return await repository.complaints(sight.units, before=before, limit=limit)


async def opened(vault: Vault, caller: Caller, complaint_id: UUID, *, now: datetime) -> Opened:
    """Reading one is an act that is kept: it may hold names."""
    async with UnitOfWork(DB):
        row = await _overseen(caller, complaint_id, now=now)
        await record_act(
            "complaint-read",
            actor=caller.person_id,
            subject=f"complaint:{complaint_id}",
            now=now,
        )
        events = await repository.events_of(complaint_id)
        attachments = await repository.attachments_of(complaint_id)
    contact = row["contact_sealed"]
    return Opened(
        row,
        vault.open(row["text_sealed"], place(Complaint.text_sealed, complaint_id)),
        vault.open(contact, place(Complaint.contact_sealed, complaint_id)) if contact else None,
        [_with_note(vault, event) for event in events],
        attachments,
    )


async def attachment(
    vault: Vault,
    objects: ObjectStore,
    caller: Caller,
    complaint_id: UUID,
    sha256: str,
    *,
    now: datetime,
) -> tuple[str, bytes]:
    """Media type and content."""
    async with UnitOfWork(DB):
        await _overseen(caller, complaint_id, now=now)
        found = await repository.attachments_of(complaint_id)
        await record_act(
            "complaint-read",
            actor=caller.person_id,
            subject=f"complaint:{complaint_id}",
            now=now,
            details={"attachment": sha256},
        )
    for one in found:
        if one["sha256"] == sha256:
            name = _object_name(complaint_id, sha256)
            content = base64.b85decode(vault.open(await objects.get_bytes(name), name))
            return one["media_type"], content
    raise NoSuchComplaint


async def investigate(
    vault: Vault, caller: Caller, complaint_id: UUID, note: str, said: str | None, *, now: datetime
) -> None:
    """`note` stays with us; `said` is for the complainant."""
    async with UnitOfWork(DB):
        await _step(vault, caller, complaint_id, Step.INVESTIGATED, note, said, now=now)


async def propose(
    vault: Vault,
    caller: Caller,
    complaint_id: UUID,
    outcome: Outcome,
    reason: str,
    *,
    now: datetime,
) -> None:
    async with UnitOfWork(DB):
        await _step(
            vault, caller, complaint_id, Step.PROPOSED, reason, None, now=now,
            outcome=outcome, proposed_by=caller.person_id,
        )  # fmt: skip


async def decide(
    vault: Vault,
    caller: Caller,
    complaint_id: UUID,
    reason: str,
    said: str | None,
    *,
    approved: bool,
    now: datetime,
) -> None:
    """The second person's word. SecondPersonNeeded for who proposed it."""
    async with UnitOfWork(DB):
        row = await _overseen(caller, complaint_id, now=now, lock=True)
        after(Step.DECIDED, ComplaintState(row["state"]))
        check_second(row["proposed_by"], caller.person_id)
        if approved:
            await repository.change_complaint(complaint_id, decided_at=now, state="decided")
            await _note(complaint_id, Step.DECIDED, vault, caller, reason, said, now=now)
        else:
            await repository.change_complaint(
                complaint_id, outcome=None, proposed_by=None, state="investigating"
            )
            await _note(complaint_id, Step.REJECTED, vault, caller, reason, None, now=now)
        await record_act(
            "complaint-decided" if approved else "complaint-sent-back",
            actor=caller.person_id,
            subject=f"complaint:{complaint_id}",
            now=now,
            details={"outcome": row["outcome"]},
        )


async def _step(
    vault: Vault,
    caller: Caller,
    complaint_id: UUID,
    step: Step,
    note: str,
    said: str | None,
    *,
    now: datetime,
    **facts: object,
) -> None:
    row = await _overseen(caller, complaint_id, now=now, lock=True)
    then = after(step, ComplaintState(row["state"]))
    await repository.change_complaint(complaint_id, state=then, **facts)
    await _note(complaint_id, step, vault, caller, note, said, now=now)
    await record_act(
        f"complaint-{step}",
        actor=caller.person_id,
        subject=f"complaint:{complaint_id}",
        now=now,
    )


async def _overseen(
    caller: Caller, complaint_id: UUID, *, now: datetime, lock: bool = False
) -> dict[str, Any]:
    row = await repository.complaint_by_id(complaint_id, lock=lock)
    sight = await sight_of(caller, now=now)
    if not sight.covers(row["reporting_unit"]):
        raise NoSuchComplaint
    return row


async def _note(
    complaint_id: UUID,
    step: Step,
    vault: Vault | None = None,
    caller: Caller | None = None,
    note: str | None = None,
    said: str | None = None,
    *,
    now: datetime,
) -> None:
    event_id = uuid7()
    sealed = None
    if vault is not None and note:
        sealed = vault.seal(note, place(ComplaintEvent.note_sealed, event_id))
    await repository.add_event(
        ComplaintEvent(
            id=event_id,
            complaint=complaint_id,
            step=step,
            said=said,
            note_sealed=sealed,
            actor=caller.person_id if caller else None,
            at=now,
        )
    )


def _with_note(vault: Vault, event: dict[str, Any]) -> dict[str, Any]:
    sealed = event["note_sealed"]
    note = vault.open(sealed, place(ComplaintEvent.note_sealed, event["id"])) if sealed else None
    return {**event, "note": note}


async def _unit_of(kind: str, about: str) -> str | None:
    """Whose inspectors see it. What names nothing that we know is for administrators."""
    if kind == "record":
        learner = await records.learner_of(about)
        units = (await organisations.units_of([learner])).get(learner, set()) if learner else set()
        return min(units, default=None)
    return await organisations.unit_of_code(about) if kind == "organisation" else None


def _index(vault: Vault, code: str) -> bytes:
    return vault.index(f"complaint\0{typed_code(code)}")


def _object_name(complaint_id: UUID, sha256: str) -> str:
    return f"complaints/{complaint_id}/{sha256}"
