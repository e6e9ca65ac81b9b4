"""Learners in the middle of a lecture, a thousand or a million, made by PostgreSQL itself.

Their ids follow from their numbers, so that nothing has to be read back. Keys are spread over
partitions and pages as those of real people are, who did not sign up in the order they watch in.
"""

import hashlib
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from backend.accounts.domain import Caller, Role
from backend.accounts.tokens import AccessTokens
from backend.progress.domain import CHECK_AFTER_SECONDS
from infra.ids import uuid7

LESSON, MODULE, PROGRAMME = "M02-L01", "M02", "IA-E"
OFFLINE_LESSON, OFFLINE_STRETCH, OFFLINE_ANSWER = "M02-L02", 540, "A"
LECTURE_SECONDS = 2700
BEAT_SECONDS = 20
LONGEST = CHECK_AFTER_SECONDS[1]
_BITMAP = "decode(repeat('00', 338), 'hex')"  # 2,700 bits
_NUMBERS = "generate_series($1::int, $2::int) AS n"
_FILL = [
    f"""
    INSERT INTO enrolment (id, learner_id, programme_code, edition, edition_sha256, demonstration,
        enrolled_at)
    SELECT md5('enrolment' || n)::uuid, md5('learner' || n)::uuid, '{PROGRAMME}', e.code, e.sha256,
        false, $3::timestamptz - interval '30 days'
    FROM {_NUMBERS}, (SELECT code, sha256 FROM published_edition
        ORDER BY published_at DESC LIMIT 1) AS e
    """,
    f"""
    INSERT INTO learner_seat (learner_id, active_play_session_id, day, day_seconds, day_pending,
        check_in_seconds)
    SELECT md5('learner' || n)::uuid, md5('session' || n)::uuid,
        ($3::timestamptz AT TIME ZONE 'Asia/Shanghai')::date, 0, 0, {LONGEST}
    FROM {_NUMBERS}
    """,
    f"""
    INSERT INTO lesson_watch (id, learner_id, enrolment_id, lesson_code, module_code, lecture_id,
        duration_seconds, credit_seconds, watched, watched_seconds, pending, pending_seconds,
        watched_percent, needs_questions, needs_reading_seconds, read_seconds)
    SELECT md5('watch' || n)::uuid, md5('learner' || n)::uuid, md5('enrolment' || n)::uuid,
        '{LESSON}', '{MODULE}', md5('lecture')::uuid, {LECTURE_SECONDS}, 900, {_BITMAP}, 0,
        {_BITMAP}, 0, 95, true, 0, 0 FROM {_NUMBERS} WHERE $3::timestamptz IS NOT NULL
    """,
    f"""
    INSERT INTO play_session (id, learner_id, lesson_watch_id, lecture_id, edition, rate_percent,
        credited_seconds, started_at, clock_from, playlist_at, beats, beat_gap_ms, beat_gap_square)
    SELECT md5('session' || n)::uuid, md5('learner' || n)::uuid, md5('watch' || n)::uuid,
        md5('lecture')::uuid, '2026.1', 100, 0, $3::timestamptz - interval '1 hour',
        $3::timestamptz - interval '1 hour', $3::timestamptz, 0, 0, 0 FROM {_NUMBERS}
    """,
]
_TAKEN_ALONG = [
    f"""
    INSERT INTO lesson_watch (id, learner_id, enrolment_id, lesson_code, module_code, lecture_id,
        duration_seconds, credit_seconds, watched, watched_seconds, pending, pending_seconds,
        watched_percent, needs_questions, needs_reading_seconds, read_seconds)
    SELECT md5('offline' || n)::uuid, md5('learner' || n)::uuid, md5('enrolment' || n)::uuid,
        '{OFFLINE_LESSON}', '{MODULE}', md5('lecture2')::uuid, {LECTURE_SECONDS}, 900, {_BITMAP}, 0,
        {_BITMAP}, 0, 95, true, 0, 0 FROM {_NUMBERS} WHERE $3::timestamptz IS NOT NULL
    """,
    f"""
    INSERT INTO download_lease (id, learner_id, enrolment_id, lesson_watch_id, lesson_code,
        lecture_id, rendition, device_id, rate_percent, issued_at, expires_at, counted_from, lost)
    SELECT md5('lease' || n)::uuid, md5('learner' || n)::uuid, md5('enrolment' || n)::uuid,
        md5('offline' || n)::uuid, '{OFFLINE_LESSON}', md5('lecture2')::uuid, repeat('0', 64),
        md5('device' || n)::uuid, 100, since, $3::timestamptz + interval '14 days', since, {_BITMAP}
    FROM {_NUMBERS}, (SELECT $3::timestamptz - interval '5 hours' AS since)
    """,
    f"""
    INSERT INTO offline_check (id, learner_id, lease_id, number, length_seconds, granted_seconds,
        question, answer)
    SELECT md5('offline check' || n || '-' || number)::uuid, md5('learner' || n)::uuid,
        md5('lease' || n)::uuid, number, {OFFLINE_STRETCH}, 0, '{{}}', '{OFFLINE_ANSWER}'
    FROM {_NUMBERS}, generate_series(1, {LECTURE_SECONDS // OFFLINE_STRETCH}) AS number
    WHERE $3::timestamptz IS NOT NULL
    """,
]
LEARNERS = _FILL[1:]
"""Without their enrolments, which a heartbeat does not look at."""
_CHUNK = 50_000
_RENEW = [
    f"UPDATE learner_seat SET check_in_seconds = {LONGEST}, day_seconds = 0, day_pending = 0"
    " WHERE learner_id = ANY($1::uuid[]) AND day_seconds > 0",
    f"UPDATE lesson_watch SET pending = {_BITMAP}, pending_seconds = 0"
    " WHERE learner_id = ANY($1::uuid[]) AND pending_seconds > 0",
    "UPDATE play_session SET credited_seconds = 0"
    " WHERE learner_id = ANY($1::uuid[]) AND credited_seconds > 0",
]


