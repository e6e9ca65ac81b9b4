"""Passkeys over HTTP: a challenge first, then the device's answer to it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.accounts.answers import NEVER_KEPT, refuse_another_site, session_answer
from backend.accounts.desk import Desk, Visit
from backend.accounts.domain import Caller
from backend.accounts.factors import passkeys
from backend.accounts.factors.answers import LIFETIME_SECONDS, new_token
from backend.accounts.factors.passkeys import Answer, Challenge
from backend.accounts.factors.schemas import (
    Assertion,
    MyPasskey,
    MyPasskeys,
    NewCredential,
    NewPasskey,
    NewToken,
    PasskeyAdded,
    PasskeyAnswer,
    PasskeyChallenge,
    PasskeyName,
    PasskeySignIn,
)
from backend.accounts.guards import requires
from backend.accounts.schemas import Session
from infra.vault import Vault


@post(
    "/v1/passkey-challenges",
    operation_id="AskToSignInByPasskey",
    summary="Begin to sign in with a passkey",
    tags=["accounts"],
)
async def ask_to_sign_in(
    desk: NamedDependency[Desk], now: NamedDependency[datetime]
) -> Response[PasskeyChallenge]:
    return _challenge(await passkeys.ask_to_sign_in(desk.tokens, now=now))


@post(
    "/v1/sessions/passkey",
    operation_id="SignInByPasskey",
    summary="Sign in with a passkey: it counts as both factors",
    tags=["accounts"],
)
async def sign_in(
    data: JSONBody[PasskeySignIn],
    request: Request[Any, Any, Any],
    desk: NamedDependency[Desk],
    visit: NamedDependency[Visit],
    now: NamedDependency[datetime],
) -> Response[Session]:
    if data.cookie:
        refuse_another_site(request)
    answer = _answer(data.challenge_id, data.credential)
    signed_in = await passkeys.sign_in(desk, answer, device=visit.device, now=now)
    return session_answer(signed_in, desk, cookie=data.cookie)


@post(
    "/v1/sessions/current/passkey-challenges",
    operation_id="AskToShowPasskey",
    summary="Begin to show a passkey as the second factor",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def ask_to_step_up(
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[PasskeyChallenge]:
    return _challenge(await passkeys.ask_to_step_up(desk.tokens, caller, now=now))


@post(
    "/v1/sessions/current/passkey",
    operation_id="ShowPasskey",
    summary="Show a passkey as the second factor",
    tags=["accounts"],
    guards=[requires(whose="own")],
    status_code=200,
)
async def step_up(
    data: JSONBody[PasskeyAnswer],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[NewToken]:
    answer = _answer(data.challenge_id, data.credential)
    return new_token(await passkeys.step_up(desk.tokens, caller, answer, now=now))


@post(
    "/v1/me/passkey-challenges",
    operation_id="AskToAddPasskey",
    summary="Begin to add a passkey",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def ask_to_register(
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[PasskeyChallenge]:
    return _challenge(await passkeys.ask_to_register(desk, caller, now=now))


@post(
    "/v1/me/passkeys",
    operation_id="AddPasskey",
    summary="Add the passkey that my device made",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def register(
    data: JSONBody[NewPasskey],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> Response[PasskeyAdded]:
    answer = _answer(data.challenge_id, data.credential)
    passkey_id, shown, recovery = await passkeys.register(desk, caller, answer, data.label, now=now)
    body = PasskeyAdded(
        id=passkey_id,
        access_token=shown.access_token,
        expires_in=LIFETIME_SECONDS,
        roles=sorted(shown.roles),
        recovery_codes=recovery,
    )
    return Response(body, headers=NEVER_KEPT)


@get(
    "/v1/me/passkeys",
    operation_id="ListPasskeys",
    summary="My passkeys, twenty at most",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def mine(caller: NamedDependency[Caller], vault: NamedDependency[Vault]) -> MyPasskeys:
    found = await passkeys.mine(vault, caller.person_id)
    return MyPasskeys(
        items=[
            MyPasskey(
                id=row.id,
                label=label,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                backed_up=row.backed_up,
                perhaps_copied=row.copied_at is not None,
            )
            for row, label in found
        ]
    )


@patch(
    "/v1/me/passkeys/{passkey_id:uuid}",
    operation_id="RenamePasskey",
    summary="Call a passkey something else",
    tags=["accounts"],
    guards=[requires(whose="own")],
    status_code=204,
)
async def rename(
    passkey_id: FromPath[UUID],
    data: JSONBody[PasskeyName],
    caller: NamedDependency[Caller],
    vault: NamedDependency[Vault],
) -> None:
    await passkeys.rename(vault, caller, passkey_id, data.label)


@delete(
    "/v1/me/passkeys/{passkey_id:uuid}",
    operation_id="RemovePasskey",
    summary="Remove a passkey; needs a second factor shown in the last ten minutes",
    tags=["accounts"],
    guards=[requires(whose="own")],
)
async def remove(
    passkey_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
) -> None:
    await passkeys.remove(desk, caller, passkey_id, now=now)


def _answer(challenge_id: UUID, credential: NewCredential | Assertion) -> Answer:
    return Answer(challenge_id, msgspec.to_builtins(credential))


def _challenge(challenge: Challenge) -> Response[PasskeyChallenge]:
    body = PasskeyChallenge(challenge_id=challenge.id, options=challenge.options)
    return Response(body, status_code=201, headers=NEVER_KEPT)


ROUTES: list[Any] = [
    *(ask_to_sign_in, sign_in, ask_to_step_up, step_up),
    *(ask_to_register, register, mine, rename, remove),
]
