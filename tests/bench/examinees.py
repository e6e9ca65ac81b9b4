"""People at an exam, all at once: their hours are met, and each remembers what was acknowledged."""

import asyncio
import gzip
import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import msgspec
from msgspec.structs import replace

from backend.accounts.domain import Caller, Role
from backend.accounts.tokens import AccessTokens
from backend.assessment.criteria import thawed
from courses.blueprint import blueprint_of
from courses.editions import CURRENT
from courses.format import Edition, Kind
from courses.items.lettering import lettered
from courses.items.solutions import solution
from courses.loader import load_edition
from courses.papers.pool import pool_of
from tests.bench.load import Line
from tests.courses.banks import bank_for

PROGRAMME, LESSON, CODE = "DEMO", "M02-L01", "2026.9"
TIMES = 5
_TRIES = 60
_COME_AGAIN_SECONDS = 5
_PACKED = b"\x1f\x8b"
_ANSWERS = {
    Kind.SINGLE: {"kind": "choice", "picked": ["B"]},
    Kind.MULTIPLE: {"kind": "choice", "picked": ["A", "C"]},
    Kind.TRUE_FALSE: {"kind": "choice", "picked": ["T"]},
    Kind.CASE: {"kind": "parts", "parts": {"1": {"kind": "choice", "picked": ["A"]}}},
}
_FILL = """
WITH people AS (SELECT n, md5('examinee' || n)::uuid AS id FROM generate_series(1, $1::int) AS n),
enrolled AS (
    INSERT INTO enrolment (id, learner_id, programme_code, edition, edition_sha256, demonstration,
        enrolled_at)
    SELECT md5('enrolled' || n)::uuid, id, $2, $3, $4, true, $5::timestamptz - interval '9 days'
    FROM people
)
INSERT INTO ledger_entry (id, learner_id, kind, source, enrolment_id, programme_code, edition,
    module_code, lesson_code, lecture_id, seconds, watched_seconds, evidence, evidence_sha256,
    completed_at, counts_on)
SELECT md5('earned' || n)::uuid, id, 'awarded', 'online', md5('enrolled' || n)::uuid, $2, $3,
    'M02', $6, md5('lecture')::uuid, 900, 900, '{}', repeat('0', 64),
    $5::timestamptz - interval '2 days', ($5::timestamptz - interval '2 days')::date
FROM people
"""


def edition() -> Edition:
    """The demonstration's exam in the shape of E3: 67 items from a bank of five times as many."""
    now = load_edition(CURRENT)
    programme = now.programme(PROGRAMME)
    shape = now.exam("E3")
    exam = replace(shape, code=programme.exam)
    exams = tuple(exam if one.code == exam.code else one for one in now.exams)
    whole = replace(now, code=CODE, exams=exams)
    pool = pool_of((), exam, blueprint_of(whole, programme))
    items = tuple(replace(one, module="M02") for one in bank_for(pool, TIMES))
    return replace(whole, items=items)


async def fill(dsn: str, people: int, sha256: str, now: datetime) -> None:
    database = await asyncpg.connect(dsn)
    await database.execute(_FILL, people, PROGRAMME, CODE, sha256, now, LESSON)
    await database.execute("VACUUM ANALYZE enrolment, ledger_entry")
    await database.close()


_PAPERS = "SELECT learner_id, criterion FROM exam_attempt"


async def prepare_for(dsn: str, people: Iterable["Examinee"]) -> None:
    """Tells those who are prepared what is right on their papers, in the letters of these."""
    by_id = {one.learner_id: one for one in people if one.prepared}
    database = await asyncpg.connect(dsn)
    for learner_id, criterion in await database.fetch(_PAPERS):
        if one := by_id.get(learner_id):
            right = (solution(lettered(item.interaction)) for item in thawed(criterion).items)
            one.known = [msgspec.to_builtins(answer) for answer in right]
    await database.close()


