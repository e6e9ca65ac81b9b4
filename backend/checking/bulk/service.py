"""Many records checked at once, for a certification body's systems."""

from collections.abc import Sequence
from datetime import datetime

from backend.checking.bulk.schemas import BulkAnswer
from backend.records.domain import Title
from backend.records.lookups import service as lookups
from backend.records.lookups.service import Judged


async def inline(asked: Sequence[str], *, now: datetime) -> list[BulkAnswer]:
    """In the order asked."""
    judged = await lookups.verdicts(asked, now)
    return [_answer(position, one) for position, one in enumerate(judged, start=1)]


def _answer(position: int, judged: Judged) -> BulkAnswer:
    zh, en = judged.meaning
    return BulkAnswer(
        position=position,
        verdict=judged.verdict,
        meaning=Title(zh=zh, en=en),
        number=judged.number,
        programme=judged.programme,
        issued_at=judged.issued_at,
        valid_until=judged.valid_until,
        demonstration=judged.demonstration,
    )
