from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Date,
    Integer,
    Numeric,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class ExamAttempt(Table):
    """An attempt with all that decides its mark, frozen when it began: `criterion` is JSON, hashed
    as kept. `sitting` counts the devices that took it up; only the last one's answers are taken.
    Ended and without a score: people still mark it."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    number = SmallInt(default=None, null=False)
    exam_code = Varchar(length=16, default=None, null=False)
    programme_code = Varchar(length=16, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    edition_sha256 = Varchar(length=64, default=None, null=False)
    seed = Bytea(default=None, null=False)
    criterion = Bytea(default=None, null=False)
    criterion_sha256 = Varchar(length=64, default=None, null=False)
    extra_minutes = SmallInt(default=None, null=False)
    started_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    sitting = SmallInt(default=None, null=False)
    state = Varchar(length=16, default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
    score = Numeric(digits=(6, 2), default=None, null=True)
    passed = Boolean(default=None, null=True)
    evidence = Bytea(default=None, null=True)
    evidence_sha256 = Varchar(length=64, default=None, null=True)
    owed_looked_at = Timestamptz(default=None, null=True)
    """Passed, but hours were missing when it was last looked at: no record yet."""

    exam_attempt_numbered = Unique([learner_id, enrolment_id, number])
    exam_attempt_state_known = Check("state IN ('open', 'submitted', 'expired')")
    exam_attempt_open_until_its_end = Check("(state = 'open') = (ended_at IS NULL)")
    exam_attempt_mark_is_whole = Check(
        "(score IS NULL) = (passed IS NULL) AND (score IS NULL) = (evidence IS NULL)"
        " AND (score IS NULL) = (evidence_sha256 IS NULL) AND (state <> 'open' OR score IS NULL)"
    )
    exam_attempt_seed_is_256_bits = Check("length(seed) = 32")
    exam_attempt_sitting_counts = Check("sitting > 0 AND extra_minutes >= 0")


class AttemptSitting(Table):
    """A device that took an attempt up: the first when it began, another when it took over."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    attempt_id = UUID(default=None, null=False)
    number = SmallInt(default=None, null=False)
    device_id = UUID(default=None, null=True)
    begun_at = Timestamptz(default=None, null=False)

    attempt_sitting_numbered = Unique([learner_id, attempt_id, number])


class AttemptAnswer(Table):
    """The latest answer to an item, saved as the learner goes on. `sequence` is the client's and
    orders answers, whenever they arrive: a million for each sitting. `spent_ms`: on this item so
    far, as the client says."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    attempt_id = UUID(default=None, null=False)
    item_id = Varchar(length=64, default=None, null=False)
    picked = JSONB(default=None, null=False)
    sequence = BigInt(default=None, null=False)
    spent_ms = Integer(default=None, null=True)
    saved_at = Timestamptz(default=None, null=False)

    attempt_answer_one_an_item = Unique([learner_id, attempt_id, item_id])
    attempt_answer_not_negative = Check("sequence >= 0 AND spent_ms >= 0")


class ExtraTime(Table):
    """A decision that a learner needs more time; the last one stands, nought ends it."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    percent = SmallInt(default=None, null=False)
    reason_sealed = Bytea(default=None, null=False)
    valid_until = Date(default=None, null=True)
    decided_by = UUID(default=None, null=False)
    decided_at = Timestamptz(default=None, null=False)

    extra_time_within_bounds = Check("percent BETWEEN 0 AND 200")


class PracticePaper(Table):
    """Items to practise on, with their feedback. No mark and no record comes of it."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    paper = Bytea(default=None, null=False)
    started_at = Timestamptz(default=None, null=False)


class PracticeAnswer(Table):
    """Answered once: the feedback follows at once."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    practice_id = UUID(default=None, null=False)
    position = SmallInt(default=None, null=False)
    answer = JSONB(default=None, null=False)
    points = Numeric(digits=(6, 2), default=None, null=False)
    answered_at = Timestamptz(default=None, null=False)

    practice_answer_once = Unique([learner_id, practice_id, position])
