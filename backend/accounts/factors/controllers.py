"""Second factors over HTTP."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.answers import NEVER_KEPT
from backend.accounts.domain import Caller, Role
from backend.accounts.factors import passkey_controllers, service, session_controllers
from backend.accounts.factors.answers import LIFETIME_SECONDS, new_token
from backend.accounts.factors.schemas import (
    Code,
    Confirmed,
    MySecondFactor,
    NewAuthenticator,
    NewToken,
    RecoveryCodes,
    ResetReason,
)
from backend.accounts.guards import requires
from backend.accounts.service import Desk


@get(
    "/v1/me/second-factor",
    operation_id="MySecondFactor",
    summary="What second factors I have",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def mine(caller: NamedDependency[Caller]) -> MySecondFactor:
    return MySecondFactor(
        methods=await service.methods_of(caller.person_id),
        recovery_codes_left=await service.recovery_codes_left(caller.person_id),
    )


@post(
    "/v1/sessions/current/second-factor",
    operation_id="ShowSecondFactor",
    summary="Show the second factor: a code of the authenticator, or a recovery code",
    tags=["accounts"],
    guards=[requires(whose="own")],
    status_code=200,
)
async def show(
    data: JSONBody[Code],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    client_address: NamedDependency[str],
    now: NamedDependency[datetime],
) -> Response[NewToken]:
    shown = await service.show_code(
        desk.vault, desk.tokens, caller, data.code, address=client_address, now=now
    )
    return new_token(shown)


@post(
    "/v1/me/authenticator",
    operation_id="BeginAuthenticator",
    summary="Begin to set up an authenticator app (TOTP)",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def begin(
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[NewAuthenticator]:
    site = desk.tokens.issuer.partition("://")[2]
    made = await service.begin_authenticator(desk.vault, caller, site=site, now=now)
    body = NewAuthenticator(secret=made.secret, uri=made.uri, qr=made.qr)
    return Response(body, headers=NEVER_KEPT)


@post(
    "/v1/me/authenticator/confirmation",
    operation_id="ConfirmAuthenticator",
    summary="Confirm it with its first code; the answer holds the recovery codes",
    tags=["accounts"],
    guards=[requires(whose="own")],
    status_code=200,
)
async def confirm(
    data: JSONBody[Code],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    client_address: NamedDependency[str],
    now: NamedDependency[datetime],
) -> Response[Confirmed]:
    shown, recovery = await service.confirm_authenticator(
        desk.vault, desk.tokens, caller, data.code, address=client_address, now=now
    )
    body = Confirmed(
        access_token=shown.access_token,
        expires_in=LIFETIME_SECONDS,
        roles=sorted(shown.roles),
        recovery_codes=recovery,
    )
    return Response(body, headers=NEVER_KEPT)


@delete(
    "/v1/me/authenticator",
    operation_id="RemoveAuthenticator",
    summary="Remove the authenticator app; needs a second factor shown in the last ten minutes",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def remove(caller: NamedDependency[Caller], now: NamedDependency[datetime]) -> None:
    await service.remove_authenticator(caller, now=now)


@post(
    "/v1/me/recovery-codes",
    operation_id="RenewRecoveryCodes",
    summary="Ten new recovery codes in place of the old ones",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def renew(
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[RecoveryCodes]:
    recovery = await service.renew_recovery_codes(desk.vault, caller, now=now)
    return Response(RecoveryCodes(recovery_codes=recovery), headers=NEVER_KEPT)


@post(
    "/v1/people/{person_id:uuid}/second-factor-reset",
    operation_id="ResetSecondFactor",
    summary="Take away a person's second factors and end their sessions",
    tags=["accounts"],
    guards=[requires(Role.ADMINISTRATOR, whose="anyone's but their own")],
    status_code=204,
)
async def reset(
    person_id: FromPath[UUID],
    data: JSONBody[ResetReason],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> None:
    await service.reset(person_id, actor=caller.person_id, reason=data.reason, now=now)


ROUTES: list[Any] = [
    *(mine, show, begin, confirm, remove, renew, reset),
    *passkey_controllers.ROUTES,
    *session_controllers.ROUTES,
]
