"""Passkeys: registered, used to sign in and to step up, renamed, removed.

A challenge is taken in a transaction of its own, before anything is judged: an answer that was
refused cannot be sent again.
"""

import os
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from backend.accounts import repository as people
from backend.accounts import service as accounts
from backend.accounts.codes import service as notices
from backend.accounts.domain import Caller, SessionEnded
from backend.accounts.factors import ceremonies, codes, passkey_rows, repository, service
from backend.accounts.factors.domain import CHALLENGE_FOR, MOST_PASSKEYS, counter_went_back
from backend.accounts.factors.errors import (
    ChallengeNotKnown,
    LastWayIn,
    NoSecondFactor,
    NoSuchPasskey,
    PasskeyKnown,
    PasskeyNotAccepted,
    PasskeyNotTaken,
    PasskeyPerhapsCopied,
    TooManyPasskeys,
)
from backend.accounts.factors.passkey_rows import LockedPasskey, PasskeyRow
from backend.accounts.factors.tables import Passkey
from backend.accounts.service import Desk, SignedIn
from backend.accounts.tokens import AccessTokens
from backend.accounts.ways_in import one_must_stay
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault, place

_log = structlog.get_logger(__name__)
_CHALLENGE_BYTES = 32


@dataclass(frozen=True)
class Challenge:
    id: UUID
    options: dict[str, Any]
    """For navigator.credentials, binary values as base64url."""


@dataclass(frozen=True)
class Answer:
    challenge_id: UUID
    credential: dict[str, Any]
    """What navigator.credentials gave, as its toJSON() says it."""


# --- registering ------------------------------------------------------------------------------


async def ask_to_register(desk: Desk, caller: Caller, *, now: datetime) -> Challenge:
    async with UnitOfWork(DB):
        await service.must_be_own(caller.person_id)
        await service.must_be_fresh(caller, now=now)
        known = await passkey_rows.credential_ids(caller.person_id)
        if len(known) >= MOST_PASSKEYS:
            raise TooManyPasskeys
        holder = await accounts.holder_of(desk.vault, caller.person_id)
        challenge = os.urandom(_CHALLENGE_BYTES)
        challenge_id = await _keep(challenge, "registration", caller.session_id, now=now)
    party = ceremonies.relying_party(desk.tokens.issuer)
    options = ceremonies.registration_options(
        party, caller.person_id, holder.name, challenge, known
    )
    return Challenge(challenge_id, options)


async def register(
    desk: Desk, caller: Caller, answer: Answer, label: str, *, now: datetime
) -> tuple[UUID, service.Shown, list[str]]:
    """The new passkey, a token (its owner was just verified), and recovery codes when it is the
    person's first second factor."""
    challenge = await _take(answer, "registration", caller.session_id, now=now)
    party = ceremonies.relying_party(desk.tokens.issuer)
    made = ceremonies.registered(party, challenge, answer.credential, PasskeyNotTaken)
    new = uuid7()
    passkey = Passkey(
        id=new,
        person=caller.person_id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        backed_up=made.credential_backed_up,
        label_sealed=desk.vault.seal(label, place(Passkey.label_sealed, new)),
        created_at=now,
    )
    async with UnitOfWork(DB):
        await people.lock_person(caller.person_id)
        await service.must_be_fresh(caller, now=now)
        first = not await repository.methods_of(caller.person_id)
        if len(await passkey_rows.credential_ids(caller.person_id)) >= MOST_PASSKEYS:
            raise TooManyPasskeys
        if not await passkey_rows.add(passkey):
            raise PasskeyKnown
        recovery = (
            await codes.renew_recovery_codes(desk.vault, caller.person_id, now=now) if first else []
        )
        await service.record("second-factor-enrolled", caller.person_id, "passkey", now=now)
        await notices.tell(caller.person_id, "passkey-added", vault=desk.vault)
        whole = await service.shown(caller, now=now)
    return passkey.id, service.proof(desk.tokens, whole, now=now), recovery


# --- signing in and stepping up ---------------------------------------------------------------


async def ask_to_sign_in(tokens: AccessTokens, *, now: datetime) -> Challenge:
    """For nobody known yet: the device offers whatever passkeys it has for this site."""
    challenge = os.urandom(_CHALLENGE_BYTES)
    challenge_id = await _keep(challenge, "sign-in", None, now=now)
    party = ceremonies.relying_party(tokens.issuer)
    return Challenge(challenge_id, ceremonies.authentication_options(party, challenge))


async def sign_in(
    desk: Desk, answer: Answer, *, device: str | None = None, now: datetime
) -> SignedIn:
    challenge = await _take(answer, "sign-in", None, now=now)
    async with UnitOfWork(DB):
        person_id = await _used(desk.tokens, answer, challenge, now=now)
        if person_id is not None:
            signed_in = await accounts.open_session(
                desk.tokens,
                person_id,
                now=now,
                method="passkey",
                second_factor=True,
                device=device,
            )
    if person_id is None:
        raise PasskeyPerhapsCopied
    _log.info("signed_in", person=str(person_id), method="passkey")
    return signed_in


