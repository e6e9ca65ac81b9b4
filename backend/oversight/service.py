"""Oversight for other areas."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.oversight.signals import note_signal
from infra.retention import Kept
from infra.vault import Vault

__all__ = ["CONTACT_DAYS", "contact_kept", "erase_person", "note_signal", "personal_data"]
CONTACT_DAYS = 183


def contact_kept(days: int) -> Kept:
    """Long enough to answer questions about the decision; what the complaint says stays."""
    return Kept(
        kind="contacts-of-complaints",
        table="complaint",
        old="t.decided_at < $1",
        empties="contact_sealed",
        keep=timedelta(days=days),
        why="the decided complaint may raise a question to who complained",
    )


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """Nothing that could be told: complaints are anonymous to us, and what is under inquiry is not
    opened to the one it concerns (PIPL, art. 18)."""
    del vault, person_id
    return {}


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Signals and findings name random ids alone, and are kept as evidence."""
    del person_id, now
