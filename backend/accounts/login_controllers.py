"""My logins and my password over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import delete, get, post, put
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts import logins, password_change
from backend.accounts.breached import acceptable_password
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import (
    Caller,
    Login,
    OneProof,
    checked_login,
    typed_login,
)
from backend.accounts.guards import requires
from backend.accounts.logins import OwnLogin
from backend.accounts.schemas import MyLogin, MyLogins, NewLogin, NewPasswordRequest
from infra.vault import Vault


@get(
    "/v1/me/logins",
    operation_id="MyLogins",
    summary="What I sign in with, masked",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def my_logins(caller: NamedDependency[Caller], vault: NamedDependency[Vault]) -> MyLogins:
    found = await logins.my_logins(vault, caller.person_id)
    password = await logins.has_password(caller.person_id)
    return MyLogins(items=[_shown(login) for login in found], password=password)


@post(
    "/v1/me/logins",
    operation_id="LinkLogin",
    summary="Sign in with another e-mail address or number too",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def link_login(
    data: JSONBody[NewLogin],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    now: NamedDependency[datetime],
) -> MyLogin:
    """Needs a code of purpose `link`, and a sign-in that is fresh."""
    login = checked_login(data.login)
    linked = await logins.link_login(
        desk, caller, login, data.code_id, data.code, visit=visit, now=now
    )
    return _shown(linked)


@delete(
    "/v1/me/logins/{login_id:uuid}",
    operation_id="RemoveLogin",
    summary="Sign in with this no more; never the last way in",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def remove_login(
    login_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> None:
    await logins.remove_login(desk, caller, login_id, now=now)


@put(
    "/v1/me/password",
    operation_id="ChangePassword",
    summary="Set a new password; every other session ends",
    tags=["accounts"],
    guards=[requires(whose="own")],
    status_code=204,
)
async def change_password(
    data: JSONBody[NewPasswordRequest],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    state: State,
    now: NamedDependency[datetime],
) -> None:
    """Proved by the present password, or by a code of purpose `recovery` to a login of mine."""
    for session_id in await _changed(data, caller, desk, visit, now):
        state.revocations.add(session_id)


@delete(
    "/v1/me/password",
    operation_id="RemovePassword",
    summary="Sign in without a password from now on; never the last way in",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def remove_password(
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    state: State,
    now: NamedDependency[datetime],
) -> None:
    for session_id in await password_change.remove_password(desk, caller, now=now):
        state.revocations.add(session_id)


async def _changed(
    data: NewPasswordRequest, caller: Caller, desk: Desk, visit: Visit, now: datetime
) -> list[UUID]:
    match data.current_password, data.login, data.code_id, data.code:
        case str() as present, None, None, None:
            new = await acceptable_password(data.password, Login("email", str(caller.person_id)))
            return await password_change.change_by_password(
                desk, caller, present, new, visit=visit, now=now
            )
        case None, str() as typed, UUID() as code_id, str() as code:
            login = typed_login(typed)
            new = await acceptable_password(data.password, login)
            return await password_change.change_by_code(
                desk, caller, login, code_id, code, new, visit=visit, now=now
            )
    raise OneProof


def _shown(login: OwnLogin) -> MyLogin:
    return MyLogin(id=login.id, kind=login.kind, masked=login.masked, proved=login.proved)


ROUTES: list[Any] = [my_logins, link_login, remove_login, change_password, remove_password]
