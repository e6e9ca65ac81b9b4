"""Files of printed records that managers asked for. The file lies sealed in the object store."""

from piccolo.columns import UUID, BigInt, Bytea, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from backend.organisations.assignments.tables import Assignment
from backend.organisations.tables import Organisation


class PrintBatch(Table):
    """The records of all who are done with an assignment, as one ZIP of PDFs."""

    id = UUID(primary_key=True, default=None, null=False)
    organisation = ForeignKey(
        Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True
    )
    assignment = ForeignKey(Assignment, default=None, null=False, on_delete=OnDelete.restrict)
    language = Varchar(length=2, default=None, null=False)
    state = Varchar(length=8, default=None, null=False)
    starts = Integer(default=None, null=False)
    attempt_id = UUID(default=None, null=True)
    """Of the latest beginning: it names the file in the object store."""
    people = Integer(default=None, null=False)
    printed = Integer(default=None, null=False)
    size = BigInt(default=None, null=True)
    key_sealed = Bytea(default=None, null=True)
    """The file's own key; with it the file goes."""
    asked_by = UUID(default=None, null=False)
    asked_at = Timestamptz(default=None, null=False)
    ready_at = Timestamptz(default=None, null=True)

    print_batch_state_known = Check("state IN ('waiting', 'printing', 'ready', 'failed')")
    print_batch_language_known = Check("language IN ('zh', 'en')")
    print_batch_counts = Check("starts >= 0 AND printed BETWEEN 0 AND people")
    print_batch_ready_is_whole = Check(
        "(state = 'ready') = (ready_at IS NOT NULL)"
        " AND (state = 'ready') = (key_sealed IS NOT NULL)"
        " AND (state = 'ready') = (size IS NOT NULL)"
    )
