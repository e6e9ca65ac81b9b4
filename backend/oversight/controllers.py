"""Signals, inspectors and spot checks over HTTP; complaints are beside."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, PathParameter

from backend.accounts.domain import Caller
from backend.organisations import service as organisations
from backend.oversight import complaint_routes, regions, repository, signals, spot_checks
from backend.oversight.domain import SignalSource
from backend.oversight.guards import APPOINTERS, OVERSEERS, Limit, page_of, view_of
from backend.oversight.schemas import (
    AppointmentPage,
    AppointmentView,
    DrawnRecord,
    NewAppointment,
    NewFinding,
    NewSignal,
    NewSpotCheck,
    Review,
    SignalNoted,
    SignalPage,
    SignalReviewView,
    SignalView,
    SpotCheckLine,
    SpotCheckPage,
    SpotCheckView,
)
from infra.errors import Invalid
from infra.settings import Settings
from infra.vault import Vault

Number = Annotated[str, PathParameter(min_length=4, max_length=32)]


FIRST_DAY, LAST_DAY = date(2019, 8, 1), date(2199, 12, 31)


class DaysTurnedRound(Invalid):
    """The last day lies before the first; turn them round."""

    zh = "结束日期早于开始日期，请调整。"


class DayOutOfTime(Invalid):
    """No training was before August 2019, and none is planned for after 2199; correct the day."""

    zh = "日期应在 2019 年 8 月至 2199 年之间，请更正。"


def _check_days(first: date, last: date | None) -> None:
    if not FIRST_DAY <= first <= LAST_DAY or not FIRST_DAY <= (last or first) <= LAST_DAY:
        raise DayOutOfTime
    if last is not None and last < first:
        raise DaysTurnedRound


class SignalController(Controller):
    path = "/v1/integrity-signals"
    tags = ("oversight",)
    guards = (OVERSEERS,)

    @get("/", operation_id="ListSignals", summary="Signals that I oversee, newest first")
    async def many(
        self,
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> SignalPage:
        found = await signals.seen_signals(caller, before=cursor, limit=limit + 1, now=now)
        shown, more = page_of(found, limit)
        for row in shown:
            row["reviews"] = [view_of(SignalReviewView, one) for one in row["reviews"]]
        return SignalPage(items=[view_of(SignalView, row) for row in shown], next_cursor=more)

    @post("/", operation_id="NoteSignal", summary="Note what I observed")
    async def note(
        self,
        data: JSONBody[NewSignal],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> SignalNoted:
        await regions.sight_over(caller, data.reporting_unit, now=now)
        made = await signals.note_signal(
            SignalSource.OBSERVATION,
            data.subject_kind,
            data.subject,
            strength=data.strength,
            explanation=data.explanation,
            unit=data.reporting_unit,
            by=caller.person_id,
            now=now,
        )
        return SignalNoted(id=made)

    @post(
        "/{signal_id:uuid}/reviews",
        operation_id="ReviewSignal",
        summary="Confirm or dismiss a signal that another noted",
        status_code=204,
    )
    async def review(
        self,
        signal_id: FromPath[UUID],
        data: JSONBody[Review],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await signals.review(caller, signal_id, data.verdict, data.reason, now=now)


class InspectorController(Controller):
    path = "/v1/inspectors"
    tags = ("oversight",)
    guards = (APPOINTERS,)

    @get("/", operation_id="ListInspectors", summary="Appointments of inspectors")
    async def many(
        self, cursor: FromQuery[UUID | None] = None, limit: Limit = 50
    ) -> AppointmentPage:
        found = await repository.appointments(after=cursor, limit=limit + 1)
        shown = found[:limit]
        return AppointmentPage(
            items=[msgspec.convert(one, AppointmentView, from_attributes=True) for one in shown],
            next_cursor=shown[-1].id if len(found) > limit else None,
        )

    @post("/", operation_id="AppointInspector", summary="Give an inspector a reporting unit")
    async def appoint(
        self,
        data: JSONBody[NewAppointment],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> AppointmentView:
        """The person needs the inspector role besides."""
        _check_days(data.since, data.until)
        made = await regions.appoint(
            data.inspector,
            organisations.known_unit(data.reporting_unit, on=regions.day_of(now)),
            data.since,
            data.until,
            by=caller.person_id,
            now=now,
        )
        return msgspec.convert(made, AppointmentView, from_attributes=True)

    @delete(
        "/{appointment_id:uuid}",
        operation_id="DismissInspector",
        summary="End an appointment with today",
    )
    async def dismiss(
        self,
        appointment_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> None:
        await regions.end(appointment_id, by=caller.person_id, now=now)


class SpotCheckController(Controller):
    path = "/v1/spot-checks"
    tags = ("oversight",)
    guards = (OVERSEERS,)

    @get("/", operation_id="ListSpotChecks", summary="Spot checks in my regions, newest first")
    async def many(
        self,
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
        cursor: FromQuery[UUID | None] = None,
        limit: Limit = 50,
    ) -> SpotCheckPage:
        found = await spot_checks.seen_spot_checks(caller, before=cursor, limit=limit + 1, now=now)
        shown, more = page_of(found, limit)
        return SpotCheckPage(items=[view_of(SpotCheckLine, row) for row in shown], next_cursor=more)

    @post("/", operation_id="DrawSpotCheck", summary="Draw a sample of records")
    async def draw(
        self,
        data: JSONBody[NewSpotCheck],
        caller: NamedDependency[Caller],
        settings: NamedDependency[Settings],
        now: NamedDependency[datetime],
    ) -> SpotCheckView:
        _check_days(data.issued_from, data.issued_until)
        order = spot_checks.Order(
            data.reporting_unit, data.issued_from, data.issued_until, data.size, data.purpose
        )
        made = await spot_checks.draw(caller, order, demonstration=settings.demo, now=now)
        return await _shown(caller, made, now)

    @get("/{check_id:uuid}", operation_id="GetSpotCheck", summary="Seed, sample and findings")
    async def one(
        self,
        check_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> SpotCheckView:
        return await _shown(caller, check_id, now)

    @get(
        "/{check_id:uuid}/population",
        operation_id="GetSpotCheckPopulation",
        summary="All numbers it was drawn from, one a line",
        media_type="text/plain",
    )
    async def population(
        self,
        check_id: FromPath[UUID],
        caller: NamedDependency[Caller],
        now: NamedDependency[datetime],
    ) -> Response[bytes]:
        text = await spot_checks.population(caller, check_id, now=now)
        return Response(text, media_type="text/plain")

    @post(
        "/{check_id:uuid}/records/{number:str}/finding",
        operation_id="FileFinding",
        summary="What I found of a record",
        status_code=204,
    )
    async def find(
        self,
        check_id: FromPath[UUID],
        number: Number,
        data: JSONBody[NewFinding],
        caller: NamedDependency[Caller],
        vault: NamedDependency[Vault],
        now: NamedDependency[datetime],
    ) -> None:
        await spot_checks.find(vault, caller, check_id, number, data.finding, data.note, now=now)


async def _shown(caller: Caller, check_id: UUID, now: datetime) -> SpotCheckView:
    check, items = await spot_checks.spot_check(caller, check_id, now=now)
    records = [
        DrawnRecord(
            number=item["record_number"],
            finding=item["finding"]["finding"] if item["finding"] else None,
            found_at=item["finding"]["at"] if item["finding"] else None,
        )
        for item in items
    ]
    seed = bytes(check["seed"]).hex()
    return view_of(SpotCheckView, {**check, "seed": seed, "records": records})


ROUTES: list[Any] = [
    SignalController,
    InspectorController,
    SpotCheckController,
    *complaint_routes.ROUTES,
]
