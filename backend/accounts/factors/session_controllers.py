"""My sessions over HTTP. An ended one is known in this process at once, elsewhere in seconds."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import delete, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from backend.accounts.domain import Caller, SessionEnded
from backend.accounts.factors import sessions
from backend.accounts.factors.schemas import MySession, MySessions, SessionsEnded
from backend.accounts.factors.sessions import OpenSession
from backend.accounts.guards import requires


@get(
    "/v1/sessions",
    operation_id="ListSessions",
    summary="Where I am signed in, the newest first",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def mine(
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> MySessions:
    found = await sessions.open_sessions(caller.person_id, before=cursor, limit=limit + 1, now=now)
    items = [_view(session, caller) for session in found[:limit]]
    return MySessions(items=items, next_cursor=items[-1].id if len(found) > limit else None)


@delete(
    "/v1/sessions/{session_id:uuid}",
    operation_id="EndSession",
    summary="End one of my sessions",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def end(
    session_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    state: State,
    now: NamedDependency[datetime],
) -> None:
    current = session_id == caller.session_id
    await sessions.end(session_id, caller.person_id, current=current, now=now)
    state.revocations.add(session_id)


@delete(
    "/v1/sessions",
    operation_id="EndOtherSessions",
    summary="End all my sessions but this one",
    tags=["accounts"],
    guards=[requires(whose="own")],
    status_code=200,
)
async def end_others(
    caller: NamedDependency[Caller], state: State, now: NamedDependency[datetime]
) -> SessionsEnded:
    if caller.session_id is None:
        raise SessionEnded
    ended = await sessions.end_others(caller.session_id, caller.person_id, now=now)
    for session_id in ended:
        state.revocations.add(session_id)
    return SessionsEnded(ended=len(ended))


def _view(session: OpenSession, caller: Caller) -> MySession:
    return MySession(
        id=session.id,
        device=session.device,
        method=session.method,
        started_at=session.started_at,
        last_used_at=session.last_used_at or session.started_at,
        expires_at=session.expires_at,
        second_factor=session.second_factor_at is not None,
        current=session.id == caller.session_id,
    )


ROUTES: list[Any] = [mine, end, end_others]
