"""Second factors of a person: told to the person, taken away, and what goes by itself."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from backend.accounts.factors.tables import Passkey, RecoveryCode, TotpFactor
from infra.retention import Kept
from infra.vault import Vault, place

RETENTION = [
    Kept(
        kind="passkey-challenges",
        table="passkey_challenge",
        old="t.expires_at < $1",
        keep=timedelta(days=1),
        why="asked once; worth nothing after minutes",
    )
]


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """Never the secrets themselves: whoever reads the file must not be able to sign in by it."""
    passkeys = await Passkey.objects().where(Passkey.person == person_id)
    return {
        "authenticators": await TotpFactor.select(
            TotpFactor.state, TotpFactor.created_at.as_alias("createdAt")
        ).where(TotpFactor.person == person_id),
        "passkeys": [
            {
                "label": vault.open(key.label_sealed, place(Passkey.label_sealed, key.id)),
                "createdAt": key.created_at,
                "lastUsedAt": key.last_used_at,
            }
            for key in passkeys
        ],
        "recoveryCodes": await RecoveryCode.select(
            RecoveryCode.issued_at.as_alias("issuedAt"), RecoveryCode.used_at.as_alias("usedAt")
        ).where(RecoveryCode.person == person_id),
    }


async def erase_person(person_id: UUID) -> None:
    """In the caller's `UnitOfWork`."""
    for table in (TotpFactor, RecoveryCode, Passkey):
        await table.delete().where(table.person == person_id)
