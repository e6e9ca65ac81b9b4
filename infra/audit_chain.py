"""The trail of privileged acts, read again: is it whole, what does it say, where does it end.

A chain of hashes shows a changed, missing or moved entry, but not that its end was cut off, nor
that all of it was written anew. For that its head goes into the public log (`anchors`).
"""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from piccolo.columns.combination import Where, WhereRaw

from infra.audit import FIRST_PREVIOUS, hash_of
from infra.tables import AuditEntry

_PAGE = 1_000


class Head(msgspec.Struct, frozen=True):
    number: int
    sha256: str


class Broken(msgspec.Struct, frozen=True):
    number: int
    why: str


class Verified(msgspec.Struct, frozen=True, rename="camel"):
    """`broken`: the first entry that is not as it was written; later ones prove nothing."""

    entries: int
    head: Head | None
    anchors: int
    broken: Broken | None


async def head() -> Head | None:
    row = (
        await AuditEntry.select(AuditEntry.number, AuditEntry.hash)
        .order_by(AuditEntry.number, ascending=False)
        .first()
    )
    return Head(row["number"], bytes(row["hash"]).hex()) if row else None


async def verify(anchors: Mapping[int, str] | None = None) -> Verified:
    """From the first entry on, a page at a time. `anchors`: number -> hash, as told in public."""
    anchors, previous, last = dict(anchors or {}), FIRST_PREVIOUS, 0
    async for row in _rows():
        why = _fault(row, last + 1, previous)
        found = bytes(row["hash"])
        if why is None and anchors.get(row["number"], found.hex()) != found.hex():
            why = "its hash is not the one that the public log names"
        if why:
            return Verified(last, None, len(anchors), Broken(last + 1, why))
        previous, last = found, row["number"]
    missing = min((number for number in anchors if number > last), default=None)
    broken = Broken(last + 1, f"the public log names entry {missing}") if missing else None
    end = Head(last, previous.hex()) if last else None
    return Verified(last, end, len(anchors), broken)


async def _rows() -> AsyncIterator[dict[str, Any]]:
    after = 0
    while True:
        page = (
            await AuditEntry.select()
            .where(AuditEntry.number > after)
            .order_by(AuditEntry.number)
            .limit(_PAGE)
        )
        for row in page:
            yield row
        if len(page) < _PAGE:
            return
        after = page[-1]["number"]


def _fault(row: dict[str, Any], number: int, previous: bytes) -> str | None:
    if row["number"] != number:
        return f"missing: the next one is number {row['number']}"
    if bytes(row["hash"]) != hash_of(previous, row["body"]):
        return "its hash does not follow from its text and the entry before"
    try:
        body = msgspec.json.decode(row["body"], type=dict[str, Any])
    except msgspec.DecodeError:
        return "its text is no JSON"
    shown = {
        "number": row["number"],
        "at": row["at"].astimezone(UTC).isoformat(),
        "act": row["act"],
        "actor": str(row["actor"]) if row["actor"] else None,
        "subject": row["subject"],
    }
    wrong = [name for name, value in shown.items() if body.get(name) != value]
    return f"its columns differ from its text: {', '.join(wrong)}" if wrong else None


async def entries(
    *,
    subject: str | None = None,
    actor: UUID | None = None,
    act: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[AuditEntry]:
    """Newest first, with numbers below `before`."""
    wanted: list[Where | WhereRaw] = []
    if subject is not None:
        wanted.append(AuditEntry.subject == subject)
    if actor is not None:
        wanted.append(AuditEntry.actor == actor)
    if act is not None:
        wanted.append(AuditEntry.act == act)
    if since is not None:
        wanted.append(AuditEntry.at >= since)
    if before is not None:
        wanted.append(AuditEntry.number < before)
    query = AuditEntry.objects().order_by(AuditEntry.number, ascending=False).limit(limit)
    return await (query.where(*wanted) if wanted else query)