async def fill(
    database: "asyncpg.Connection[asyncpg.Record]", count: int, now: datetime, *, enrolled: bool
) -> None:
    """`count` learners who opened a 45-minute lecture an hour ago; bounded transactions. Without
    `enrolled` their enrolments are left out, which a heartbeat does not look at."""
    for first in range(1, count + 1, _CHUNK):
        for statement in _FILL if enrolled else LEARNERS:
            await database.execute(statement, first, min(first + _CHUNK - 1, count), now)
    await database.execute("VACUUM ANALYZE enrolment, learner_seat, lesson_watch, play_session")


async def take_along(
    database: "asyncpg.Connection[asyncpg.Record]", count: int, now: datetime
) -> None:
    """A second lecture on everybody's phone since five hours ago, with its presence checks. All
    that was watched of it is still to be handed in."""
    for statement in _TAKEN_ALONG:
        await database.execute(statement, 1, count, now)
    await database.execute("VACUUM ANALYZE lesson_watch, download_lease, offline_check")


async def renew(database: "asyncpg.Connection[asyncpg.Record]", people: list[UUID]) -> None:
    """At the beginning again, so that no presence check comes into what is timed."""
    for statement in _RENEW:
        await database.execute(statement, people)
    await database.execute("VACUUM learner_seat, lesson_watch, play_session")


class Viewer(msgspec.Struct):
    number: int
    authorization: str = ""
    beats: int = 0

    @property
    def learner_id(self) -> UUID:
        return _id("learner", self.number)

    @property
    def session_id(self) -> UUID:
        return _id("session", self.number)

    @property
    def watch_id(self) -> UUID:
        return _id("watch", self.number)

    @property
    def device_id(self) -> UUID:
        return _id("device", self.number)

    def signed_in(self, tokens: AccessTokens, now: datetime) -> None:
        caller = Caller(self.learner_id, frozenset({Role.LEARNER}), _id("sign-in", self.number))
        self.authorization = f"Authorization: Bearer {tokens.mint(caller, now=now)}\r\n"

    def event(self, at: int) -> dict[str, object]:
        return {
            "id": str(uuid7()),
            "playSessionId": str(self.session_id),
            "fromSecond": at,
            "toSecond": at + BEAT_SECONDS,
        }

    def offline_event(self, at: int) -> tuple[dict[str, object], dict[str, object]]:
        """20 seconds watched offline, and the answer to the check that they wait for."""
        check = {
            "leaseId": str(_id("lease", self.number)),
            "check": at // OFFLINE_STRETCH + 1,
            "bootId": str(_id("boot", self.number)),
        }
        watched = {"fromSecond": at, "toSecond": at + BEAT_SECONDS}
        clock = {"fromMs": at * 1000, "toMs": (at + BEAT_SECONDS) * 1000}
        answered = {"option": OFFLINE_ANSWER, "shownMs": 2_700_000, "answeredMs": 2_709_000}
        return (
            {"id": str(uuid7()), **check, **watched, **clock},
            {"id": str(uuid7()), **check, **answered},
        )

    def next_beat(self) -> bytes:
        """The body of the next 20 seconds' heartbeat, so that every request has what to store."""
        self.beats += 1
        return msgspec.json.encode({"events": [self.event((self.beats - 1) * BEAT_SECONDS)]})


def _id(kind: str, number: int) -> UUID:
    return UUID(hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())
