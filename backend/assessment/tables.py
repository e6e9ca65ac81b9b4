from piccolo.columns import JSONB, UUID, Boolean, Bytea, Numeric, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class ExamAttempt(Table):
    """An attempt with all that decides its mark, frozen when it began."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    number = SmallInt(default=None, null=False)
    exam_code = Varchar(length=16, default=None, null=False)
    programme_code = Varchar(length=16, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    edition_sha256 = Varchar(length=64, default=None, null=False)
    seed = Bytea(default=None, null=False)
    criterion = JSONB(default=None, null=False)
    started_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    state = Varchar(length=16, default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
    score = Numeric(digits=(6, 2), default=None, null=True)
    passed = Boolean(default=None, null=True)
    evidence = Bytea(default=None, null=True)
    evidence_sha256 = Varchar(length=64, default=None, null=True)

    exam_attempt_numbered = Unique([learner_id, enrolment_id, number])
    exam_attempt_state_known = Check("state IN ('open', 'submitted', 'expired')")
    exam_attempt_ended_is_graded = Check(
        "(state = 'open') = (ended_at IS NULL) AND (state = 'open') = (score IS NULL)"
        " AND (state = 'open') = (passed IS NULL) AND (state = 'open') = (evidence IS NULL)"
    )
    exam_attempt_seed_is_256_bits = Check("length(seed) = 32")


class AttemptAnswer(Table):
    """The latest picks for an item, saved as the learner goes on; the last one saved stands."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    attempt_id = UUID(default=None, null=False)
    item_id = Varchar(length=64, default=None, null=False)
    picked = JSONB(default=None, null=False)
    saved_at = Timestamptz(default=None, null=False)

    attempt_answer_one_an_item = Unique([learner_id, attempt_id, item_id])
