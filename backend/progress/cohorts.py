"""What many learners have done, in one statement for any number of them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.progress.domain import Span
from infra.database import connection

_BEGUN = """
SELECT learner_id, programme_code, min(enrolled_at) AS begun_at FROM enrolment
WHERE learner_id = ANY($1::uuid[]) AND programme_code = ANY($2::text[])
GROUP BY learner_id, programme_code
"""
# Days are China's already, so a month needs no time zone. Served by ledger_entry_by_day alone.
_HOURS = """
SELECT s.cohort, date_trunc('month', l.counts_on::timestamp)::date AS month,
       sum(l.seconds)::bigint AS seconds
FROM unnest($1::uuid[], $2::int[], $3::date[], $4::date[]) AS s(learner_id, cohort, since, until)
JOIN ledger_entry l ON l.learner_id = s.learner_id AND l.counts_on BETWEEN s.since AND s.until
GROUP BY 1, 2
"""


async def begun(
    learner_ids: Sequence[UUID], programmes: Collection[str]
) -> dict[tuple[UUID, str], datetime]:
    """(learner, programme) -> the first enrolment, under whichever edition."""
    rows = await connection().fetch(_BEGUN, learner_ids, list(programmes))
    return {(row["learner_id"], row["programme_code"]): row["begun_at"] for row in rows}


async def hours_by_month(spans: Sequence[Span]) -> dict[tuple[int, date], int]:
    """(cohort, first of a month) -> seconds of class hours that count in it."""
    columns = zip(*map(msgspec.structs.astuple, spans), strict=True)
    rows = await connection().fetch(_HOURS, *map(list, columns)) if spans else []
    return {(row["cohort"], row["month"]): row["seconds"] for row in rows}
