"""A certification body for demonstrations: listed, with two auditors and a commitment."""

from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from backend.certification_bodies import auditors, documents, register
from backend.certification_bodies.domain import AlreadyInRegister, shanghai_day
from backend.certification_bodies.schemas import NewAuditor, NewBody
from backend.organisations.domain import Kind
from backend.organisations.service import DemoOrganisation, ensure_demo_organisation
from infra.objects import ObjectStore
from infra.vault import Vault

ORGANISATION = UUID("019a0000-0000-7000-8000-0000000000b1")
CODE = "91440300MA5DEM0B1L"
NAME = "演示认证中心"
_LISTED = date(2026, 1, 1)
_PDF_HEAD = "%PDF-1.4\n"
_TEXT = "BT /F1 18 Tf 60 760 Td (Demonstration: a public commitment. Nothing here counts.) Tj ET"
_OBJECTS = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
    " /Resources << /Font << /F1 5 0 R >> >> >>",
    f"<< /Length {len(_TEXT)} >>\nstream\n{_TEXT}\nendstream",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
)


class DemoPeople(msgspec.Struct, frozen=True):
    manager: UUID
    administrator: UUID


async def ensure_demo_body(
    vault: Vault, objects: ObjectStore, people: DemoPeople, *, now: datetime
) -> None:
    """Repeated, it finds the body there and does nothing more."""
    organisation = DemoOrganisation(
        ORGANISATION, CODE, NAME, Kind.CERTIFICATION_BODY, people.manager
    )
    await ensure_demo_organisation(organisation, now=now)
    try:
        await register.enter_body(
            NewBody(
                organisation_id=ORGANISATION,
                effective_from=min(_LISTED, shanghai_day(now)),
                reason="演示数据，不代表任何真实机构",
                document="演示〔2026〕1号",
            ),
            administrator=people.administrator,
            now=now,
        )
    except AlreadyInRegister:
        return
    await _two_auditors(vault, people, now=now)
    paper = documents.Paper("公开承诺书（演示）", "1.0", _LISTED, _pdf())
    await documents.file_commitment(objects, CODE, paper, manager=people.manager, now=now)


async def _two_auditors(vault: Vault, people: DemoPeople, *, now: datetime) -> None:
    """One is the manager's own account, the other has none here."""
    since = shanghai_day(now) - timedelta(days=60)
    for number, name, grade, person in (
        ("2024-N1IPMS-9000001", "演示认证人员", "senior", people.manager),
        ("2025-N1IPMS-9000002", "陈演示", "auditor", None),
    ):
        wanted = NewAuditor(
            registration_number=number,
            name=name,
            grade=grade,
            grade_since=since,
            employed_since=since,
            person_id=person,
        )
        await auditors.add_auditor(vault, CODE, wanted, manager=people.manager, now=now)


def _pdf() -> bytes:
    """One page, written by hand: the cross-reference table needs each object's offset."""
    body, offsets = _PDF_HEAD, list[int]()
    for number, content in enumerate(_OBJECTS, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(_OBJECTS) + 1
    tail = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{tail}".encode()
