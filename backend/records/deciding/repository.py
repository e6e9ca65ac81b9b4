"""Rows of proposals. Inside an open `UnitOfWork`."""

from uuid import UUID

import msgspec

from backend.records.deciding.domain import OpenProposal
from backend.records.domain import NoSuchRecord
from backend.records.tables import RevocationProposal
from infra.database import connection

_OPEN = """
SELECT p.id, p.record AS record_id, c.number, p.reason, p.proposer_id, p.proposed_at
FROM revocation_proposal p JOIN completion_record c ON c.id = p.record
WHERE p.state = 'proposed' AND ($1::uuid IS NULL OR p.id < $1) ORDER BY p.id DESC LIMIT $2
"""


async def lock_proposal(proposal_id: UUID) -> RevocationProposal:
    """Until the transaction ends nobody else decides on it. NoSuchRecord."""
    found = (
        await RevocationProposal.objects()
        .where(RevocationProposal.id == proposal_id)
        .lock_rows("NO KEY UPDATE")
        .first()
    )
    if found is None:
        raise NoSuchRecord
    return found


async def open_proposals(before: UUID | None, limit: int) -> list[OpenProposal]:
    """The newest first."""
    rows = await connection().fetch(_OPEN, before, limit)
    return msgspec.convert([dict(row) for row in rows], list[OpenProposal])
