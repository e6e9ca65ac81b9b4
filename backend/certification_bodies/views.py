"""From rows and rules to what the API says."""

from backend.certification_bodies.domain import Fact, RegisterState
from backend.certification_bodies.repository import Body
from backend.certification_bodies.repository import Document as Filed
from backend.certification_bodies.schemas import BodyStatus, DocumentView, Entry, Status


def body_status(body: Body, fact: Fact) -> BodyStatus:
    return BodyStatus(code=body.code, status=status_view(fact))


def status_view(fact: Fact) -> Status:
    return Status(
        state=fact.state or RegisterState.REMOVED,
        name=fact.name,
        effective_from=fact.effective_from,
        reason=fact.reason,
        document=fact.document,
    )


def entry(fact: Fact, *, corrected: bool) -> Entry:
    return Entry(
        id=fact.id,
        state=fact.state or "withdrawn",
        name=fact.name,
        effective_from=fact.effective_from,
        reason=fact.reason,
        document=fact.document,
        recorded_at=fact.recorded_at,
        corrects=fact.corrects,
        corrected=corrected,
    )


def document(code: str, filed: Filed) -> DocumentView:
    return DocumentView(
        id=filed.id,
        kind=filed.kind.value,
        title=filed.title,
        version=filed.version,
        effective_from=filed.effective_from,
        sha256=filed.sha256,
        media_type=filed.media_type,
        size_bytes=filed.size_bytes,
        filed_at=filed.filed_at,
        url=f"/v1/certification-bodies/{code}/documents/{filed.id}",
    )
