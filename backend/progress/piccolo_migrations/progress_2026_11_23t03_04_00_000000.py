from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.progress.tables import Enrolment
from infra.partitions import partition

ID = "2026-11-23T03:04:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Going on to a newer edition, by learner; who learns under an edition, page by page"

_ONCE = {
    ("edition_move", "edition_move_once"): "learner_id, from_enrolment_id",
    ("carried_lesson", "carried_lesson_once"): "learner_id, enrolment_id, lesson_code",
    ("carried_lesson", "carried_lesson_entry_once"): "learner_id, enrolment_id, ledger_entry_id",
}
STATEMENTS = [
    *partition("edition_move"),
    *partition("carried_lesson"),
    "DROP TABLE edition_move_unpartitioned",
    "DROP TABLE carried_lesson_unpartitioned",
    *(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE ({columns})"
        for (table, name), columns in _ONCE.items()
    ),
    "CREATE INDEX enrolment_by_edition ON enrolment (edition, programme_code, id)",
]


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        for statement in STATEMENTS:
            await Enrolment.raw(statement)

    manager.add_raw(run)
    return manager
