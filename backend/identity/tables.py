from piccolo.columns import UUID, Bytea, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class IdentityDeclaration(Table):
    """What somebody said of himself, and how far it was checked. Name and document are sealed and
    bound to their row; the number is found by a keyed index. Partial unique indexes (their own
    migration): a number belongs to one account, an account has one identity and one open
    declaration."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(default=None, null=False, index=True)
    organisation = UUID(default=None, null=True)
    kind = Varchar(length=40, default=None, null=False)
    name_sealed = Bytea(default=None, null=True)
    document_sealed = Bytea(default=None, null=True)
    number_index = Bytea(default=None, null=True, index=True)
    state = Varchar(length=12, default=None, null=False)
    method = Varchar(length=16, default=None, null=True)
    declared_at = Timestamptz(default=None, null=False)
    attested_by = UUID(default=None, null=True)
    attested_at = Timestamptz(default=None, null=True)
    mismatches = SmallInt(default=0, null=False)
    verified_by = UUID(default=None, null=True)
    verified_at = Timestamptz(default=None, null=True)
    valid_until = Timestamptz(default=None, null=True)

    identity_declaration_state = Check(
        "state IN ('declared', 'attested', 'verified', 'expired', 'rejected', 'withdrawn',"
        " 'replaced', 'revoked', 'erased')"
    )
    identity_declaration_erased = Check(
        "(state = 'erased') = (name_sealed IS NULL)"
        " AND (name_sealed IS NULL) = (document_sealed IS NULL)"
        " AND (name_sealed IS NULL) = (number_index IS NULL)"
    )
    identity_declaration_verified = Check(
        "state NOT IN ('verified', 'expired')"
        " OR num_nulls(method, verified_at, verified_by, valid_until) = 0"
    )
    identity_declaration_two_people = Check(
        "verified_by IS NULL OR (verified_by <> attested_by AND verified_by <> person"
        " AND attested_by <> person)"
    )


class IdentityEvent(Table, tags=["append-only"]):
    """What happened to a person's identity: who did it, how and when. No person data."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(default=None, null=False, index=True)
    declaration = UUID(default=None, null=True)
    event = Varchar(length=20, default=None, null=False)
    method = Varchar(length=16, default=None, null=True)
    reason = Varchar(length=40, default=None, null=True)
    actor = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)

    identity_event_known = Check(
        "event IN ('declared', 'attested', 'mismatch', 'verified', 'expired', 'rejected',"
        " 'withdrawn', 'replaced', 'revoked', 'erased', 'case-opened', 'case-decided')"
    )


class IdentityCase(Table):
    """Two accounts, one identity: which keeps it, two administrators decide."""

    id = UUID(primary_key=True, default=None, null=False)
    declaration = UUID(default=None, null=False, index=True)
    claimant = UUID(default=None, null=False)
    holder = UUID(default=None, null=False)
    state = Varchar(length=12, default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)
    decision = Varchar(length=8, default=None, null=True)
    reason = Varchar(length=40, default=None, null=True)
    proposed_by = UUID(default=None, null=True)
    proposed_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)

    identity_case_state = Check(
        "(state = 'open' AND num_nonnulls(decision, reason, proposed_by, proposed_at) = 0"
        " AND num_nonnulls(decided_by, decided_at) = 0)"
        " OR (state = 'proposed' AND num_nulls(decision, reason, proposed_by, proposed_at) = 0"
        " AND num_nonnulls(decided_by, decided_at) = 0)"
        " OR (state = 'decided' AND num_nulls(decision, reason, proposed_by, proposed_at,"
        " decided_by, decided_at) = 0)"
    )
    identity_case_decision = Check("decision IN ('keep', 'move')")
    identity_case_two_people = Check(
        "decided_by <> proposed_by AND NOT (proposed_by IN (claimant, holder))"
        " AND NOT (decided_by IN (claimant, holder))"
    )


class IdentityReveal(Table, tags=["append-only"]):
    """Somebody saw a person's full name and number: who, why and when. The person can read it."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(default=None, null=False, index=True)
    declaration = UUID(default=None, null=False)
    actor = UUID(default=None, null=False)
    purpose = Varchar(length=24, default=None, null=False)
    reason_sealed = Bytea(default=None, null=False)
    at = Timestamptz(default=None, null=False)

    identity_reveal_purpose = Check(
        "purpose IN ('identity-check', 'duplicate-case', 'record-dispute', 'complaint',"
        " 'authority-request', 'persons-request')"
    )
