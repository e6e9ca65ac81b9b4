from piccolo.columns import UUID, Array, Bytea, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class PaperDrawn(Table):
    """Which items a learner was given, apart from the paper itself: they are counted often."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    attempt_id = UUID(default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    item_ids = Array(base_column=Varchar(length=64), default=None, null=False)
    drawn_at = Timestamptz(default=None, null=False)

    paper_drawn_one_an_attempt = Unique([learner_id, attempt_id])


class ExposureCount(Table, tags=["append-only"]):
    """On how many papers of the last days each item of an edition stood. A paper names the count it
    was drawn by, so that the draw can be repeated."""

    id = UUID(primary_key=True, default=None, null=False)
    edition = Varchar(length=16, default=None, null=False)
    counts = Bytea(default=None, null=False)
    """JSON, item -> papers, sorted: the bytes that are hashed."""
    sha256 = Varchar(length=64, default=None, null=False, index=True)
    counted_at = Timestamptz(default=None, null=False)
