"""What Piccolo cannot say: partial unique indexes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from backend.identity.tables import IdentityDeclaration

ID = "2026-11-22T23:41:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one number one account, one open declaration, one open case"

_INDEXES = """
CREATE UNIQUE INDEX identity_declaration_number_held ON identity_declaration (number_index)
    WHERE state IN ('verified', 'expired');
CREATE UNIQUE INDEX identity_declaration_person_holds ON identity_declaration (person)
    WHERE state IN ('verified', 'expired');
CREATE UNIQUE INDEX identity_declaration_open ON identity_declaration (person)
    WHERE state IN ('declared', 'attested');
CREATE INDEX identity_declaration_queue ON identity_declaration (organisation, id)
    WHERE state = 'declared';
CREATE INDEX identity_declaration_attested ON identity_declaration (id)
    WHERE state = 'attested';
CREATE INDEX identity_declaration_ends ON identity_declaration (valid_until)
    WHERE state = 'verified';
CREATE UNIQUE INDEX identity_case_undecided ON identity_case (declaration)
    WHERE state <> 'decided';
"""


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="identity", description=DESCRIPTION)

    async def create_indexes():
        for statement in filter(str.strip, _INDEXES.split(";")):
            await IdentityDeclaration.raw(statement)

    manager.add_raw(create_indexes)
    return manager
