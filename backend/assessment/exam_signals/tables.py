from piccolo.columns import UUID, Array, Date, Integer, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class ExamDayLooked(Table, tags=["append-only"]):
    """A day's attempts at an exam were looked through for signals; a second look is another row."""

    id = UUID(primary_key=True, default=None, null=False)
    exam_code = Varchar(length=16, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    day = Date(default=None, null=False)
    attempts = Integer(default=None, null=False)
    compared = Integer(default=None, null=False)
    """Pairs of papers."""
    signals = Integer(default=None, null=False)
    looked_at = Timestamptz(default=None, null=False)

    exam_day_looked_counts = Check("attempts >= 0 AND compared >= 0 AND signals >= 0")


class ExamSignal(Table, tags=["append-only"]):
    """What was noted with oversight, once: `key` says what was seen on which papers. No verdict."""

    id = UUID(primary_key=True, default=None, null=False)
    key = Varchar(length=64, default=None, null=False)
    """SHA-256 of kind, papers and items."""
    reporting_unit = Varchar(length=8, default=None, null=False)
    """Empty: of nobody's region."""
    kind = Varchar(length=24, default=None, null=False)
    attempt_ids = Array(base_column=UUID(), default=None, null=False)
    signal_id = UUID(default=None, null=False)
    noted_at = Timestamptz(default=None, null=False)

    exam_signal_once = Unique([key, reporting_unit])
