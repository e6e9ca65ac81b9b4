"""First attempts of an exam, from their evidence, a page at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from backend.assessment.criteria import answer_from
from backend.assessment.statistics.collecting import Collector
from backend.assessment.statistics.responses import Responses
from backend.assessment.statistics.sat_papers import PaperReader, Wording
from infra.database import UnitOfWork, connection
from infra.engine import DB

_PAGE = 200
_LAST = UUID(int=2**128 - 1)
# The first attempt alone: a second look at an item is another question.
_ROWS = """
SELECT id, learner_id, evidence FROM exam_attempt
WHERE exam_code = $1 AND edition = $2 AND number = 1 AND score IS NOT NULL AND id < $3
ORDER BY id DESC LIMIT $4
"""


class Read(msgspec.Struct, frozen=True):
    by_question: Responses
    whole: Responses
    pass_share: float
    wordings: dict[str, Wording]


class _Evidence(msgspec.Struct):
    criterion: msgspec.Raw
    answers: dict[str, msgspec.Raw]
    points: dict[str, Decimal]


_evidence = msgspec.json.Decoder(_Evidence).decode


class _Reading:
    def __init__(self) -> None:
        self.papers = PaperReader()
        self.by_question = Collector(cases_whole=False)
        self.whole = Collector(cases_whole=True)
        self.learners = set[UUID]()
        self.pass_share = 0.0

    def take(self, rows: Sequence[Mapping[str, object]]) -> None:
        for row in rows:
            learner, evidence = row["learner_id"], row["evidence"]
            assert isinstance(learner, UUID)
            assert isinstance(evidence, bytes)
            if learner not in self.learners:  # who is enrolled twice may sit one exam twice
                self.learners.add(learner)
                self._add(_evidence(evidence))

    def _add(self, evidence: _Evidence) -> None:
        given = {
            item: answer_from(msgspec.json.decode(one)) for item, one in evidence.answers.items()
        }
        paper = self.papers.read(evidence.criterion, given, evidence.points)
        self.by_question.add(paper.items, paper.rules)
        self.whole.add(paper.items, paper.rules)
        self.pass_share = self.pass_share or paper.pass_share


async def read(exam: str, edition: str, *, most: int) -> Read:
    """The newest. Reading takes a thread, so that whatever else runs here goes on."""
    reading, last, taken = _Reading(), _LAST, 0
    while taken < most:
        async with UnitOfWork(DB):
            rows = await connection().fetch(_ROWS, exam, edition, last, min(_PAGE, most - taken))
        if not rows:
            break
        await asyncio.to_thread(reading.take, rows)
        last, taken = rows[-1]["id"], taken + len(rows)
    return Read(
        reading.by_question.responses(),
        reading.whole.responses(),
        reading.pass_share,
        reading.papers.wordings,
    )
