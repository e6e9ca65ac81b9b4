"""Rows of bodies, their register and their documents. Auditors' rows: `auditor_rows`."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.certification_bodies.domain import (
    AlreadyInRegister,
    Fact,
    NoSuchBody,
    RegisterState,
)
from backend.certification_bodies.filing import DocumentKind, NoSuchDocument, VersionTaken
from backend.certification_bodies.tables import BodyDocument, CertificationBody, RegisterEntry
from infra.ids import uuid7
from infra.papers import Judged


class Body(msgspec.Struct, frozen=True):
    id: UUID
    """The organisation's."""
    code: str


class Document(msgspec.Struct, frozen=True):
    id: UUID
    kind: DocumentKind
    title: str
    version: str
    effective_from: date
    sha256: str
    media_type: str
    size_bytes: int
    filed_at: datetime


_BODY = (CertificationBody.organisation.as_alias("id"), CertificationBody.code)
_DOCUMENT = (
    *(BodyDocument.id, BodyDocument.kind, BodyDocument.title, BodyDocument.version),
    *(BodyDocument.effective_from, BodyDocument.sha256, BodyDocument.media_type),
    *(BodyDocument.size_bytes, BodyDocument.filed_at),
)


async def add_body(body: Body, *, now: datetime) -> None:
    added = await CertificationBody.insert(
        CertificationBody(organisation=body.id, code=body.code, entered_at=now)
    ).on_conflict(action="DO NOTHING")
    if not added:
        raise AlreadyInRegister


async def body_by_code(code: str) -> Body:
    row = await CertificationBody.select(*_BODY).where(CertificationBody.code == code).first()
    if row is None:
        raise NoSuchBody
    return msgspec.convert(row, Body)


async def lock_body(body: Body) -> None:
    """Entries of one body queue here: each is judged against all before it."""
    await (
        CertificationBody.select(CertificationBody.code)
        .where(CertificationBody.organisation == body.id)
        .lock_rows("UPDATE")
    )


async def bodies_after(code: str, limit: int) -> list[Body]:
    rows = (
        await CertificationBody.select(*_BODY)
        .where(CertificationBody.code > code)
        .order_by(CertificationBody.code)
        .limit(limit)
    )
    return msgspec.convert(rows, list[Body])


async def bodies_by_id(ids: Collection[UUID]) -> list[Body]:
    if not ids:
        return []
    rows = (
        await CertificationBody.select(*_BODY)
        .where(CertificationBody.organisation.is_in(list(ids)))
        .order_by(CertificationBody.code)
    )
    return msgspec.convert(rows, list[Body])


async def add_fact(body: Body, fact: Fact, *, recorded_by: UUID) -> None:
    await RegisterEntry.insert(
        RegisterEntry(
            id=fact.id,
            body=body.id,
            state=fact.state or "withdrawn",
            name=fact.name,
            effective_from=fact.effective_from,
            reason=fact.reason,
            document=fact.document,
            corrects=fact.corrects,
            recorded_at=fact.recorded_at,
            recorded_by=recorded_by,
        )
    )


async def facts_of(ids: Collection[UUID]) -> dict[UUID, list[Fact]]:
    """Every entry of these bodies in the order of recording; one query."""
    found: dict[UUID, list[Fact]] = defaultdict(list)
    if ids:
        rows = (
            await RegisterEntry.select()
            .where(RegisterEntry.body.is_in(list(ids)))
            .order_by(RegisterEntry.recorded_at)
        )
        for row in rows:
            found[row["body"]].append(_fact(row))
    return found


def _fact(row: dict[str, object]) -> Fact:
    state = None if row["state"] == "withdrawn" else RegisterState(str(row["state"]))
    return msgspec.convert({**row, "state": state}, Fact)


async def add_document(body: Body, document: Document, judged: Judged, *, filed_by: UUID) -> None:
    added = await BodyDocument.insert(
        BodyDocument(
            id=document.id,
            body=body.id,
            kind=document.kind,
            title=document.title,
            version=document.version,
            effective_from=document.effective_from,
            sha256=judged.sha256,
            media_type=judged.media_type,
            size_bytes=document.size_bytes,
            filed_by=filed_by,
            filed_at=document.filed_at,
        )
    ).on_conflict(
        target=(BodyDocument.body, BodyDocument.kind, BodyDocument.version), action="DO NOTHING"
    )
    if not added:
        raise VersionTaken(fields={"version": VersionTaken.zh})


async def documents_of(body: Body) -> list[Document]:
    """The newest first, by the day from which they hold."""
    rows = (
        await BodyDocument.select(*_DOCUMENT)
        .where(BodyDocument.body == body.id)
        .order_by(BodyDocument.effective_from, BodyDocument.id, ascending=False)
        .limit(200)
    )
    return msgspec.convert(rows, list[Document])


async def document_of(body: Body, document_id: UUID) -> Document:
    row = (
        await BodyDocument.select(*_DOCUMENT)
        .where(BodyDocument.body == body.id, BodyDocument.id == document_id)
        .first()
    )
    if row is None:
        raise NoSuchDocument
    return msgspec.convert(row, Document)


def new_document(
    kind: DocumentKind,
    title: str,
    version: str,
    effective_from: date,
    content: bytes,
    judged: Judged,
    *,
    now: datetime,
) -> Document:
    return Document(
        id=uuid7(),
        kind=kind,
        title=title,
        version=version,
        effective_from=effective_from,
        sha256=judged.sha256,
        media_type=judged.media_type,
        size_bytes=len(content),
        filed_at=now,
    )
