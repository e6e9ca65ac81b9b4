"""Records that end soon, for whoever tells their holders."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from infra.database import connection

# A record that another one of the programme outlives is renewed already: nobody need be told. One
# that is suspended or revoked, or a demonstration, renews nothing.
_ENDING = """
SELECT c.id, c.learner_id, c.programme, c.issued_at, c.valid_until
FROM completion_record c
CROSS JOIN LATERAL (
    SELECT kind FROM record_event e WHERE e.record = c.id ORDER BY e.position DESC LIMIT 1
) latest
WHERE c.id > $1 AND c.valid_until > $2 AND c.valid_until <= $3
  AND latest.kind IN ('issued', 'reinstated')
  AND NOT EXISTS (
    SELECT FROM completion_record n CROSS JOIN LATERAL (
        SELECT kind FROM record_event e WHERE e.record = n.id ORDER BY e.position DESC LIMIT 1
    ) newest
    WHERE n.learner_id = c.learner_id AND n.programme = c.programme AND n.id <> c.id
      AND n.demonstration = c.demonstration AND newest.kind IN ('issued', 'reinstated')
      AND (n.valid_until IS NULL OR n.valid_until > c.valid_until))
ORDER BY c.id LIMIT $4
"""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    learner_id: UUID
    programme: str
    issued_at: datetime
    valid_until: datetime


async def ending(
    *, between: tuple[datetime, datetime], after: UUID, limit: int
) -> Sequence[Ending]:
    """Records in force that end in the span, in the order of their ids. One statement."""
    rows = await connection().fetch(_ENDING, after, *between, limit)
    return msgspec.convert([dict(row) for row in rows], list[Ending])