async def ask_to_step_up(tokens: AccessTokens, caller: Caller, *, now: datetime) -> Challenge:
    known = await passkey_rows.credential_ids(caller.person_id)
    if not known:
        raise NoSecondFactor
    challenge = os.urandom(_CHALLENGE_BYTES)
    challenge_id = await _keep(challenge, "step-up", caller.session_id, now=now)
    party = ceremonies.relying_party(tokens.issuer)
    return Challenge(challenge_id, ceremonies.authentication_options(party, challenge, known))


async def step_up(
    tokens: AccessTokens, caller: Caller, answer: Answer, *, now: datetime
) -> service.Shown:
    challenge = await _take(answer, "step-up", caller.session_id, now=now)
    async with UnitOfWork(DB):
        person_id = await _used(tokens, answer, challenge, now=now, expected=caller.person_id)
        if person_id is not None:
            whole = await service.shown(caller, now=now)
    if person_id is None:
        raise PasskeyPerhapsCopied
    return service.proof(tokens, whole, now=now)


async def _used(
    tokens: AccessTokens,
    answer: Answer,
    challenge: bytes,
    *,
    now: datetime,
    expected: UUID | None = None,
) -> UUID | None:
    """Whose passkey answered; None for one that is found to be copied, which must stay written."""
    locked = await passkey_rows.lock(_bytes(answer.credential["id"]))
    if locked is None or (expected is not None and locked.person_id != expected):
        raise PasskeyNotAccepted
    handle = answer.credential["response"].get("userHandle")
    # A device asked for nobody in particular must name whose passkey it took.
    if (handle or expected is None) and _bytes(handle or "") != locked.person_id.bytes:
        raise PasskeyNotAccepted
    party = ceremonies.relying_party(tokens.issuer)
    verified = ceremonies.authenticated(
        party, challenge, answer.credential, locked.public_key, PasskeyNotAccepted
    )
    if locked.copied:
        raise PasskeyPerhapsCopied
    if counter_went_back(locked.sign_count, verified.new_sign_count):
        await _suspend(locked, now=now)
        return None
    await passkey_rows.mark_used(locked.id, verified.new_sign_count, now=now)
    return locked.person_id


async def _suspend(locked: LockedPasskey, *, now: datetime) -> None:
    await passkey_rows.mark_copied(locked.id, now=now)
    await service.record("passkey-perhaps-copied", locked.person_id, "passkey", now=now)
    _log.warning("passkey_perhaps_copied", passkey=str(locked.id))


# --- one's own --------------------------------------------------------------------------------


async def mine(vault: Vault, person_id: UUID) -> list[tuple[PasskeyRow, str]]:
    """Each with its label."""
    rows = await passkey_rows.list_of(person_id)
    return [
        (row, vault.open(row.label_sealed, place(Passkey.label_sealed, row.id))) for row in rows
    ]


async def rename(vault: Vault, caller: Caller, passkey_id: UUID, label: str) -> None:
    async with UnitOfWork(DB):
        sealed = vault.seal(label, place(Passkey.label_sealed, passkey_id))
        if not await passkey_rows.rename(passkey_id, caller.person_id, sealed):
            raise NoSuchPasskey


async def remove(desk: Desk, caller: Caller, passkey_id: UUID, *, now: datetime) -> None:
    async with UnitOfWork(DB):
        await people.lock_person(caller.person_id)
        kept = await passkey_rows.list_of(caller.person_id)
        if passkey_id not in {row.id for row in kept}:
            raise NoSuchPasskey
        await service.must_be_fresh(caller, now=now)
        await passkey_rows.remove(passkey_id, caller.person_id)
        await one_must_stay(desk, caller.person_id, LastWayIn)
        await service.record("second-factor-removed", caller.person_id, "passkey", now=now)
        await service.after_removal(caller.person_id, now=now)


async def _keep(challenge: bytes, purpose: str, session_id: UUID | None, *, now: datetime) -> UUID:
    if purpose != "sign-in" and session_id is None:
        raise SessionEnded
    return await passkey_rows.add_challenge(
        challenge, purpose, session_id, expires_at=now + CHALLENGE_FOR, now=now
    )


async def _take(answer: Answer, purpose: str, session_id: UUID | None, *, now: datetime) -> bytes:
    async with UnitOfWork(DB):
        challenge = await passkey_rows.take_challenge(
            answer.challenge_id, purpose, session_id, now=now
        )
    if challenge is None:
        raise ChallengeNotKnown
    return challenge


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        raise PasskeyNotAccepted from None
