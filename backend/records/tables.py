"""Rows of the records area. What was said in public is append-only; what is still moving is not."""

from piccolo.columns import (
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class DueRecord(Table):
    """A record somebody has earned; it waits here until it can be made."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    programme = Varchar(length=32, default=None, null=False)
    edition = Varchar(length=64, default=None, null=False)
    revision = SmallInt(default=None, null=False)
    period = Varchar(length=8, default=None, null=True)
    """The year, of a yearly programme."""
    round = SmallInt(default=1, null=False)
    """One more after each revocation: earned anew, from nothing."""
    facts = Bytea(default=None, null=False)
    """Canonical JSON of `RecordFacts`, exactly as they were handed over."""
    earning = Bytea(default=None, null=True)
    """Canonical JSON of `Earning`; none of records from before it was gathered."""
    demonstration = Boolean(default=None, null=False)
    state = Varchar(length=32, default=None, null=False)
    reason = Varchar(length=500, default=None, null=True)
    """Why it was not made yet."""
    because = Varchar(length=500, default=None, null=True)
    """Of a correction: why it takes the place of the revision before."""
    requested_at = Timestamptz(default=None, null=False)

    due_record_once_a_round = Unique(
        [learner_id, programme, edition, period, round, revision], nulls_distinct=False
    )
    due_record_once_a_year = Unique([learner_id, programme, period, round, revision])
    """Under whatever edition: a year of continuing education is completed once."""
    due_record_state_known = Check(
        (state == "due")
        | (state == "waiting-for-identity")
        | (state == "quarantined")
        | (state == "issued")
    )


class CompletionRecord(Table, tags=["append-only", "blankable:holder_sealed"]):
    """The signed record with all that was frozen into it. The name, which is in no credential, may
    be emptied when the time is over for which evidence is kept."""

    id = UUID(primary_key=True, default=None, null=False)
    due = ForeignKey(DueRecord, on_delete=OnDelete.restrict, unique=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    number = Varchar(length=32, unique=True, default=None, null=False)
    code = Varchar(length=16, unique=True, default=None, null=False)
    programme = Varchar(length=32, default=None, null=False)
    edition = Varchar(length=64, default=None, null=False)
    revision = SmallInt(default=None, null=False)
    demonstration = Boolean(default=None, null=False)
    facts = Bytea(default=None, null=False)
    holder_sealed = Bytea(default=None, null=False)
    identity_method = Varchar(length=32, default=None, null=False)
    evidence_sha256 = Varchar(length=64, default=None, null=False)
    evidence = Bytea(default=None, null=False)
    """The manifest itself, whose hash is signed."""
    jws = Bytea(default=None, null=False)
    kid = Varchar(length=600, default=None, null=False)
    status_list = Integer(default=None, null=False)
    status_index = Integer(default=None, null=False)
    entry_id = UUID(unique=True, default=None, null=False)
    issued_at = Timestamptz(default=None, null=False)
    valid_until = Timestamptz(default=None, null=True)

    completion_record_own_status_bit = Unique([status_list, status_index])


class RecordEvent(Table, tags=["append-only"]):
    """What happened to a record, each with its reason, its people and its leaf."""

    id = UUID(primary_key=True, default=None, null=False)
    position = BigSerial()
    record = ForeignKey(
        CompletionRecord, on_delete=OnDelete.restrict, default=None, null=False, index=True
    )
    kind = Varchar(length=16, default=None, null=False)
    at = Timestamptz(default=None, null=False)
    reason = Varchar(length=500, default=None, null=True)
    proposer_id = UUID(default=None, null=True)
    approver_id = UUID(default=None, null=True)
    review_by = Date(default=None, null=True)
    """Of a suspension: the day in China by which it is looked at again."""
    document = Bytea(default=None, null=False)
    """The bytes whose hash is in the log."""
    entry_id = UUID(default=None, null=False)

    record_event_kind_known = Check(
        (kind == "issued")
        | (kind == "suspended")
        | (kind == "reinstated")
        | (kind == "revoked")
        | (kind == "superseded")
    )
    record_event_review_of_suspension = Check(review_by.is_null() | (kind == "suspended"))


class RevocationProposal(Table):
    """One person asks for a revocation; another one decides."""

    id = UUID(primary_key=True, default=None, null=False)
    record = ForeignKey(
        CompletionRecord, on_delete=OnDelete.restrict, default=None, null=False, index=True
    )
    reason = Varchar(length=500, default=None, null=False)
    evidence_sealed = Bytea(default=None, null=True)
    """For the second person alone: where to look."""
    state = Varchar(length=16, default=None, null=False)
    proposer_id = UUID(default=None, null=False)
    proposed_at = Timestamptz(default=None, null=False)
    approver_id = UUID(default=None, null=True)
    declined_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    declined_because = Varchar(length=500, default=None, null=True)
    """For who proposed it; none of those declined before reasons were asked for."""

    revocation_proposal_state = Check(
        "(state = 'proposed' AND num_nonnulls(approver_id, declined_by, decided_at) = 0)"
        " OR (state = 'decided' AND declined_by IS NULL"
        " AND num_nulls(approver_id, decided_at) = 0)"
        " OR (state = 'declined' AND approver_id IS NULL"
        " AND num_nulls(declined_by, decided_at) = 0)"
    )
    revocation_proposal_two_people = Check(approver_id.is_null() | (approver_id != proposer_id))


class SigningKey(Table, tags=["append-only"]):
    """A public key as it was announced. The same key under a new address is a new row."""

    kid = Varchar(length=600, primary_key=True, default=None, null=False)
    purpose = Varchar(length=16, default=None, null=False)
    issuer = Varchar(length=600, default=None, null=False)
    """The issuer's id; for the log's key, the log's origin."""
    address = Varchar(length=512, default=None, null=False)
    demonstration = Boolean(default=None, null=False)
    thumbprint = Varchar(length=64, default=None, null=False, index=True)
    jwk = Text(default=None, null=False)
    added_at = Timestamptz(default=None, null=False)
    signs_from = Timestamptz(default=None, null=True)
    """When it takes over; none: at once."""
    entry_id = UUID(unique=True, default=None, null=False)

    signing_key_purpose_known = Check(
        (purpose == "record") | (purpose == "status") | (purpose == "log")
    )


class KeyEvent(Table, tags=["append-only"]):
    """The end of a key: it signs no more, or it was stolen and nothing counts from an index on."""

    id = UUID(primary_key=True, default=None, null=False)
    kid = Varchar(length=600, default=None, null=False)
    kind = Varchar(length=16, default=None, null=False)
    at = Timestamptz(default=None, null=False)
    at_index = BigInt(default=None, null=True)
    """Of a compromise known to be older than its leaf; none: the leaf's own place."""
    document = Bytea(default=None, null=False)
    """The bytes whose hash is in the log, with the reason."""
    entry_id = UUID(unique=True, default=None, null=False)

    key_event_once = Unique([kid, kind])
    key_event_kind_known = Check((kind == "retired") | (kind == "compromised"))
    key_event_index_of_compromise = Check(
        at_index.is_null() | ((kind == "compromised") & (at_index >= 0))
    )


class StatusList(Table, tags=["append-only"]):
    """A list that records of one issuer have their bits in."""

    number = Integer(primary_key=True, default=None, null=False)
    issuer = Varchar(length=600, default=None, null=False)
    address = Varchar(length=512, default=None, null=False)
    demonstration = Boolean(default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)


class StatusListVersion(Table, tags=["append-only"]):
    """A list as it was signed at one moment, for one purpose."""

    id = UUID(primary_key=True, default=None, null=False)
    status_list = ForeignKey(StatusList, on_delete=OnDelete.restrict, default=None, null=False)
    purpose = Varchar(length=16, default=None, null=False)
    version = Integer(default=None, null=False)
    jws = Bytea(default=None, null=False)
    entry_id = UUID(unique=True, default=None, null=False)
    signed_at = Timestamptz(default=None, null=False)

    status_list_version_once = Unique([status_list, purpose, version])


class LogPending(Table):
    """Entries that wait, for a second at most, for their place in the log."""

    position = BigSerial(primary_key=True)
    entry_id = UUID(unique=True, default=None, null=False)
    kind = Varchar(length=32, default=None, null=False)
    entry = Bytea(default=None, null=False)
    dated_at = Timestamptz(null=False)
    """As the entry itself says, by the clock of the machine that wrote it.

    The default is for a process of the version before, which does not give it.
    """


class LogLeaf(Table, tags=["append-only"]):
    """The log itself. The sequencer alone gives places; tiles are a pure function of these rows."""

    leaf_index = BigInt(primary_key=True, default=None, null=False)
    entry_id = UUID(unique=True, default=None, null=False)
    kind = Varchar(length=32, default=None, null=False)
    entry = Bytea(default=None, null=False)
    leaf_hash = Bytea(default=None, null=False)
    sequenced_at = Timestamptz(default=None, null=False)


class LogCheckpoint(Table, tags=["append-only"]):
    """Every tree head we ever signed."""

    tree_size = BigInt(primary_key=True, default=None, null=False)
    root = Bytea(default=None, null=False)
    note = Text(default=None, null=False)
    signed_at = Timestamptz(default=None, null=False)


class LogWitness(Table):
    """Who may hand over cosignatures of checkpoints. Removed, its lines are handed out no more."""

    id = UUID(primary_key=True, default=None, null=False)
    name = Varchar(length=120, default=None, null=False)
    vkey = Varchar(length=300, unique=True, default=None, null=False)
    added_at = Timestamptz(default=None, null=False)
    removed_at = Timestamptz(default=None, null=True)


class LogCosignature(Table, tags=["append-only"]):
    """A witness's line under a checkpoint of ours, as it was handed over."""

    id = UUID(primary_key=True, default=None, null=False)
    tree_size = ForeignKey(LogCheckpoint, on_delete=OnDelete.restrict, default=None, null=False)
    witness = ForeignKey(LogWitness, on_delete=OnDelete.restrict, default=None, null=False)
    at = Timestamptz(default=None, null=False)
    """By the witness's own clock."""
    line = Text(default=None, null=False)
    received_at = Timestamptz(default=None, null=False)

    log_cosignature_once = Unique([tree_size, witness])


class LogProof(Table, tags=["append-only"]):
    """A leaf's proof under the first checkpoint that covers it."""

    entry_id = UUID(primary_key=True, default=None, null=False)
    leaf_index = BigInt(unique=True, default=None, null=False)
    tree_size = BigInt(default=None, null=False)
    proof = Text(default=None, null=False)
