"""Checking in and out: the code on the screen, the phone that reads it, the instructor's hand."""

from datetime import datetime
from io import BytesIO
from uuid import UUID

import segno

from backend.accounts import service as accounts
from backend.class_sessions import attendance_rows, codes, repository
from backend.class_sessions.codes import Purpose, Shown
from backend.class_sessions.domain import (
    CheckInFirst,
    Scan,
    check_device,
    check_not_own,
    check_open,
    check_planned,
    check_seat,
    checked_hand_time,
    presence,
    rules_at,
)
from backend.class_sessions.elsewhere import Visit, check_nowhere_else
from backend.class_sessions.planning import check_looks_after
from backend.class_sessions.repository import Seat, Session
from backend.class_sessions.schemas import CheckedIn, CodeShown, HandScan
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.instance import public_url
from infra.vault import Vault

_NOT_VERIFIED = {
    "zh": "出勤已登记。尚未实名认证：学时保留，但在完成认证之前不能出具培训证明。",
    "en": "You are registered. Your identity is not verified yet: the hours are kept, but no record"
    " can be issued before it is.",
}


async def show_code(
    vault: Vault, session_id: UUID, purpose: Purpose, *, caller: UUID, now: datetime
) -> CodeShown:
    async with UnitOfWork(DB):
        session = await repository.session_of(session_id)
        await check_looks_after(caller, session)
        check_open(session.state, session.whole, rules_at(now), now=now)
        seats = await repository.enrolled(session_id)
        scans = await attendance_rows.scans_of([seat.id for seat in seats])
        address = await public_url()
    step = codes.step_of(now)
    url = f"{address}/c/{codes.written(vault, Shown(session_id, purpose, step))}"
    return CodeShown(
        purpose=purpose,
        url=url,
        svg=_drawn(url),
        refresh_in=max(1, int((codes.ends_at(step) - now).total_seconds() * 1000)),
        checked_in=sum(presence(scans[seat.id]).open_since is not None for seat in seats),
        enrolled=len(seats),
    )


async def check_in(
    vault: Vault, code: str, device: UUID, *, person: UUID, now: datetime
) -> CheckedIn:
    """In or out, as the code says. The same again answers the same and changes nothing."""
    shown = codes.read(vault, code, now=now)
    device_index = vault.index(f"class-device\0{device}")
    async with UnitOfWork(DB):
        session = await repository.hold_session(shown.session_id)
        check_open(session.state, session.whole, rules_at(now), now=now)
        seat = await repository.lock_seat_of(session.id, person)
        check_seat(seat.state if seat else None)
        assert seat is not None
        check_device(seat.device_index, device_index)
        if seat.device_index is None:
            await repository.bind_device(seat.id, device_index)
        at = await add_scan(session, seat, shown, person=person, now=now)
    return await _answer(vault, session, shown.purpose, at, person)


async def add_scan(
    session: Session, seat: Seat, shown: Shown, *, person: UUID, now: datetime
) -> datetime:
    """When it counts from: a repeated scan counts from the first."""
    scans = (await attendance_rows.scans_of([seat.id]))[seat.id]
    so_far = presence(scans)
    if shown.purpose is Purpose.IN and so_far.open_since is not None:
        return so_far.open_since
    if shown.purpose is Purpose.OUT and so_far.open_since is None:
        if not so_far.spans:
            raise CheckInFirst
        return so_far.spans[-1].ends_at
    scan = Scan(shown.purpose.value, now)
    await _check_nowhere_else(session, seat, [*scans, scan])
    await attendance_rows.add_scan(seat.id, scan, step=shown.step, reason=None, by=person, now=now)
    return now


async def _check_nowhere_else(session: Session, seat: Seat, scans: list[Scan]) -> None:
    """InAnotherClass. Under the person's lock, which two classes that take one person in at the
    same moment both ask for."""
    await attendance_rows.lock_people([seat.person])
    others = await attendance_rows.visits_elsewhere(seat.person, session.id)
    check_nowhere_else(Visit(session.whole, session.state, scans), others)


async def _answer(
    vault: Vault, session: Session, purpose: Purpose, at: datetime, person: UUID
) -> CheckedIn:
    verified = (await accounts.holder_of(vault, person)).identity_verified
    return CheckedIn(
        purpose=purpose,
        session=session.id,
        title=session.title,
        place=session.place,
        at=at,
        identity_verified=verified,
        notice=None if verified else _NOT_VERIFIED,
    )


async def scan_by_hand(
    session_id: UUID, seat_id: UUID, wanted: HandScan, *, caller: UUID, now: datetime
) -> None:
    """For who has no phone, or left without a scan; with a reason, and in the audit trail."""
    async with UnitOfWork(DB):
        session = await repository.hold_session(session_id)
        await check_looks_after(caller, session)
        check_planned(session.state)
        rules = rules_at(now)
        if wanted.at is None:
            check_open(session.state, session.whole, rules, now=now)
        seat = await repository.lock_seat(session_id, seat_id)
        check_not_own(seat.person, caller)
        check_seat(seat.state)
        at = checked_hand_time(wanted.at or now, session.whole, rules, now=now)
        scan = Scan(wanted.purpose.value, at)
        known = (await attendance_rows.scans_of([seat.id]))[seat.id]
        await _check_nowhere_else(session, seat, [*known, scan])
        await attendance_rows.add_scan(
            seat.id, scan, step=None, reason=wanted.reason, by=caller, now=now
        )
        await record_act(
            "class-scan-by-hand",
            actor=caller,
            subject=f"class-seat:{seat.id}",
            now=now,
            details={"purpose": wanted.purpose.value, "at": at.isoformat()},
        )


async def release_device(session_id: UUID, seat_id: UUID, *, caller: UUID, now: datetime) -> None:
    """Somebody's phone died: the next one that checks in takes its place."""
    async with UnitOfWork(DB):
        session = await repository.session_of(session_id)
        await check_looks_after(caller, session)
        seat = await repository.lock_seat(session_id, seat_id)
        await repository.bind_device(seat.id, None)
        await record_act(
            "class-device-released", actor=caller, subject=f"class-seat:{seat.id}", now=now
        )


def _drawn(url: str) -> str:
    """Error level L and no logo: read from the last row of a room."""
    svg = BytesIO()
    segno.make(url, error="l", micro=False).save(
        svg, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, dark="#000"
    )
    return svg.getvalue().decode()
