from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check
from piccolo.table import Table


class Lecture(Table):
    """A lecture from the first byte of its upload on.

    `starts` counts how often a worker began without coming to an end, `attempt_id` is the latest
    beginning: only that one may publish, so that a worker taken for dead overwrites nothing.
    """

    id = UUID(primary_key=True, default=None, null=False)
    author_id = UUID(default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    state = Varchar(length=16, default=None, null=False)
    step = Varchar(length=32, default=None, null=True)
    percent = SmallInt(default=0, null=False)
    starts = SmallInt(default=0, null=False)
    attempt_id = UUID(default=None, null=True)
    failure = JSONB(default=None, null=True)
    package_prefix = Varchar(length=200, default=None, null=True)
    manifest = JSONB(default=None, null=True)
    duration_seconds = Integer(default=None, null=True)
    source_sha256 = Varchar(length=64, default=None, null=True)
    playable_at = Timestamptz(default=None, null=True)

    lecture_state_known = Check(
        "state IN ('uploading', 'queued', 'processing', 'playable', 'failed')"
    )
    lecture_percent_in_bounds = Check("percent BETWEEN 0 AND 100")
    lecture_failed_has_failure = Check("(state = 'failed') = (failure IS NOT NULL)")
    lecture_playable_is_whole = Check(
        "(state = 'playable') = (package_prefix IS NOT NULL AND manifest IS NOT NULL"
        " AND duration_seconds IS NOT NULL AND playable_at IS NOT NULL)"
    )


class Upload(Table):
    """How much of a file is safely stored. Shares its id with the lecture it becomes.

    Part n of `multipart` holds bytes [n * PART_BYTES, (n + 1) * PART_BYTES), whoever stored it, so
    storing one twice changes nothing. `writer` is the latest request that adds bytes.
    """

    id = UUID(primary_key=True, default=None, null=False)
    filename = Varchar(length=255, default=None, null=False)
    length = BigInt(default=None, null=False)
    received = BigInt(default=0, null=False)
    multipart = Varchar(length=1024, default=None, null=False)
    etags = Array(base_column=Varchar(length=128), default=list, null=False)
    writer = UUID(default=None, null=True)
    expires_at = Timestamptz(default=None, null=False)

    upload_received_in_bounds = Check("received BETWEEN 0 AND length")
