"""One open proposal of each record; decisions by their day."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T18:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "One open proposal of each record; decisions by their day"
STATEMENTS = (
    # Of several the first stays; the others count as taken back by who proposed them.
    "UPDATE revocation_proposal p SET state = 'declined', declined_by = p.proposer_id,"
    " decided_at = now(), declined_because = '已有同一证明的提议 · proposed before'"
    " WHERE p.state = 'proposed' AND EXISTS (SELECT FROM revocation_proposal o"
    " WHERE o.record = p.record AND o.state = 'proposed' AND o.id < p.id)",
    "CREATE UNIQUE INDEX revocation_proposal_one_open ON revocation_proposal (record)"
    " WHERE state = 'proposed'",
    "CREATE INDEX record_event_decided_at ON record_event (at, id) WHERE kind <> 'issued'",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="records", description=DESCRIPTION
    )

    async def run():
        for statement in STATEMENTS:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
