"""Rows of exports and erasures. Ownership is in the query."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from backend.privacy.domain import ExportFacts, NoSuchExport
from backend.privacy.tables import Erasure, Export
from infra.ids import uuid7

_SHOWN = 20
_AT_ONCE = 50


class Begun(msgspec.Struct, frozen=True):
    person_id: UUID
    starts: int


class SealedFile(msgspec.Struct, frozen=True):
    attempt_id: UUID
    size: int
    key_sealed: bytes
    expires_at: datetime


# --- exports ----------------------------------------------------------------------------------


async def add_export(person_id: UUID, *, now: datetime) -> UUID | None:
    """None where one is under way."""
    export_id = uuid7()
    row = Export(id=export_id, person_id=person_id, state="waiting", requested_at=now)
    added = await Export.insert(row).on_conflict(action="DO NOTHING").returning(Export.id)
    return export_id if added else None


async def exports_of(person_id: UUID) -> list[ExportFacts]:
    rows = (
        await Export.select()
        .where(Export.person_id == person_id)
        .order_by(Export.id, ascending=False)
        .limit(_SHOWN)
    )
    return [msgspec.convert(row, ExportFacts) for row in rows]


async def export_of(export_id: UUID, *, person_id: UUID) -> ExportFacts:
    row = await Export.select().where(Export.id == export_id, Export.person_id == person_id).first()
    if row is None:
        raise NoSuchExport
    return msgspec.convert(row, ExportFacts)


async def sealed_file(export_id: UUID, *, person_id: UUID) -> SealedFile:
    row = (
        await Export.select(Export.attempt_id, Export.size, Export.key_sealed, Export.expires_at)
        .where(Export.id == export_id, Export.person_id == person_id, Export.state == "ready")
        .first()
    )
    if row is None:
        raise NoSuchExport
    return msgspec.convert(row, SealedFile)


async def begin_export(export_id: UUID, attempt_id: UUID, *, now: datetime) -> Begun | None:
    """None where there is nothing (more) to make."""
    rows = (
        await Export.update(
            {
                Export.state: "making",
                Export.attempt_id: attempt_id,
                Export.begun_at: now,
                Export.starts: Export.starts + 1,
            }
        )
        .where(Export.id == export_id, Export.state.is_in(["waiting", "making"]))
        .returning(Export.person_id, Export.starts)
    )
    return msgspec.convert(rows[0], Begun) if rows else None


async def fail_export(export_id: UUID) -> None:
    await Export.update({Export.state: "failed"}).where(Export.id == export_id)


async def finish_export(
    export_id: UUID,
    attempt_id: UUID,
    *,
    size: int,
    key_sealed: bytes,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Only the latest beginning finishes; an erasure meanwhile has taken the wish away."""
    await Export.update(
        {
            Export.state: "ready",
            Export.size: size,
            Export.key_sealed: key_sealed,
            Export.ready_at: now,
            Export.expires_at: expires_at,
        }
    ).where(Export.id == export_id, Export.attempt_id == attempt_id, Export.state == "making")


async def lost_exports(*, before: datetime) -> list[UUID]:
    """Asked for or begun that long ago, and still not made: their job must be lost."""
    rows = (
        await Export.select(Export.id)
        .where(
            (Export.state.is_in(["waiting", "making"]))
            & (Export.requested_at < before)
            & (Export.begun_at.is_null() | (Export.begun_at < before))
        )
        .limit(_AT_ONCE)
    )
    return [row["id"] for row in rows]


async def expire_exports(*, now: datetime) -> int:
    """The keys go: what is left in the store is noise. Files follow."""
    rows = (
        await Export.update({Export.state: "removed", Export.key_sealed: None})
        .where(Export.state == "ready", Export.expires_at <= now)
        .returning(Export.id)
    )
    return len(rows)


async def needed_exports(export_ids: Collection[UUID]) -> frozenset[UUID]:
    rows = await Export.select(Export.id).where(
        Export.id.is_in(list(export_ids) or [UUID(int=0)]),
        Export.state.is_in(["waiting", "making", "ready"]),
    )
    return frozenset(row["id"] for row in rows)


# --- erasures ---------------------------------------------------------------------------------


async def add_erasure(person_id: UUID, *, now: datetime, think: timedelta) -> None:
    """Asked again, the first wish counts."""
    row = Erasure(
        id=uuid7(), person_id=person_id, state="waiting", requested_at=now, due_at=now + think
    )
    await Erasure.insert(row).on_conflict(action="DO NOTHING")


async def latest_erasure(person_id: UUID) -> Erasure | None:
    return (
        await Erasure.objects()
        .where(Erasure.person_id == person_id)
        .order_by(Erasure.id, ascending=False)
        .first()
    )


async def cancel_erasure(person_id: UUID, *, now: datetime) -> bool:
    rows = (
        await Erasure.update({Erasure.state: "cancelled", Erasure.ended_at: now})
        .where(Erasure.person_id == person_id, Erasure.state == "waiting", Erasure.due_at > now)
        .returning(Erasure.id)
    )
    return bool(rows)


async def due_erasures(*, now: datetime) -> list[UUID]:
    """Those begun and not ended come round again: every step is safe to repeat."""
    rows = (
        await Erasure.select(Erasure.id)
        .where(Erasure.state.is_in(["waiting", "running"]), Erasure.due_at <= now)
        .order_by(Erasure.due_at)
        .limit(_AT_ONCE)
    )
    return [row["id"] for row in rows]


async def lock_erasure(erasure_id: UUID) -> Erasure | None:
    return await Erasure.objects().where(Erasure.id == erasure_id).lock_rows("UPDATE").first()


async def start_erasure(erasure_id: UUID) -> None:
    await Erasure.update({Erasure.state: "running"}).where(Erasure.id == erasure_id)


async def end_erasure(erasure_id: UUID, *, now: datetime, kept_until: datetime | None) -> None:
    await Erasure.update(
        {Erasure.state: "done", Erasure.ended_at: now, Erasure.kept_until: kept_until}
    ).where(Erasure.id == erasure_id)


async def to_forget(*, now: datetime) -> list[Erasure]:
    return (
        await Erasure.objects()
        .where(Erasure.kept_until <= now, Erasure.forgotten_at.is_null())
        .limit(_AT_ONCE)
    )


async def mark_forgotten(erasure_id: UUID, *, now: datetime) -> None:
    await Erasure.update({Erasure.forgotten_at: now}).where(Erasure.id == erasure_id)
