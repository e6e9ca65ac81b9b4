"""Rows of watching offline, by learner: partitioned as those of `tables`."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class DownloadLease(Table):
    """A lecture that a learner took along on one device. `rendition` is the SHA-256 of the file;
    `counted_from` the start, or when all that had been watched was last handed in; `lost` the
    seconds that missed checks took; `unseen_since` the first hand-in that no integrity signal has
    looked at."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    enrolment_id = UUID(default=None, null=False)
    lesson_watch_id = UUID(default=None, null=False)
    lesson_code = Varchar(length=16, default=None, null=False)
    lecture_id = UUID(default=None, null=False)
    rendition = Varchar(length=64, default=None, null=False)
    device_id = UUID(default=None, null=False)
    rate_percent = SmallInt(default=None, null=False)
    issued_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    counted_from = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)
    unseen_since = Timestamptz(default=None, null=True)
    lost = Bytea(default=None, null=False)

    download_lease_rate_within_bounds = Check("rate_percent BETWEEN 100 AND 200")
    download_lease_ends_after_its_start = Check("expires_at > issued_at")
    download_lease_counts_from_its_start = Check("counted_from >= issued_at")


class OfflineCheck(Table):
    """A presence check that was taken along, and the stretch it decides on. `answer` (an option's
    id) never leaves the server. `answered_ms` is the device's monotonic clock in that boot."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    lease_id = UUID(default=None, null=False)
    number = SmallInt(default=None, null=False)
    length_seconds = SmallInt(default=None, null=False)
    granted_seconds = Integer(default=None, null=False)
    question = JSONB(default=None, null=False)
    answer = Varchar(length=1, default=None, null=False)
    outcome = Varchar(length=8, default=None, null=True)
    boot_id = UUID(default=None, null=True)
    answered_ms = BigInt(default=None, null=True)
    reaction_ms = BigInt(default=None, null=True)
    judged_at = Timestamptz(default=None, null=True)

    offline_check_once_a_number = Unique(
        [learner_id, lease_id, number], name="offline_check_once_a_number"
    )
    offline_check_known_outcome = Check("outcome IN ('passed', 'missed')")
    offline_check_grants_its_stretch = Check("granted_seconds BETWEEN 0 AND length_seconds")
    offline_check_end_is_whole = Check("(outcome IS NULL) = (judged_at IS NULL)")


class OfflineTime(Table):
    """Time of one day in Shanghai that watching offline has taken, so that nothing else takes it.
    `seconds` of the lecture count for the day unless a missed check took them."""

    id = UUID(primary_key=True, default=None, null=False)
    learner_id = UUID(default=None, null=False)
    lease_id = UUID(default=None, null=False)
    lesson_watch_id = UUID(default=None, null=False)
    started_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=False)
    seconds = Integer(default=None, null=False)
    counted = Boolean(default=None, null=False)
    synced_at = Timestamptz(default=None, null=False)

    offline_time_goes_on = Check("ended_at > started_at AND seconds > 0")
