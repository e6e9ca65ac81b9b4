"""Classes over HTTP: plan, enrol, check in and out, confirm, correct."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.class_sessions import service
from backend.class_sessions.codes import Purpose
from backend.class_sessions.schemas import (
    Cancellation,
    CheckedIn,
    CheckIn,
    ClassList,
    ClassView,
    CodeShown,
    Confirmation,
    Confirmed,
    Correction,
    HandScan,
    MySeats,
    NewClass,
    SeatHours,
    SeatList,
)
from infra.vault import Vault

_ANYONE = requires(whose="open to all or to their organisation")
_MANAGER = requires(whose="organisation they manage")
_TEACHER = requires(whose="class they teach or whose organiser they manage")
Limit = Annotated[int, QueryParameter(ge=1, le=100)]
Cursor = Annotated[str | None, QueryParameter(max_length=100, pattern=r"^[0-9A-Za-z:+._-]*$")]


class ClassController(Controller):
    path = "/v1/class-sessions"
    tags = ("class sessions",)

    @get("/", operation_id="ListClassSessions", summary="Classes to come", guards=[_ANYONE])
    async def all(
        self,
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ClassList:
        return await service.upcoming(caller=caller.person_id, cursor=cursor, limit=limit, now=now)

    @post("/", operation_id="PlanClassSession", summary="Plan a class", guards=[_MANAGER])
    async def plan(
        self,
        data: JSONBody[NewClass],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> ClassView:
        return await service.plan(data, manager=caller.person_id, now=now)

    @get("/{session_id:uuid}", operation_id="GetClassSession", guards=[_ANYONE])
    async def one(self, session_id: FromPath[UUID], caller: NamedDependency[Caller]) -> ClassView:
        """One class, with my seat in it."""
        return await service.one(session_id, caller=caller.person_id)

    @post(
        "/{session_id:uuid}/cancellation",
        operation_id="CancelClassSession",
        status_code=204,
        guards=[_TEACHER],
    )
    async def cancel(
        self,
        session_id: FromPath[UUID],
        data: JSONBody[Cancellation],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        """Call a class off."""
        await service.cancel(session_id, data.reason, caller=caller.person_id, now=now)

    @put("/{session_id:uuid}/seat", operation_id="TakeClassSeat", guards=[_ANYONE])
    async def enrol(
        self,
        session_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> ClassView:
        """A seat, or a place on the waiting list where all are taken; `mySeat` says which."""
        return await service.enrol(session_id, person=caller.person_id, now=now)

    @delete("/{session_id:uuid}/seat", operation_id="GiveBackClassSeat", guards=[_ANYONE])
    async def withdraw(
        self,
        session_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        """Give my seat back; the first who waits gets it."""
        await service.withdraw(session_id, person=caller.person_id, now=now)

    @get("/{session_id:uuid}/code", operation_id="ShowClassCode", guards=[_TEACHER])
    async def code(
        self,
        session_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
        purpose: FromQuery[Purpose] = Purpose.IN,
    ) -> Response[CodeShown]:
        """The code of these 30 seconds, for the screen of the room."""
        shown = await service.show_code(
            vault, session_id, purpose, caller=caller.person_id, now=now
        )
        return Response(shown, headers={"Cache-Control": "no-store"})

    @get("/{session_id:uuid}/seats", operation_id="ListClassSeats", guards=[_TEACHER])
    async def seats(
        self,
        session_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> SeatList:
        """The list of the class, names masked."""
        return await service.seats(
            vault, session_id, caller=caller.person_id, cursor=cursor, limit=limit
        )

    @post(
        "/{session_id:uuid}/seats/{seat_id:uuid}/scans",
        operation_id="ScanByHand",
        status_code=204,
        guards=[_TEACHER],
    )
    async def scan_by_hand(
        self,
        session_id: FromPath[UUID],
        seat_id: FromPath[UUID],
        data: JSONBody[HandScan],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        """Check somebody in or out who has no phone, or left without a scan."""
        await service.scan_by_hand(session_id, seat_id, data, caller=caller.person_id, now=now)

    @delete(
        "/{session_id:uuid}/seats/{seat_id:uuid}/device",
        operation_id="ReleaseClassDevice",
        guards=[_TEACHER],
    )
    async def release(
        self,
        session_id: FromPath[UUID],
        seat_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        """Let a seat's holder go on with another phone."""
        await service.release_device(session_id, seat_id, caller=caller.person_id, now=now)

    @post(
        "/{session_id:uuid}/confirmation",
        operation_id="ConfirmClassSession",
        status_code=200,
        guards=[_TEACHER],
    )
    async def confirm(
        self,
        session_id: FromPath[UUID],
        data: JSONBody[Confirmation],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Confirmed:
        """Confirm the list once, after the end; hours are entered by it."""
        return await service.confirm(session_id, data.absent, caller=caller.person_id, now=now)

    @post(
        "/{session_id:uuid}/seats/{seat_id:uuid}/corrections",
        operation_id="CorrectClassHours",
        guards=[_TEACHER],
    )
    async def correct(
        self,
        session_id: FromPath[UUID],
        seat_id: FromPath[UUID],
        data: JSONBody[Correction],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> SeatHours:
        """Add a counter-entry, plus or minus; what was entered stays."""
        return await service.correct(session_id, seat_id, data, caller=caller.person_id, now=now)


@post(
    "/v1/class-check-ins",
    operation_id="CheckInToClass",
    summary="Check in or out with the code on the instructor's screen",
    tags=["class sessions"],
    status_code=200,
    guards=[requires(whose="own")],
)
async def check_in(
    data: JSONBody[CheckIn],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> CheckedIn:
    return await service.check_in(vault, data.code, data.device, person=caller.person_id, now=now)


@get(
    "/v1/me/class-seats",
    operation_id="ListMyClassSeats",
    summary="My classes and their hours",
    tags=["class sessions"],
    guards=[requires(whose="own")],
)
async def my_seats(
    caller: NamedDependency[Caller], cursor: FromQuery[UUID | None] = None, limit: Limit = 50
) -> MySeats:
    return await service.my_seats(person=caller.person_id, cursor=cursor, limit=limit)


@get(
    "/v1/me/taught-classes",
    operation_id="ListTaughtClasses",
    summary="Classes I teach, or whose organiser I manage",
    tags=["class sessions"],
    guards=[requires(whose="own")],
)
async def taught(
    caller: NamedDependency[Caller], cursor: FromQuery[UUID | None] = None, limit: Limit = 50
) -> ClassList:
    return await service.looked_after(caller=caller.person_id, cursor=cursor, limit=limit)


ROUTES: list[Any] = [ClassController, check_in, my_seats, taught]
