"""Filed rule versions (认证规则备案) and public commitments (公开承诺)."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.certification_bodies import repository, views
from backend.certification_bodies.filing import DocumentKind
from backend.certification_bodies.register import check_body_listed
from backend.certification_bodies.repository import Body, Document
from backend.certification_bodies.schemas import DocumentView
from backend.organisations import service as organisations
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.papers import Judged, judged


class Paper(msgspec.Struct, frozen=True):
    """What is said about a file that is being filed."""

    title: str
    version: str
    effective_from: date
    content: bytes


async def file_rule(
    objects: ObjectStore, code: str, paper: Paper, *, administrator: UUID, now: datetime
) -> DocumentView:
    """Whoever keeps the register accepts a rule: it can be filed of a suspended body too."""
    fit = await _stored(objects, paper.content)
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        filed = await _file(DocumentKind.RULE, body, paper, fit, actor=administrator, now=now)
    return views.document(body.code, filed)


async def file_commitment(
    objects: ObjectStore, code: str, paper: Paper, *, manager: UUID, now: datetime
) -> DocumentView:
    fit = await _stored(objects, paper.content)
    async with UnitOfWork(DB):
        body = await _of_manager(code, manager, now=now)
        filed = await _file(DocumentKind.COMMITMENT, body, paper, fit, actor=manager, now=now)
    return views.document(body.code, filed)


async def check_may_file(code: str, manager: UUID, *, now: datetime) -> None:
    """Before a file is taken in: a stranger must not fill our memory or the store."""
    async with UnitOfWork(DB):
        await _of_manager(code, manager, now=now)


async def content(objects: ObjectStore, code: str, document_id: UUID) -> tuple[Document, bytes]:
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        found = await repository.document_of(body, document_id)
    return found, await objects.get_bytes(_name(found.sha256))


async def _of_manager(code: str, manager: UUID, *, now: datetime) -> Body:
    """The body, if this person manages it (else not found) and it is listed (else refused)."""
    body = await repository.body_by_code(code)
    await organisations.manager_or_404(manager, body.id)
    await check_body_listed(body, now=now)
    return body


async def _stored(objects: ObjectStore, file: bytes) -> Judged:
    """Before the transaction; under its hash, so that again, or in vain, does no harm."""
    fit = judged(file)
    await objects.put_bytes(_name(fit.sha256), file, fit.media_type)
    return fit


async def _file(
    kind: DocumentKind, body: Body, paper: Paper, fit: Judged, *, actor: UUID, now: datetime
) -> Document:
    document = repository.new_document(
        kind, paper.title, paper.version, paper.effective_from, paper.content, fit, now=now
    )
    await repository.add_document(body, document, fit, filed_by=actor)
    await record_act(
        f"body-{kind}-filed",
        actor=actor,
        subject=f"organisation:{body.id}",
        now=now,
        details={"document": str(document.id), "sha256": fit.sha256, "version": paper.version},
    )
    return document


def _name(sha256: str) -> str:
    return f"bodies/{sha256}"
