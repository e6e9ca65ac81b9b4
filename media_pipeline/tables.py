from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Bytea,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Lecture(Table):
    """A lecture from the first byte of its upload on.

    `starts` counts how often a worker began without coming to an end, `attempt_id` is the latest
    beginning: only that one may publish, so that a worker taken for dead overwrites nothing.
    `plan` is what its tasks work from; `wishes` what the author asked for; `degraded` the optional
    parts that are missing and why; `waiting_for` what a machine lacks (room on a disk, the store)
    while the work stands still; `content_key` the sealed AES-128 key of an encrypted package.
    Packages may be shared by lectures of the same content, so `package_prefix` need not be its own.
    """

    id = UUID(primary_key=True, default=None, null=False)
    author_id = UUID(default=None, null=False, index=True)
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
    source_sha256 = Varchar(length=64, default=None, null=True, index=True)
    playable_at = Timestamptz(default=None, null=True)
    plan = JSONB(default=None, null=True)
    wishes = JSONB(default=None, null=True)
    degraded = JSONB(default=None, null=True)
    waiting_for = JSONB(default=None, null=True)
    begun_at = Timestamptz(default=None, null=True)
    content_key = Bytea(default=None, null=True)

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


class LectureTask(Table):
    """A part of an attempt that any worker may do: a chunk of pictures, the sound, the join.

    `run_id` is the latest beginning: a worker that was taken for dead and comes back finds another
    there, and its result counts for nothing. Files lie under `work/<attempt>/<kind>-<number>/`.
    """

    id = UUID(primary_key=True, default=None, null=False)
    lecture_id = UUID(default=None, null=False, index=True)
    attempt_id = UUID(default=None, null=False)
    kind = Varchar(length=16, default=None, null=False)
    number = Integer(default=None, null=False)
    state = Varchar(length=16, default=None, null=False)
    weight = Integer(default=None, null=False)
    percent = SmallInt(default=0, null=False)
    starts = SmallInt(default=0, null=False)
    run_id = UUID(default=None, null=True)
    worker = Varchar(length=100, default=None, null=True)
    begun_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)

    lecture_task_once = Unique([attempt_id, kind, number])
    lecture_task_kind_known = Check("kind IN ('chunk', 'sound', 'join')")
    lecture_task_state_known = Check("state IN ('waiting', 'running', 'done', 'failed')")
    lecture_task_percent_in_bounds = Check("percent BETWEEN 0 AND 100")


class CaptionTrack(Table):
    """Captions of a lecture in one language (BCP 47), as WebVTT; a new file makes a new version."""

    id = UUID(primary_key=True, default=None, null=False)
    lecture_id = UUID(default=None, null=False)
    language = Varchar(length=35, default=None, null=False)
    label = Varchar(length=100, default=None, null=False)
    origin = Varchar(length=16, default=None, null=False)
    version = Integer(default=1, null=False)
    vtt = Text(default=None, null=False)
    sha256 = Varchar(length=64, default=None, null=False)
    updated_by = UUID(default=None, null=True)
    updated_at = Timestamptz(default=None, null=False)

    caption_track_one_a_language = Unique([lecture_id, language])
    caption_track_origin_known = Check("origin IN ('upload', 'file', 'recognised')")


class RecognitionFailure(Table):
    """Why the latest speech recognition asked for in a language brought nothing; goes when it is
    asked for again, or when there are captions."""

    id = UUID(primary_key=True, default=None, null=False)
    lecture_id = UUID(default=None, null=False)
    language = Varchar(length=35, default=None, null=False)
    code = Varchar(length=64, default=None, null=False)
    zh = Text(default=None, null=False)
    en = Text(default=None, null=False)
    failed_at = Timestamptz(default=None, null=False)

    recognition_failure_one_a_language = Unique([lecture_id, language])


class CaptionCue(Table):
    """One line of a track, for the transcript and its search; replaced with its track."""

    id = UUID(primary_key=True, default=None, null=False)
    track_id = UUID(default=None, null=False)
    lecture_id = UUID(default=None, null=False, index=True)
    number = Integer(default=None, null=False)
    from_ms = Integer(default=None, null=False)
    to_ms = Integer(default=None, null=False)
    text = Text(default=None, null=False)

    caption_cue_once = Unique([track_id, number])
    caption_cue_runs_forward = Check("from_ms >= 0 AND to_ms > from_ms")
