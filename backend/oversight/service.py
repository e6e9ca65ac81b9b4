"""Oversight for other areas."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.oversight.signals import note_signal
from infra.vault import Vault

__all__ = ["erase_person", "note_signal", "personal_data"]


async def personal_data(vault: Vault, person_id: UUID) -> dict[str, Any]:
    """Nothing that could be told: complaints are anonymous to us, and what is under inquiry is not
    opened to the one it concerns (PIPL, art. 18)."""
    del vault, person_id
    return {}


async def erase_person(person_id: UUID, *, now: datetime) -> None:
    """Signals and findings name random ids alone, and are kept as evidence."""
    del person_id, now
