"""Rows of signals, complaints, inspectors and spot checks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns.combination import And, Where, WhereRaw

from backend.oversight.domain import (
    FoundAlready,
    NoSuchComplaint,
    NoSuchSignal,
    NoSuchSpotCheck,
)
from backend.oversight.tables import (
    Complaint,
    ComplaintAttachment,
    ComplaintEvent,
    InspectorAppointment,
    IntegritySignal,
    SignalReview,
    SpotCheck,
    SpotCheckFinding,
    SpotCheckItem,
)
from infra.errors import NotFound
from infra.ids import uuid7

Units = tuple[str, ...] | None
"""None: all of them."""


class Appointed(msgspec.Struct, frozen=True):
    id: UUID
    inspector: UUID
    reporting_unit: str
    since: date
    until: date | None


class NoSuchAppointment(NotFound):
    """No such appointment; list the inspectors again."""

    zh = "没有这项任命，请刷新列表。"


# --- inspectors ---------------------------------------------------------------------------------


async def units_of(inspector: UUID, *, on: date) -> tuple[str, ...]:
    rows = await InspectorAppointment.select(InspectorAppointment.reporting_unit).where(
        InspectorAppointment.inspector == inspector,
        InspectorAppointment.since <= on,
        InspectorAppointment.until.is_null() | (InspectorAppointment.until >= on),
    )
    return tuple(sorted({row["reporting_unit"] for row in rows}))


async def appoint(
    inspector: UUID, unit: str, since: date, until: date | None, *, by: UUID, now: datetime
) -> Appointed:
    row = InspectorAppointment(
        id=uuid7(),
        inspector=inspector,
        reporting_unit=unit,
        since=since,
        until=until,
        appointed_by=by,
        appointed_at=now,
    )
    await InspectorAppointment.insert(row)
    return Appointed(row.id, inspector, unit, since, until)


async def end_appointment(appointment_id: UUID, *, last: date) -> Appointed:
    """From tomorrow on. One that has ended stays as it is; one that never began never will."""
    row = (
        await InspectorAppointment.select()
        .where(InspectorAppointment.id == appointment_id)
        .first()
        .lock_rows("UPDATE")
    )
    if row is None:
        raise NoSuchAppointment
    here = InspectorAppointment.id == appointment_id
    if row["since"] > last:  # its last day cannot lie before its first
        await InspectorAppointment.delete().where(here)
    elif row["until"] is None or row["until"] > last:
        await InspectorAppointment.update({InspectorAppointment.until: last}).where(here)
    return msgspec.convert(row, Appointed)


async def appointments(*, after: UUID | None, limit: int) -> list[Appointed]:
    rows = await (
        InspectorAppointment.select()
        .where(InspectorAppointment.id > (after or UUID(int=0)))
        .order_by(InspectorAppointment.id)
        .limit(limit)
    )
    return [msgspec.convert(row, Appointed) for row in rows]


# --- signals ------------------------------------------------------------------------------------


async def add_signal(signal: IntegritySignal) -> None:
    await IntegritySignal.insert(signal)


async def signals(units: Units, *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Newest first, each with its reviews: two queries."""
    rows: list[dict[str, Any]] = await (
        IntegritySignal.select()
        .where(_seen(IntegritySignal.id, IntegritySignal.reporting_unit, units, before))
        .order_by(IntegritySignal.id, ascending=False)
        .limit(limit)
    )
    reviews = await (
        SignalReview.select()
        .where(SignalReview.signal.is_in([row["id"] for row in rows] or [UUID(int=0)]))
        .order_by(SignalReview.id)
    )
    for row in rows:
        row["reviews"] = [review for review in reviews if review["signal"] == row["id"]]
    return rows


async def signal_place(signal_id: UUID) -> tuple[str | None, UUID | None]:
    """Its reporting unit, and who noted it."""
    row = (
        await IntegritySignal.select(IntegritySignal.reporting_unit, IntegritySignal.noted_by)
        .where(IntegritySignal.id == signal_id)
        .first()
    )
    if row is None:
        raise NoSuchSignal
    return row["reporting_unit"], row["noted_by"]


async def add_review(review: SignalReview) -> bool:
    """False when this person has reviewed it before."""
    return bool(await SignalReview.insert(review).on_conflict(action="DO NOTHING"))


# --- complaints ---------------------------------------------------------------------------------


async def add_complaint(complaint: Complaint) -> None:
    await Complaint.insert(complaint)


async def complaint_by_code(index: bytes, *, lock: bool = False) -> dict[str, Any]:
    return await _complaint(Complaint.tracking_index == index, lock=lock)


