"""What stops when a person withdraws a consent: in the same transaction as the word itself, so
that a notice never promises what does not happen."""

from datetime import datetime
from uuid import UUID

from backend.accounts import service as accounts
from backend.identity import service as identity
from backend.organisations import privacy_facts as organisations
from infra.consents import Purpose


async def stop(person_id: UUID, purpose: Purpose, *, now: datetime) -> None:
    """Purposes that stop nothing by themselves are asked about where data would be used."""
    if purpose is Purpose.IDENTITY_VERIFICATION:
        await identity.erase_person(person_id, now=now)
        await accounts.clear_identity(person_id)
    if purpose is Purpose.ORGANISATION_DISCLOSURE:
        await organisations.leave_all(person_id, now=now)
