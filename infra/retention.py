"""How long kinds of rows are kept, and their removal in small steps.

Each area names what it keeps for a while (`RETENTION` in its service); one place runs them all.
"""

from datetime import datetime, timedelta

import msgspec

from infra.database import UnitOfWork, connection
from infra.engine import DB

_EMPTY = (
    "UPDATE {table} SET {column} = NULL WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} t {old}))"
)
_DELETE = "DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} t {old}))"
_COUNT = "SELECT count(*) FROM (SELECT FROM {table} t {old}) AS old"
BATCH = 1_000
COUNT_AT_MOST = 100_000


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """`old`: an SQL condition on rows `t` of `table`; $1 is the moment before which a row is old.
    `empties`: the column that goes while its row stays; left out, the row goes.

    All are our own constants, never anybody's input.
    """

    kind: str
    table: str
    old: str
    keep: timedelta
    why: str
    empties: str | None = None

    def statement(self, template: str) -> str:
        wanted = f"({self.old})" + (f" AND t.{self.empties} IS NOT NULL" if self.empties else "")
        return template.format(
            table=self.table, column=self.empties, old=f"WHERE {wanted} LIMIT $2"
        )


async def remove_old(kept: Kept, *, now: datetime, batch: int = BATCH) -> int:
    """Each batch in a transaction of its own: killed in the middle, the next run goes on."""
    removed = 0
    while True:
        async with UnitOfWork(DB):
            work = kept.statement(_EMPTY if kept.empties else _DELETE)
            said = await connection().execute(work, now - kept.keep, batch)
        gone = int(said.rpartition(" ")[2])
        removed += gone
        if gone < batch:
            return removed


async def count_old(kept: Kept, *, now: datetime) -> int:
    """What `remove_old` would take; counting stops at `COUNT_AT_MOST`."""
    async with UnitOfWork(DB):
        found = await connection().fetchval(kept.statement(_COUNT), now - kept.keep, COUNT_AT_MOST)
    return int(found)
