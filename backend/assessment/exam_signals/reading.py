"""A day's attempts at an exam, with as many of before as tell how people answer."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from backend.assessment.criteria import answer_from
from backend.assessment.statistics.collecting import Collector
from backend.assessment.statistics.devices import Sitting
from backend.assessment.statistics.exam_day import DayOfExam, Save, answer_seconds, groups_of
from backend.assessment.statistics.sat_papers import PaperReader, Wording
from backend.organisations import service as organisations
from courses.items.rich_text import plain
from infra.database import UnitOfWork, connection
from infra.engine import DB

MOST_TODAY, MOST_BEFORE = 6_000, 3_000
"""Attempts, newest first; an exam day has half as many."""
LATELY = timedelta(days=7)
_PAGE = 200
_SHANGHAI = timezone(timedelta(hours=8))
_ROWS = """
SELECT id, learner_id, criterion, started_at, ended_at FROM exam_attempt
WHERE exam_code = $1 AND edition = $2 AND (ended_at, id) < ($3, $4)
ORDER BY ended_at DESC, id DESC LIMIT $5
"""
_ANSWERS = """
SELECT a.attempt_id, a.item_id, a.picked, a.spent_ms, a.saved_at
FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS pairs(learner_id, id)
    LIMIT cardinality($1)) AS asked
JOIN attempt_answer a ON a.learner_id = asked.learner_id AND a.attempt_id = asked.id
"""
_DEVICES = """
SELECT s.attempt_id, s.device_id, s.begun_at
FROM (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS pairs(learner_id, id)
    LIMIT cardinality($1)) AS asked
JOIN attempt_sitting s ON s.learner_id = asked.learner_id AND s.attempt_id = asked.id
WHERE s.device_id IS NOT NULL
"""
_FIRST = UUID(int=0)


class Sat(msgspec.Struct, frozen=True):
    id: UUID
    learner_id: UUID
    started_at: datetime
    ended_at: datetime


class DayRead(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    sat: list[Sat]
    """In the order of the arrays; those of the day first."""
    today: int
    day: DayOfExam


def day_of(moment: datetime) -> date:
    return moment.astimezone(_SHANGHAI).date()


def day_begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=_SHANGHAI)


class _Reading:
    def __init__(self) -> None:
        self.papers, self.collector = PaperReader(), Collector(cases_whole=False)
        self.sat: list[Sat] = []
        self.seconds: list[dict[str, float]] = []
        self.sittings: list[Sitting] = []

    def take(
        self,
        rows: Sequence[Mapping[str, Any]],
        answers: Sequence[Mapping[str, Any]],
        devices: Sequence[Mapping[str, Any]],
    ) -> None:
        given: dict[UUID, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
        for one in answers:
            given[one["attempt_id"]].append(one)
        first = len(self.sat)
        for row in rows:
            self._add(row, given[row["id"]])
        places = {row["id"]: first + n for n, row in enumerate(rows)}
        self.sittings += [self._sitting(one, places[one["attempt_id"]]) for one in devices]

    def _add(self, row: Mapping[str, Any], given: Sequence[Mapping[str, Any]]) -> None:
        answers = {one["item_id"]: answer_from(msgspec.json.decode(one["picked"])) for one in given}
        paper = self.papers.read(row["criterion"], answers)
        self.collector.add(paper.items, paper.rules)
        started, ended = row["started_at"], row["ended_at"]
        self.sat.append(Sat(row["id"], row["learner_id"], started, ended))
        self.seconds.append(answer_seconds([_save(one) for one in given], started, ended))

    def _sitting(self, row: Mapping[str, Any], place: int) -> Sitting:
        sat = self.sat[place]
        return Sitting(
            attempt=place,
            learner=str(sat.learner_id),
            device=str(row["device_id"]),
            started=row["begun_at"],
            ended=sat.ended_at,
        )


def _save(one: Mapping[str, Any]) -> Save:
    claimed = None if one["spent_ms"] is None else one["spent_ms"] / 1000
    return Save(one["item_id"], claimed, one["saved_at"])


async def read(exam: str, edition: str, day: date) -> DayRead | None:
    """None where nobody's attempt ended on that day. Answers take a thread to read."""
    reading, begins = _Reading(), day_begins(day)
    await _read(reading, exam, edition, begins, begins + timedelta(days=1), MOST_TODAY)
    if not (today := len(reading.sat)):
        return None
    await _read(reading, exam, edition, None, begins, MOST_BEFORE)
    where = await organisations.first_organisations([one.learner_id for one in reading.sat[:today]])
    whose = [str(where.get(one.learner_id, "")) for one in reading.sat]
    return DayRead(
        sat=reading.sat,
        today=today,
        day=await asyncio.to_thread(_arrays, reading, today, whose, begins),
    )


async def _read(
    reading: _Reading,
    exam: str,
    edition: str,
    since: datetime | None,
    until: datetime,
    most: int,
) -> None:
    last, taken = (until, _FIRST), 0
    while taken < most:
        async with UnitOfWork(DB):
            rows = await connection().fetch(_ROWS, exam, edition, *last, min(_PAGE, most - taken))
            rows = [row for row in rows if since is None or row["ended_at"] >= since]
            ids = [row["learner_id"] for row in rows], [row["id"] for row in rows]
            answers = await connection().fetch(_ANSWERS, *ids) if rows else []
            devices = await connection().fetch(_DEVICES, *ids) if rows and since else []
        if not rows:
            return
        await asyncio.to_thread(reading.take, rows, answers, devices)
        last, taken = (rows[-1]["ended_at"], rows[-1]["id"]), taken + len(rows)


def _arrays(reading: _Reading, today: int, whose: list[str], begins: datetime) -> DayOfExam:
    responses = reading.collector.responses()
    names = [item.code for item in responses.items]
    ids = [name.split(" v")[0] for name in names]
    rows = zip(responses.attempt.tolist(), responses.item.tolist(), strict=True)
    seconds = [reading.seconds[attempt].get(ids[item], np.nan) for attempt, item in rows]
    mine = np.arange(responses.attempts) < today
    started = [one.started_at for one in reading.sat]
    since = begins + timedelta(days=1) - LATELY
    return DayOfExam(
        responses=responses,
        seconds=np.array(seconds, float),
        characters=np.array([_length(reading.papers.wordings[name]) for name in names], np.int64),
        today=mine,
        lately=np.array([one.ended_at >= since for one in reading.sat], bool),
        group=groups_of(whose, started, mine),
        sittings=reading.sittings,
    )


def _length(wording: Wording) -> int:
    options = sum(len(plain(option.text)) for option in wording.options)
    return len(plain(wording.stem)) + options
