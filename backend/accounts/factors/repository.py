"""Rows of authenticators, recovery codes and what a session has shown."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts.factors.domain import Standing
from backend.accounts.factors.tables import Passkey, RecoveryCode, TotpFactor
from backend.accounts.tables import Person, SignInSession
from infra.ids import uuid7
from infra.vault import Vault, place


class LockedTotp(msgspec.Struct, frozen=True):
    id: UUID
    secret_sealed: bytes
    last_step: int | None
    session_id: UUID | None
    created_at: datetime

    def secret(self, vault: Vault) -> str:
        return vault.open(self.secret_sealed, place(TotpFactor.secret_sealed, self.id))


async def methods_of(person_id: UUID) -> list[str]:
    """What the person has set up, in one query: "passkey", "totp"; recovery codes go with them."""
    row = await Person.raw(
        "SELECT EXISTS (SELECT 1 FROM passkey WHERE person = {}) AS passkey,"
        " EXISTS (SELECT 1 FROM totp_factor WHERE person = {} AND state = 'confirmed') AS totp,"
        " EXISTS (SELECT 1 FROM recovery_code WHERE person = {} AND used_at IS NULL) AS codes",
        *(person_id, person_id, person_id),
    )
    found = [name for name in ("passkey", "totp") if row[0][name]]
    return [*found, "recovery-code"] if found and row[0]["codes"] else found


async def standing_of(session_id: UUID, person_id: UUID) -> Standing | None:
    """None when the session is over or not this person's."""
    row = (
        await SignInSession.select(SignInSession.started_at, SignInSession.second_factor_at)
        .where(
            SignInSession.id == session_id,
            SignInSession.person == person_id,
            SignInSession.revoked_at.is_null(),
        )
        .first()
    )
    if row is None:
        return None
    enrolled = bool(await methods_of(person_id))
    return Standing(row["started_at"], row["second_factor_at"], enrolled)


async def is_demonstration(person_id: UUID) -> bool:
    return await Person.exists().where(Person.id == person_id, Person.demonstration.eq(True))


async def mark_second_factor(session_id: UUID, person_id: UUID, *, now: datetime) -> bool:
    """False when the session ended meanwhile."""
    marked = (
        await SignInSession.update({SignInSession.second_factor_at: now})
        .where(
            SignInSession.id == session_id,
            SignInSession.person == person_id,
            SignInSession.revoked_at.is_null(),
            SignInSession.expires_at > now,
        )
        .returning(SignInSession.id)
    )
    return bool(marked)


async def forget_second_factors(person_id: UUID) -> None:
    """Of all sessions of somebody who has none any more."""
    await SignInSession.update({SignInSession.second_factor_at: None}).where(
        SignInSession.person == person_id, SignInSession.revoked_at.is_null()
    )


# --- authenticators ---------------------------------------------------------------------------


async def begin_totp(
    vault: Vault, person_id: UUID, session_id: UUID, secret: str, *, now: datetime
) -> None:
    """One pending authenticator a person: beginning anew replaces it."""
    await TotpFactor.delete().where(TotpFactor.person == person_id, TotpFactor.state == "pending")
    new = uuid7()
    await TotpFactor.insert(
        TotpFactor(
            id=new,
            person=person_id,
            state="pending",
            secret_sealed=vault.seal(secret, place(TotpFactor.secret_sealed, new)),
            session_id=session_id,
            created_at=now,
        )
    )


async def lock_totp(person_id: UUID, state: str) -> LockedTotp | None:
    row = (
        await TotpFactor.select()
        .where(TotpFactor.person == person_id, TotpFactor.state == state)
        .first()
        .lock_rows("UPDATE")
    )
    if row is None:
        return None
    return LockedTotp(
        row["id"],
        bytes(row["secret_sealed"]),
        row["last_step"],
        row["session_id"],
        row["created_at"],
    )


async def take_step(factor_id: UUID, step: int) -> None:
    await TotpFactor.update({TotpFactor.last_step: step}).where(TotpFactor.id == factor_id)


async def confirm_totp(person_id: UUID, factor_id: UUID, step: int, *, now: datetime) -> None:
    """In place of the one there was."""
    await TotpFactor.delete().where(TotpFactor.person == person_id, TotpFactor.state == "confirmed")
    await TotpFactor.update(
        {
            TotpFactor.state: "confirmed",
            TotpFactor.confirmed_at: now,
            TotpFactor.last_step: step,
            TotpFactor.session_id: None,
        }
    ).where(TotpFactor.id == factor_id)


async def add_confirmed_totp(vault: Vault, person_id: UUID, secret: str, *, now: datetime) -> None:
    """Unless there is one already."""
    new = uuid7()
    row = TotpFactor(
        id=new,
        person=person_id,
        state="confirmed",
        secret_sealed=vault.seal(secret, place(TotpFactor.secret_sealed, new)),
        created_at=now,
        confirmed_at=now,
    )
    await TotpFactor.insert(row).on_conflict(
        target=(TotpFactor.person, TotpFactor.state), action="DO NOTHING"
    )


async def remove_totp(person_id: UUID) -> bool:
    gone = (
        await TotpFactor.delete().where(TotpFactor.person == person_id).returning(TotpFactor.state)
    )
    return any(row["state"] == "confirmed" for row in gone)


async def remove_passkeys(person_id: UUID) -> None:
    await Passkey.delete().where(Passkey.person == person_id)


# --- recovery codes ---------------------------------------------------------------------------


async def replace_recovery_codes(
    person_id: UUID, indexes: Iterable[bytes], *, now: datetime
) -> None:
    await RecoveryCode.delete().where(RecoveryCode.person == person_id)
    rows = [RecoveryCode(code_index=index, person=person_id, issued_at=now) for index in indexes]
    if rows:
        await RecoveryCode.insert(*rows)


async def use_recovery_code(person_id: UUID, index: bytes, *, now: datetime) -> bool:
    """Once: a second user of the same code waits here for the first, and finds it used."""
    used = (
        await RecoveryCode.update({RecoveryCode.used_at: now})
        .where(
            RecoveryCode.code_index == index,
            RecoveryCode.person == person_id,
            RecoveryCode.used_at.is_null(),
        )
        .returning(RecoveryCode.code_index)
    )
    return bool(used)


async def recovery_codes_left(person_id: UUID) -> int:
    rows = await RecoveryCode.select(RecoveryCode.code_index).where(
        RecoveryCode.person == person_id, RecoveryCode.used_at.is_null()
    )
    return len(rows)  # ten at most
