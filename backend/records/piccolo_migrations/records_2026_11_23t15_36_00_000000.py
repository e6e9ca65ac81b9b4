"""The years of due records that are there."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T15:36:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The years of due records that are there"
# Of two about one year the first is the one for it; the other keeps what it has, without a year.
_YEARS = """
    UPDATE due_record SET period = first.said FROM (
        SELECT DISTINCT ON (learner_id, programme, revision, said) id, said FROM (
            SELECT id, learner_id, programme, revision, requested_at,
                   convert_from(facts, 'UTF8')::json ->> 'period' AS said
            FROM due_record
        ) AS every WHERE said IS NOT NULL
        ORDER BY learner_id, programme, revision, said, requested_at
    ) AS first WHERE first.id = due_record.id
"""


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="records", description=DESCRIPTION
    )

    async def run():
        await RawTable.raw(_YEARS)

    manager.add_raw(run)
    return manager