async def complaint_by_id(complaint_id: UUID, *, lock: bool = False) -> dict[str, Any]:
    return await _complaint(Complaint.id == complaint_id, lock=lock)


async def _complaint(condition: Where, *, lock: bool) -> dict[str, Any]:
    query = Complaint.select().where(condition).first()
    row: dict[str, Any] | None = await (query.lock_rows("UPDATE") if lock else query)
    if row is None:
        raise NoSuchComplaint
    return row


async def complaints(units: Units, *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Newest first, without what they say."""
    rows: list[dict[str, Any]] = await (
        Complaint.select(
            *(Complaint.id, Complaint.about_kind, Complaint.about, Complaint.reporting_unit),
            *(Complaint.state, Complaint.outcome, Complaint.received_at, Complaint.decided_at),
        )
        .where(_seen(Complaint.id, Complaint.reporting_unit, units, before))
        .order_by(Complaint.id, ascending=False)
        .limit(limit)
    )
    return rows


async def change_complaint(complaint_id: UUID, **values: Any) -> None:
    changed = {getattr(Complaint, name): value for name, value in values.items()}
    await Complaint.update(changed).where(Complaint.id == complaint_id)


async def add_event(event: ComplaintEvent) -> None:
    await ComplaintEvent.insert(event)


async def events_of(complaint_id: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await (
        ComplaintEvent.select()
        .where(ComplaintEvent.complaint == complaint_id)
        .order_by(ComplaintEvent.id)
    )
    return rows


async def attachments_of(complaint_id: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await (
        ComplaintAttachment.select()
        .where(ComplaintAttachment.complaint == complaint_id)
        .order_by(ComplaintAttachment.id)
    )
    return rows


async def add_attachment(attachment: ComplaintAttachment) -> bool:
    """False when this complaint has the same file already."""
    return bool(await ComplaintAttachment.insert(attachment).on_conflict(action="DO NOTHING"))


# --- spot checks --------------------------------------------------------------------------------


async def add_spot_check(check: SpotCheck, numbers: Sequence[str]) -> None:
    await SpotCheck.insert(check)
    items = [
        SpotCheckItem(id=uuid7(), spot_check=check.id, position=position, record_number=number)
        for position, number in enumerate(numbers, 1)
    ]
    await SpotCheckItem.insert(*items)


async def spot_check(check_id: UUID) -> dict[str, Any]:
    row: dict[str, Any] | None = await SpotCheck.select().where(SpotCheck.id == check_id).first()
    if row is None:
        raise NoSuchSpotCheck
    return row


async def spot_checks(units: Units, *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    columns = [column for column in SpotCheck.all_columns() if column is not SpotCheck.population]
    rows: list[dict[str, Any]] = await (
        SpotCheck.select(*columns)
        .where(_seen(SpotCheck.id, SpotCheck.reporting_unit, units, before))
        .order_by(SpotCheck.id, ascending=False)
        .limit(limit)
    )
    return rows


async def items_of(check_id: UUID) -> list[dict[str, Any]]:
    """In the order they were drawn, each with its finding or None: two queries."""
    items: list[dict[str, Any]] = await (
        SpotCheckItem.select()
        .where(SpotCheckItem.spot_check == check_id)
        .order_by(SpotCheckItem.position)
    )
    found = await SpotCheckFinding.select().where(SpotCheckFinding.item.spot_check == check_id)
    findings = {finding["item"]: finding for finding in found}
    return [{**item, "finding": findings.get(item["id"])} for item in items]


async def item_of(check_id: UUID, number: str) -> UUID:
    row = (
        await SpotCheckItem.select(SpotCheckItem.id)
        .where(SpotCheckItem.spot_check == check_id, SpotCheckItem.record_number == number)
        .first()
    )
    if row is None:
        raise NoSuchSpotCheck
    found: UUID = row["id"]
    return found


async def add_finding(finding: SpotCheckFinding) -> None:
    """FoundAlready."""
    if not await SpotCheckFinding.insert(finding).on_conflict(action="DO NOTHING"):
        raise FoundAlready


def _seen(key: Any, unit: Any, units: Units, before: UUID | None) -> Any:
    """Rows of these units, older than `before`. Ownership is decided here, in the query."""
    conditions: list[Any] = [WhereRaw("TRUE")]
    if units is not None:
        conditions.append(unit.is_in(list(units) or [""]))
    if before is not None:
        conditions.append(key < before)
    combined = conditions[0]
    for condition in conditions[1:]:
        combined = And(combined, condition)
    return combined
