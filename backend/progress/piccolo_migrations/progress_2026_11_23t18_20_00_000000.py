"""The years of enrolments that are there, and one award a lesson and enrolment."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T18:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "The years of enrolments that are there; one award a lesson and enrolment"
_YEARS = """
UPDATE enrolment SET period = extract(year FROM enrolled_at AT TIME ZONE 'Asia/Shanghai')::text
FROM published_edition,
    json_array_elements(convert_from(content, 'UTF8')::json -> 'programmes') AS programme
WHERE published_edition.code = enrolment.edition
    AND programme ->> 'code' = enrolment.programme_code AND (programme ->> 'yearly')::boolean
"""
# What was passed in January was of January's year: its record says so, and goes on to be found.
_OF_RECORDS = """
UPDATE enrolment SET period = due.said FROM (
    SELECT DISTINCT ON (learner_id, programme, edition) learner_id, programme, edition,
        convert_from(facts, 'UTF8')::json ->> 'period' AS said
    FROM due_record ORDER BY learner_id, programme, edition, revision
) AS due
WHERE due.learner_id = enrolment.learner_id AND due.programme = enrolment.programme_code
    AND due.edition = enrolment.edition AND due.said > enrolment.period
"""
_AWARDS = (
    "DROP INDEX ledger_entry_one_award_a_lesson",
    "CREATE UNIQUE INDEX ledger_entry_one_award_a_lesson ON ledger_entry"
    " (learner_id, enrolment_id, lesson_code) WHERE kind = 'awarded'",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="progress", description=DESCRIPTION
    )

    async def run():
        for statement in _AWARDS:
            await RawTable.raw(statement)
        for table, years in (("published_edition", _YEARS), ("due_record", _OF_RECORDS)):
            there = f"SELECT to_regclass('{table}') AS found"
            if (await RawTable.raw(there))[0]["found"]:
                await RawTable.raw(years)

    manager.add_raw(run)
    return manager
