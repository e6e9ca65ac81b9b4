"""A learner whose hours were corrected is told, in the transaction of the correction.

The reason stands in the learner's own list, where nobody else reads it: a notice travels by mail
and stands on lock screens.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.notices import service as notices
from backend.notices.service import Notice, Said

_SUBJECT = Said("您的学时有更正", "Your class hours were corrected")


class CorrectedHours(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    """Of the counter-entry."""
    learner_id: UUID
    seconds: int
    """Below zero: taken back."""
    lesson: str | None
    """None: hours of a class."""
    module: str | None


async def tell(corrections: Sequence[CorrectedHours], *, now: datetime) -> None:
    """In the caller's unit of work."""
    await notices.post([_notice(one) for one in corrections], now=now)


def _notice(one: CorrectedHours) -> Notice:
    minutes, seconds = divmod(abs(one.seconds), 60)
    zh = f"{minutes} 分 {seconds} 秒" if seconds else f"{minutes} 分钟"
    en = f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    what = _what(one)
    taken = one.seconds < 0
    return Notice(
        person_id=one.learner_id,
        kind="hours-corrected",
        once=f"hours-corrected:{one.id}",
        subject=_SUBJECT,
        text=Said(
            f"{what.zh}的学时{'扣减' if taken else '恢复'}了 {zh}，原因见“我的学时”。",
            f"{en} {'taken back from' if taken else 'given back to'} {what.en}; "
            "My class hours says why.",
        ),
        link="/hours",
    )


def _what(one: CorrectedHours) -> Said:
    if one.lesson:
        return Said(f"小节 {one.lesson} ", f"lesson {one.lesson}")
    of = f"（{one.module}）" if one.module else ""
    return Said(f"面授{of}", f"a class ({one.module})" if one.module else "a class")
