"""The trail of privileged acts: append-only, and each entry's hash covers the one before it.

An entry is written in the transaction of the act itself: no act without its entry, nor the
reverse. Details hold ids, codes and counts; never a name, a number or a secret.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import rfc8785

from infra.database import connection
from infra.tables import AuditEntry

Detail = str | int | bool | None | list[str]
FIRST_PREVIOUS = bytes(32)
_LOCK = 0x61756474  # "audt": entries queue here until the writer before has committed


async def record_act(
    act: str,
    *,
    actor: UUID | None,
    subject: str,
    now: datetime,
    details: Mapping[str, Detail] | None = None,
) -> None:
    """Inside an open `UnitOfWork`. `act` is a stable code like "role-granted"; `subject` names what
    it was done to, like "person:<id>"; no actor: done from the terminal or by the system."""
    await connection().execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    last = (
        await AuditEntry.select(AuditEntry.number, AuditEntry.hash)
        .order_by(AuditEntry.number, ascending=False)
        .first()
    )
    number = last["number"] + 1 if last else 1
    previous = bytes(last["hash"]) if last else FIRST_PREVIOUS
    body = _body(number, act, actor, subject, now, details or {})
    await AuditEntry.insert(
        AuditEntry(
            number=number,
            at=now,
            act=act,
            actor=actor,
            subject=subject,
            body=body,
            hash=hash_of(previous, body),
        )
    )


def hash_of(previous: bytes, body: str) -> bytes:
    return sha256(previous + body.encode()).digest()


def _body(
    number: int,
    act: str,
    actor: UUID | None,
    subject: str,
    now: datetime,
    details: Mapping[str, Detail],
) -> str:
    """RFC 8785: whoever checks the chain hashes the very text that is kept."""
    entry = {
        "number": number,
        "at": now.astimezone(UTC).isoformat(),
        "act": act,
        "actor": str(actor) if actor else None,
        "subject": subject,
        "details": dict(details),
    }
    return rfc8785.dumps(entry).decode()  # type: ignore[arg-type]
