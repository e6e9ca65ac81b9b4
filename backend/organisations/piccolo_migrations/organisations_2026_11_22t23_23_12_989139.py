"""Indexes that Piccolo cannot declare: partial, compound, unique with a condition."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-22T23:23:12:989139"
VERSION = "1.38.0"
DESCRIPTION = "Partial and compound indexes"

INDEXES = (
    # One confirmed organisation a code; one open declaration of it a person.
    "CREATE UNIQUE INDEX organisation_confirmed_code ON organisation (code)"
    " WHERE state = 'confirmed'",
    "CREATE UNIQUE INDEX organisation_declared_once ON organisation (code, declared_by)"
    " WHERE state = 'declared'",
    "CREATE INDEX organisation_by_state ON organisation (state, id)",
    "CREATE UNIQUE INDEX department_sibling_name ON department (organisation, parent, name)"
    " NULLS NOT DISTINCT WHERE closed_at IS NULL",
    # A person is in an organisation once at a time.
    "CREATE UNIQUE INDEX membership_present ON membership (organisation, person)"
    " WHERE left_at IS NULL",
    "CREATE INDEX membership_page ON membership (organisation, id)",
    "CREATE INDEX membership_by_name ON membership (organisation, name_index)",
    "CREATE INDEX membership_by_contact ON membership (organisation, contact_index)"
    " WHERE left_at IS NULL",
    "CREATE INDEX membership_managers ON membership (organisation)"
    " WHERE position = 'manager' AND left_at IS NULL",
    "CREATE UNIQUE INDEX expected_member_once ON expected_member (organisation, contact_index)",
    "CREATE INDEX expected_member_page ON expected_member (organisation, id)",
    "CREATE INDEX expected_member_by_name ON expected_member (organisation, name_index)",
    "CREATE UNIQUE INDEX join_request_open_once ON join_request (organisation, person)"
    " WHERE state = 'asked'",
    "CREATE UNIQUE INDEX import_job_one_at_a_time ON import_job (organisation)"
    " WHERE state IN ('uploaded', 'checking', 'checked', 'applying')",
    "CREATE INDEX import_fault_page ON import_fault (job, number, id)",
)


class RawTable(Table):
    pass


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="organisations", description=DESCRIPTION
    )

    async def run():
        for statement in INDEXES:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