def _id(kind: str, number: int) -> UUID:
    return UUID(hashlib.md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest())


class Examinee:
    """Asks again what was not answered, as the page does."""

    def __init__(self, number: int, tokens: AccessTokens, url: str, now: datetime) -> None:
        self.learner_id, self.enrolment_id = _id("examinee", number), _id("enrolled", number)
        caller = Caller(self.learner_id, frozenset({Role.LEARNER}), _id("sign-in", number))
        self._authorization = f"Authorization: Bearer {tokens.mint(caller, now=now)}\r\n"
        self._address = urlsplit(url)
        self._line: Line | None = None
        self.attempt: dict[str, Any] = {}
        self.sequence = 0
        self.prepared = bool(number % 3)
        """Two of three know every answer, and pass; it must be told which they are."""
        self.known: list[Any] = []
        self.acknowledged: dict[int, tuple[int, Any]] = {}
        """By position, the last sequence and answer that were said to be saved."""
        self.broken = self.sent_away = 0

    async def connect(self) -> None:
        host, port = self._address.hostname or "", self._address.port or 80
        _, self._line = await asyncio.get_running_loop().create_connection(Line, host, port)

    async def start(self) -> None:
        body = {"enrolmentId": str(self.enrolment_id)}
        self.attempt = await self._ask("POST", "/v1/attempts", body)
        self.sequence = self.attempt["nextSequence"]

    async def save(self, turn: int, count: int = 2) -> None:
        """A few answers, as somebody gives in 15 seconds."""
        many = len(self.attempt["items"])
        await self._save([self._answer((turn * count + n) % many) for n in range(count)])

    async def save_all(self) -> None:
        """As after a line that was away; whoever is not prepared leaves most of them out."""
        many = len(self.attempt["items"]) if self.prepared else 2
        await self._save([self._answer(place) for place in range(many)])

    async def _save(self, answers: list[dict[str, Any]]) -> None:
        body = {"sitting": self.attempt["sitting"], "answers": answers}
        found = await self._ask("PUT", f"/v1/attempts/{self.attempt['id']}/answers", body)
        for sent, one in zip(answers, found["answers"], strict=True):
            assert one["verdict"] == "saved", one
            self.acknowledged[one["position"]] = one["sequence"], sent["answer"]

    async def submit(self) -> None:
        body = {"sitting": self.attempt["sitting"], "answers": []}
        found = await self._ask("POST", f"/v1/attempts/{self.attempt['id']}/submission", body)
        assert found["score"] is not None

    def request(self, method: str, path: str, body: Any) -> bytes:
        said = msgspec.json.encode(body)
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        head += "Accept-Encoding: gzip\r\n"  # as every browser: a paper is worth packing
        return f"{head}{self._authorization}Content-Length: {len(said)}\r\n\r\n".encode() + said

    def _answer(self, place: int) -> dict[str, Any]:
        self.sequence += 1
        kind = Kind(self.attempt["items"][place]["kind"])
        answer = self.known[place] if self.known else _ANSWERS[kind]
        return {"position": place + 1, "sequence": self.sequence, "answer": answer}

    async def _ask(self, method: str, path: str, body: Any) -> Any:
        request = self.request(method, path, body)
        for _ in range(_TRIES):
            try:
                if self._line is None or self._line.closed:
                    await self.connect()
                assert self._line is not None
                answer = await self._line.ask(request)
            except OSError:  # the server was killed: another takes the next connection
                self._line, self.broken = None, self.broken + 1
                await asyncio.sleep(0.2)
            except RuntimeError as refused:
                if not str(refused).startswith("HTTP/1.1 503"):
                    raise
                self.sent_away += 1
                await asyncio.sleep(_COME_AGAIN_SECONDS)
            else:
                said = answer.partition(b"\r\n\r\n")[2]
                packed = said.startswith(_PACKED)
                return msgspec.json.decode(gzip.decompress(said) if packed else said)
        raise ConnectionError("no server answers")
