"""What is kept, how long and why: one table in code, which docs/privacy.md shows and a test reads.

Rows that are not named here are kept as docs/privacy.md says: evidence, records, the log and the
trail of privileged acts are never removed by a job.
"""

from datetime import datetime, timedelta

import msgspec

from backend.accounts import privacy_facts as accounts
from backend.checking import privacy_facts as checking
from backend.notices import service as notices
from backend.oversight import service as oversight
from infra.retention import Kept, count_old, remove_old

RETENTION = [
    *accounts.RETENTION,
    *notices.RETENTION,
    *checking.RETENTION,
    Kept(
        kind="access-log",
        table="person_access",
        old="t.at < $1",
        keep=timedelta(days=183),
        why="people may look up six months; GB/T 22239 asks for as much",
    ),
    Kept(
        kind="list-access-log",
        table="list_access",
        old="t.at < $1",
        keep=timedelta(days=183),
        why="the same for looks at an organisation's list",
    ),
    Kept(
        kind="exports",
        table="export",
        old="t.state IN ('removed', 'failed') AND t.requested_at < $1",
        keep=timedelta(days=183),
        why="shows the person what was asked for; the file itself goes after 7 days",
    ),
]


def table(complaint_contact_days: int = oversight.CONTACT_DAYS) -> list[Kept]:
    """With the periods that an operator chooses."""
    return [*RETENTION, oversight.contact_kept(complaint_contact_days)]


class Removed(msgspec.Struct, frozen=True):
    kind: str
    rows: int
    days: int
    why: str


async def apply(
    *,
    now: datetime,
    dry_run: bool = False,
    complaint_contact_days: int = oversight.CONTACT_DAYS,
) -> list[Removed]:
    """In the order of the table: tokens before the sessions they belong to."""
    work = count_old if dry_run else remove_old
    return [
        Removed(kept.kind, await work(kept, now=now), kept.keep.days, kept.why)
        for kept in table(complaint_contact_days)
    ]
