from datetime import datetime

from backend.curriculum.tables import PublishedEdition
from infra.ids import uuid7


async def publish(code: str, sha256: str, content: bytes, *, now: datetime) -> str:
    """Store the edition unless its code is taken; either way the hash stored under that code."""
    row = PublishedEdition(id=uuid7(), code=code, sha256=sha256, content=content, published_at=now)
    await PublishedEdition.insert(row).on_conflict(
        target=PublishedEdition.code, action="DO NOTHING"
    )
    return (await hash_of(code)) or ""


async def hash_of(code: str) -> str | None:
    """Asked by each start of an exam, twice: in SQL, which need not be put together."""
    rows = await PublishedEdition.raw("SELECT sha256 FROM published_edition WHERE code = {}", code)
    return rows[0]["sha256"] if rows else None


async def newest() -> tuple[str, str] | None:
    """Code and hash of the edition in use: the one published last."""
    row = (
        await PublishedEdition.select(PublishedEdition.code, PublishedEdition.sha256)
        .order_by(PublishedEdition.published_at, PublishedEdition.id, ascending=False)
        .first()
    )
    return (row["code"], row["sha256"]) if row else None


async def all_published() -> list[tuple[str, str, datetime]]:
    """Code, hash and moment of each edition, in the order of their publishing."""
    rows = await PublishedEdition.select(
        PublishedEdition.code, PublishedEdition.sha256, PublishedEdition.published_at
    ).order_by(PublishedEdition.published_at, PublishedEdition.id)
    return [(row["code"], row["sha256"], row["published_at"]) for row in rows]


async def content_of(code: str) -> bytes:
    row = (
        await PublishedEdition.select(PublishedEdition.content)
        .where(PublishedEdition.code == code)
        .first()
    )
    assert row is not None
    return bytes(row["content"])
