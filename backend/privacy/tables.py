from piccolo.columns import UUID, BigInt, Bytea, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table


class Export(Table):
    """All data of one person as one file. `key_sealed` opens it: without the key the file is noise,
    so it goes first when the file has to go.

    `attempt_id` is the latest beginning: a worker that was taken for dead finishes nothing.
    """

    id = UUID(primary_key=True, default=None, null=False)
    person_id = UUID(default=None, null=False, index=True)
    state = Varchar(length=16, default=None, null=False)
    requested_at = Timestamptz(default=None, null=False)
    starts = SmallInt(default=0, null=False)
    attempt_id = UUID(default=None, null=True)
    begun_at = Timestamptz(default=None, null=True)
    ready_at = Timestamptz(default=None, null=True)
    expires_at = Timestamptz(default=None, null=True)
    size = BigInt(default=None, null=True)
    key_sealed = Bytea(default=None, null=True)

    export_state_known = Check("state IN ('waiting', 'making', 'ready', 'failed', 'removed')")
    export_ready_is_whole = Check(
        "(state = 'ready') = (key_sealed IS NOT NULL)"
        " AND (state <> 'ready' OR (expires_at IS NOT NULL AND size IS NOT NULL))"
    )


class Erasure(Table):
    """A wish to be forgotten, and how far it has come.

    `kept_until`: when what the law lets us keep of this person (the sealed name in records and the
    evidence behind them) goes too; `forgotten_at`: when it went.
    """

    id = UUID(primary_key=True, default=None, null=False)
    person_id = UUID(default=None, null=False, index=True)
    state = Varchar(length=16, default=None, null=False)
    requested_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)
    kept_until = Timestamptz(default=None, null=True)
    forgotten_at = Timestamptz(default=None, null=True)

    erasure_state_known = Check("state IN ('waiting', 'cancelled', 'running', 'done')")
    erasure_end_is_whole = Check("(state IN ('cancelled', 'done')) = (ended_at IS NOT NULL)")
