"""From rows and requests to the area's JSON and back: masks are put on here."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.identity import schemas
from backend.identity.checking import Shown
from backend.identity.documents import checked_document, masked_name, masked_number
from backend.identity.domain import Claimed, today_in_china
from backend.identity.repository import Case, Declaration
from backend.identity.service import MyIdentity


def claimed(data: schemas.SeenDocument, now: datetime) -> Claimed:
    """DocumentNotValid."""
    document = checked_document(
        data.kind,
        data.number,
        country=data.country,
        mrz=data.mrz,
        expires_on=data.expires_on,
        today=today_in_china(now),
    )
    return Claimed(data.name, document)


def masked(declaration: Declaration, says: Claimed) -> schemas.MaskedDeclaration:
    return schemas.MaskedDeclaration(
        id=declaration.id,
        person_id=declaration.person,
        name=masked_name(says.name),
        kind=declaration.kind,
        number=masked_number(says.document.number),
        state=declaration.state,
        declared_at=declaration.declared_at,
        organisation_id=declaration.organisation,
        attested_at=declaration.attested_at,
        attested_by=declaration.attested_by,
        verified_at=declaration.verified_at,
        valid_until=declaration.valid_until,
    )


def declarations(found: Sequence[Shown], limit: int) -> schemas.Declarations:
    """`found`: one more than `limit` where there are more."""
    shown = found[:limit]
    more = shown[-1].declaration.id if len(found) > limit else None
    return schemas.Declarations(
        items=[masked(one.declaration, one.claimed) for one in shown], next_cursor=more
    )


def mine(found: MyIdentity) -> schemas.MyIdentity:
    newest = (
        masked(found.declaration, found.claimed) if found.declaration and found.claimed else None
    )
    if newest is not None:
        newest.attested_by = None  # a colleague's id is not needed to know how far it is
    history = [e for e in found.events if e["event"] not in {"case-opened", "case-decided"}]
    return schemas.MyIdentity(
        state=found.standing.state,
        method=found.standing.method,
        verified_at=found.standing.verified_at,
        valid_until=found.standing.valid_until,
        declaration=newest,
        history=msgspec.convert(
            [{k: e[k] for k in ("at", "event", "method", "reason")} for e in history],
            list[schemas.IdentityEventShown],
        ),
    )


def case(found: Case) -> schemas.CaseShown:
    values = msgspec.structs.asdict(found)
    return schemas.CaseShown(declaration_id=values.pop("declaration"), **values)


def cases(found: Sequence[Case], limit: int) -> schemas.Cases:
    shown = found[:limit]
    more: UUID | None = shown[-1].id if len(found) > limit else None
    return schemas.Cases(items=[case(one) for one in shown], next_cursor=more)
