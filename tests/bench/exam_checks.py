"""After an exam day, answer by answer: what was acknowledged is kept, and is in the mark."""

from typing import Any

import asyncpg
import msgspec

from backend.assessment.criteria import answer_from, thawed
from backend.assessment.recompute import recompute
from courses.items.answers import Answer, settled
from courses.items.lettering import from_paper
from infra.engine import DB, configure
from tests.bench.examinees import Examinee

_KEPT = """
SELECT t.state, t.passed, t.criterion, t.evidence,
    (SELECT jsonb_object_agg(a.item_id, a.sequence)::text FROM attempt_answer a
     WHERE a.learner_id = t.learner_id AND a.attempt_id = t.id) AS sequences,
    (SELECT count(*) FROM due_record d WHERE d.learner_id = t.learner_id) AS records
FROM exam_attempt t WHERE t.learner_id = $1
"""


class _Evidence(msgspec.Struct):
    answers: dict[str, Any]


async def checked(dsn: str, people: list[Examinee]) -> int:
    """How many acknowledged answers were found, every one of them: kept, and in the evidence that
    the mark is of. One mark each, one record for each pass; marked again, each comes out the
    same."""
    database = await asyncpg.connect(dsn)
    found = sum([_answers_of(one, await database.fetch(_KEPT, one.learner_id)) for one in people])
    await database.close()
    configure(dsn)
    await DB.start_connection_pool(min_size=1, max_size=2)
    again = await recompute()
    await DB.close_connection_pool()
    assert (again.marked, again.differing) == (len(people), [])
    return found


def _answers_of(one: Examinee, rows: list[Any]) -> int:
    (row,) = rows
    assert (row["state"], row["passed"]) == ("submitted", one.prepared), one.learner_id
    assert row["records"] == int(one.prepared), f"records: {row['records']}"
    items = thawed(row["criterion"]).items
    sequences = msgspec.json.decode(row["sequences"])
    marked = msgspec.json.decode(row["evidence"], type=_Evidence).answers
    for position, (sequence, sent) in one.acknowledged.items():
        item = items[position - 1]
        given = settled(from_paper(item.interaction, msgspec.convert(sent, Answer)))
        assert sequences[item.id] == sequence, f"an acknowledged answer was lost: {item.id}"
        assert answer_from(marked[item.id]) == given, f"the mark is of another answer: {item.id}"
    return len(one.acknowledged)
