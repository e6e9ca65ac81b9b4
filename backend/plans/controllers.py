"""The home screen over HTTP."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.domain import Caller
from backend.accounts.guards import requires
from backend.plans import service
from backend.plans.schemas import Home, NewPlan, PlanView

_OWN = [requires(whose="own")]


@get(
    "/v1/home",
    operation_id="GetHome",
    summary="The home screen: what comes next, how far I am, what is due, what is unread",
    guards=_OWN,
    tags=["plans"],
)
async def home(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> Response[Home]:
    """With an ETag: a phone that has this very screen gets 304 and no body."""
    shown = await service.home(caller.person_id, now=now)
    tag = f'"{hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(content=None, status_code=304, headers=headers)  # type: ignore[arg-type]
    return Response(content=shown, headers=headers)


@put(
    "/v1/enrolments/{enrolment_id:uuid}/plan",
    operation_id="PlanEnrolment",
    summary="The day by which I want to be through; null takes it away",
    guards=_OWN,
    tags=["plans"],
)
async def plan(
    enrolment_id: FromPath[UUID],
    data: JSONBody[NewPlan],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> PlanView:
    return await service.set_plan(caller.person_id, enrolment_id, data.finish_by, now=now)


ROUTES: list[Any] = [home, plan]
