"""A holder is told what became of a record, and who proposed a revocation what came of it: in the
transaction of the decision.

The reason stands on the record's page: a notice travels by mail and stands on lock screens.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.accounts.privacy_facts import is_erased
from backend.notices import service as notices
from backend.notices.service import Notice, Said
from backend.records.domain import Title
from backend.records.tables import CompletionRecord

_SUBJECTS = {
    "suspended": Said("您的培训证明被暂停", "Your completion record was suspended"),
    "reinstated": Said("您的培训证明已恢复", "Your completion record is in force again"),
    "revoked": Said("您的培训证明被撤销", "Your completion record was revoked"),
    "superseded": Said("您的培训证明已更正", "Your completion record was corrected"),
}
_TEXTS = {
    "suspended": Said(
        "“{title}”已被暂停，暂停期间核验不通过。理由和申诉办法见该证明的页面。",
        "“{title}” is suspended and does not verify meanwhile. Its page says why, and how to "
        "appeal.",
    ),
    "reinstated": Said(
        "“{title}”的暂停已经结束，现在核验有效。",
        "The suspension of “{title}” is over; it verifies as valid again.",
    ),
    "revoked": Said(
        "“{title}”已由两人决定撤销。理由和申诉办法见该证明的页面。",
        "“{title}” was revoked by two people. Its page says why, and how to appeal.",
    ),
    "superseded": Said(
        "“{title}”已由一份新的证明替代，请改用新证明；旧证明的页面有链接。",
        "A new record has taken the place of “{title}”: use that one. The old one's page leads "
        "to it.",
    ),
}


class _Facts(msgspec.Struct):
    programme_title: Title
    period: str | None = None


def title_of(facts: bytes) -> Title:
    """With the year, of a yearly programme."""
    found = msgspec.json.decode(facts, type=_Facts)
    title, year = found.programme_title, found.period
    return Title(zh=f"{title.zh} · {year} 年度", en=f"{title.en} · {year}") if year else title


async def tell_holder(
    record: CompletionRecord, kind: str, event_id: UUID, *, now: datetime
) -> None:
    """In the caller's unit of work. Nobody is there to be told of a person who was erased."""
    if await is_erased(record.learner_id):
        return
    title, text = title_of(record.facts), _TEXTS[kind]
    notice = Notice(
        person_id=record.learner_id,
        kind=f"record-{kind}",
        once=f"record-{kind}:{event_id}",
        subject=_SUBJECTS[kind],
        text=Said(text.zh.format(title=title.zh), text.en.format(title=title.en)),
        link=f"/records/{record.id}",
    )
    await notices.post([notice], now=now)


async def tell_proposer(
    proposer_id: UUID, proposal_id: UUID, number: str, *, revoked: bool, now: datetime
) -> None:
    """In the caller's unit of work."""
    zh, en = ("已获批准", "was approved") if revoked else ("未获批准", "was declined")
    notice = Notice(
        person_id=proposer_id,
        kind="revocation-decided",
        once=f"revocation-decided:{proposal_id}",
        subject=Said(f"您提议的撤销{zh}", f"The revocation you proposed {en}"),
        text=Said(
            f"关于证明 {number} 的提议{zh}，详情见“证明处理”。",
            f"Your proposal about record {number} {en}; “Record decisions” has the details.",
        ),
        link=f"/decisions?record={number}",
    )
    await notices.post([notice], now=now)
