"""Essays that people mark, their marks, and what became of items found faulty."""

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    Numeric,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Essay(Table):
    """An essay handed in. `asked` is what a marker sees of the item, frozen; `wanted` counts the
    marks it needs: two, or three where the first two are too far apart."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    attempt_id = UUID(default=None, null=False)
    item_id = Varchar(length=64, default=None, null=False)
    part_id = Varchar(length=64, default=None, null=False)
    """Of a case; empty where the item is the essay."""
    worth = Numeric(digits=(6, 2), default=None, null=False)
    apart_percent = SmallInt(default=None, null=False)
    asked = Bytea(default=None, null=False)
    answer = Text(default=None, null=False)
    handed_in_at = Timestamptz(default=None, null=False)
    wanted = SmallInt(default=None, null=False)
    points = Numeric(digits=(6, 2), default=None, null=True)
    agreed_at = Timestamptz(default=None, null=True)

    essay_once = Unique([learner_id, attempt_id, item_id, part_id])
    essay_wants_two_or_three = Check("wanted IN (2, 3)")
    essay_agreed_is_whole = Check("(points IS NULL) = (agreed_at IS NULL)")
    essay_points_within_worth = Check("points BETWEEN 0 AND worth")


class EssayMark(Table):
    """What one marker holds, gave or handed back. Nobody gets the same essay twice."""

    id = UUID(primary_key=True, default=None, null=False)
    essay = ForeignKey(Essay, default=None, null=False, on_delete=OnDelete.restrict)
    marked_by = UUID(default=None, null=False)
    state = Varchar(length=8, default=None, null=False)
    taken_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    percents = JSONB(default=None, null=True)
    """By line of the rubric."""
    points = Numeric(digits=(6, 2), default=None, null=True)
    comment = Text(default=None, null=True)
    because = Varchar(length=16, default=None, null=True)
    done_at = Timestamptz(default=None, null=True)

    essay_mark_once_a_person = Unique([essay, marked_by])
    essay_mark_state_known = Check("state IN ('held', 'given', 'returned')")
    essay_mark_is_whole = Check(
        "(state = 'held') = (done_at IS NULL) AND (state = 'given') = (points IS NOT NULL)"
        " AND (state = 'given') = (percents IS NOT NULL)"
        " AND (state = 'given') = (comment IS NOT NULL)"
        " AND (state = 'returned') = (because IS NOT NULL)"
    )
    essay_mark_because_known = Check("because IN ('known-person', 'unreadable', 'other')")


class ItemRemedy(Table):
    """What is to be done about an item found faulty after people answered it: one person proposes,
    another decides on the preview whose hash the decision names."""

    id = UUID(primary_key=True, default=None, null=False)
    item_id = Varchar(length=64, default=None, null=False)
    item_sha256 = Varchar(length=64, default=None, null=False)
    """Of the version that is faulty, as papers have it."""
    kind = Varchar(length=12, default=None, null=False)
    corrected = Bytea(default=None, null=True)
    """With the new key."""
    reason = Text(default=None, null=False)
    state = Varchar(length=8, default=None, null=False)
    proposed_by = UUID(default=None, null=True)
    """Nobody: from the terminal."""
    proposed_at = Timestamptz(default=None, null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decided_because = Text(default=None, null=True)
    preview_sha256 = Varchar(length=64, default=None, null=True)
    attempts = Integer(default=None, null=True)

    item_remedy_kind_known = Check("kind IN ('void', 'full-marks', 'new-key')")
    item_remedy_state_known = Check("state IN ('proposed', 'applied', 'refused')")
    item_remedy_new_key_has_one = Check("(kind = 'new-key') = (corrected IS NOT NULL)")
    item_remedy_decision_is_whole = Check(
        "(state = 'proposed') = (decided_at IS NULL)"
        " AND (state = 'proposed') = (decided_because IS NULL)"
        " AND (state = 'applied') = (preview_sha256 IS NOT NULL)"
        " AND (state = 'applied') = (attempts IS NOT NULL)"
    )
    item_remedy_two_people = Check("decided_by IS DISTINCT FROM proposed_by OR decided_by IS NULL")


class AttemptCorrection(Table, tags=["append-only"]):
    """A mark corrected by a remedy. The attempt keeps its first one; the last of these counts.

    `mended` is what the remedy makes of the mark, `score` what counts: never less than before.
    """

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    attempt_id = UUID(default=None, null=False)
    remedy = ForeignKey(ItemRemedy, default=None, null=False, on_delete=OnDelete.restrict)
    number = SmallInt(default=None, null=False)
    before = Numeric(digits=(6, 2), default=None, null=False)
    mended = Numeric(digits=(6, 2), default=None, null=False)
    score = Numeric(digits=(6, 2), default=None, null=False)
    passed_before = Boolean(default=None, null=False)
    passed = Boolean(default=None, null=False)
    evidence = Bytea(default=None, null=False)
    evidence_sha256 = Varchar(length=64, default=None, null=False)
    corrected_at = Timestamptz(default=None, null=False)

    attempt_correction_once = Unique([attempt_id, remedy])
    attempt_correction_numbered = Unique([attempt_id, number])
    attempt_correction_never_less = Check("score >= before AND score >= mended")
    attempt_correction_keeps_a_pass = Check("passed OR NOT passed_before")
