from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import BigInt
from piccolo.columns.column_types import Bytea
from piccolo.columns.column_types import Integer
from piccolo.columns.column_types import JSONB
from piccolo.columns.column_types import SmallInt
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.column_types import UUID
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check
from piccolo.table import Table

from infra.partitions import partition

ID = "2026-11-23T02:22:28:658621"
VERSION = "1.38.0"
DESCRIPTION = "Learning in partitions; presence checks, devices, rates"


class RawTable(Table):
    pass


# Rows wait in the tables set aside until the next migration, so that new columns need no default.
SET_ASIDE = [
    *partition("learner_seat", key="learner_id", fillfactor=50),
    *partition("play_session", fillfactor=70),
    *partition("lesson_watch", fillfactor=60),
    *partition("lesson_check"),
    *partition("ledger_entry"),
    # Names of indexes are the schema's: they are needed again.
    "ALTER TABLE lesson_watch_unpartitioned DROP CONSTRAINT lesson_watch_one_per_lecture",
    "ALTER TABLE lesson_watch ADD CONSTRAINT lesson_watch_one_per_lecture"
    " UNIQUE (learner_id, enrolment_id, lesson_code, lecture_id)",
    "ALTER TABLE ledger_entry_unpartitioned DROP CONSTRAINT ledger_entry_once_per_lesson",
    "ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_once_per_lesson"
    " UNIQUE (learner_id, programme_code, edition, lesson_code)",
    "DROP INDEX ledger_entry_by_day",
    "CREATE INDEX ledger_entry_by_day ON ledger_entry (learner_id, counts_on) INCLUDE (seconds)",
]


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="progress", description=DESCRIPTION)

    async def run():
        for statement in SET_ASIDE:
            await RawTable.raw(statement)

    manager.add_raw(run)  # Piccolo runs it before what is below

    manager.add_table(
        class_name="PresenceCheck",
        tablename="presence_check",
        schema=None,
        columns=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="id",
        db_column_name="id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="learner_id",
        db_column_name="learner_id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="enrolment_id",
        db_column_name="enrolment_id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="lesson_watch_id",
        db_column_name="lesson_watch_id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="lesson_code",
        db_column_name="lesson_code",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 16,
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="issued_at",
        db_column_name="issued_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="delivered_at",
        db_column_name="delivered_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="question",
        db_column_name="question",
        column_class_name="JSONB",
        column_class=JSONB,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="answer",
        db_column_name="answer",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 1,
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="wrong_tries",
        db_column_name="wrong_tries",
        column_class_name="SmallInt",
        column_class=SmallInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="outcome",
        db_column_name="outcome",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 8,
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="resolved_at",
        db_column_name="resolved_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="reaction_ms",
        db_column_name="reaction_ms",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        column_name="lost",
        db_column_name="lost",
        column_class_name="JSONB",
        column_class=JSONB,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_constraint(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        constraint_name="presence_check_known_outcome",
        constraint_class=Check,
        params={"condition": "outcome IN ('passed', 'missed')"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        constraint_name="presence_check_delivery_is_whole",
        constraint_class=Check,
        params={
            "condition": "(delivered_at IS NULL) = (question IS NULL) AND (delivered_at IS NULL) = (answer IS NULL)"
        },
        schema=None,
    )

    manager.add_constraint(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        constraint_name="presence_check_end_is_whole",
        constraint_class=Check,
        params={"condition": "(outcome IS NULL) = (resolved_at IS NULL)"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        constraint_name="presence_check_delivered_before_its_end",
        constraint_class=Check,
        params={"condition": "outcome IS NULL OR delivered_at IS NOT NULL"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="PresenceCheck",
        tablename="presence_check",
        constraint_name="presence_check_tries",
        constraint_class=Check,
        params={"condition": "wrong_tries BETWEEN 0 AND 2"},
        schema=None,
    )

    manager.add_column(
        table_class_name="LearnerSeat",
        tablename="learner_seat",
        column_name="check_in_seconds",
        db_column_name="check_in_seconds",
        column_class_name="SmallInt",
        column_class=SmallInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="LearnerSeat",
        tablename="learner_seat",
        column_name="check_issued_at",
        db_column_name="check_issued_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="LearnerSeat",
        tablename="learner_seat",
        column_name="day_pending",
        db_column_name="day_pending",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="LearnerSeat",
        tablename="learner_seat",
        column_name="open_check_id",
        db_column_name="open_check_id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="LessonWatch",
        tablename="lesson_watch",
        column_name="left_at",
        db_column_name="left_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="LessonWatch",
        tablename="lesson_watch",
        column_name="pending",
        db_column_name="pending",
        column_class_name="Bytea",
        column_class=Bytea,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="LessonWatch",
        tablename="lesson_watch",
        column_name="pending_seconds",
        db_column_name="pending_seconds",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="LessonWatch",
        tablename="lesson_watch",
        column_name="questions_passed_at",
        db_column_name="questions_passed_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="beat_gap_ms",
        db_column_name="beat_gap_ms",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="beat_gap_square",
        db_column_name="beat_gap_square",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="beats",
        db_column_name="beats",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="clock_from",
        db_column_name="clock_from",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="device_id",
        db_column_name="device_id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="edition",
        db_column_name="edition",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 16,
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="judged_at",
        db_column_name="judged_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="last_beat_at",
        db_column_name="last_beat_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="lecture_id",
        db_column_name="lecture_id",
        column_class_name="UUID",
        column_class=UUID,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="playlist_at",
        db_column_name="playlist_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="rate_percent",
        db_column_name="rate_percent",
        column_class_name="SmallInt",
        column_class=SmallInt,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="PlaySession",
        tablename="play_session",
        column_name="segments_at",
        db_column_name="segments_at",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": None,
            "null": True,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.alter_column(
        table_class_name="LessonCheck",
        tablename="lesson_check",
        column_name="learner_id",
        db_column_name="learner_id",
        params={"index": False},
        old_params={"index": True},
        column_class=UUID,
        old_column_class=UUID,
        schema=None,
    )

    manager.add_constraint(
        table_class_name="LearnerSeat",
        tablename="learner_seat",
        constraint_name="learner_seat_check_ahead",
        constraint_class=Check,
        params={"condition": "check_in_seconds BETWEEN 0 AND 720"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="LearnerSeat",
        tablename="learner_seat",
        constraint_name="learner_seat_check_is_whole",
        constraint_class=Check,
        params={"condition": "(open_check_id IS NULL) = (check_issued_at IS NULL)"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="LearnerSeat",
        tablename="learner_seat",
        constraint_name="learner_seat_pending_within_the_day",
        constraint_class=Check,
        params={"condition": "day_pending BETWEEN 0 AND day_seconds"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="LessonWatch",
        tablename="lesson_watch",
        constraint_name="lesson_watch_pending_within_the_lecture",
        constraint_class=Check,
        params={"condition": "pending_seconds BETWEEN 0 AND duration_seconds - watched_seconds"},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="PlaySession",
        tablename="play_session",
        constraint_name="play_session_rate_within_bounds",
        constraint_class=Check,
        params={"condition": "rate_percent BETWEEN 100 AND 200"},
        schema=None,
    )

    return manager
