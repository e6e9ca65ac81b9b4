"""What changed of a learner's own since a cursor: for a phone that was away.

Every row already carries the transaction that last wrote it (`xmin`), so no writer has to note a
change and none can forget to. The cursor is the oldest transaction that was still running when the
answer was read: whatever commits later, in any order, is at least that young and comes with the
next answer. What such a wait makes come twice is the whole row, which replaces itself.
"""

from uuid import UUID

from backend.progress.offline import changed_rows as sync_rows
from backend.progress.offline.changed_rows import Cursor
from backend.progress.offline.schemas import Changes
from infra.database import KeyedWork
from infra.engine import DB


async def changes(learner_id: UUID, since: str | None) -> Changes:
    """All there is when the cursor is none, or of another life of the database. One statement when
    nothing changed."""
    async with KeyedWork(DB):
        found = await sync_rows.changed(learner_id, Cursor.read(since))
        answer = Changes(cursor=str(found.cursor), whole=found.whole)
        if found.ids:
            await sync_rows.fill(answer, learner_id, found.ids)
    return answer
