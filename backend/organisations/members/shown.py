"""How people are shown to their organisation's managers: names and contact data masked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.organisations.domain import Position, masked_contact
from backend.organisations.members.repository import Asked, Member
from backend.organisations.tables import ExpectedMember, JoinRequest, Membership
from backend.records.domain import masked_name
from infra.vault import Vault, place


class MemberView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    id: UUID
    """Of the membership."""
    person_id: UUID
    """Names the member where another area asks for a person: an instructor, an auditor."""
    name: str
    """Masked, as 王*明; empty when the person was erased."""
    contact: str | None = None
    """Masked; only where the organisation itself named it."""
    staff_number: str | None = None
    department_id: UUID | None = None
    position: Position
    duty: str | None = None
    joined_at: datetime
    left_at: datetime | None = None
    left_because: str | None = None


class ExpectedView(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Somebody the organisation listed, who has not come yet."""

    id: UUID
    name: str
    contact: str
    staff_number: str | None = None
    department_id: UUID | None = None
    duty: str | None = None
    listed_at: datetime


class RequestView(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    id: UUID
    name: str
    asked_at: datetime


def member_view(vault: Vault, member: Member) -> MemberView:
    contact = opened(vault, member.contact_sealed, Membership.contact_sealed, member.id)
    return MemberView(
        id=member.id,
        person_id=member.person,
        name=masked_name(opened(vault, member.name_sealed, Membership.name_sealed, member.id)),
        contact=masked_contact(contact) if contact else None,
        staff_number=opened(
            vault, member.staff_number_sealed, Membership.staff_number_sealed, member.id
        )
        or None,
        department_id=member.department,
        position=member.position,
        duty=member.duty,
        joined_at=member.joined_at,
        left_at=member.left_at,
        left_because=member.left_because,
    )


def expected_view(vault: Vault, row: ExpectedMember) -> ExpectedView:
    return ExpectedView(
        id=row.id,
        name=masked_name(opened(vault, row.name_sealed, ExpectedMember.name_sealed, row.id)),
        contact=masked_contact(
            opened(vault, row.contact_sealed, ExpectedMember.contact_sealed, row.id)
        ),
        staff_number=opened(
            vault, row.staff_number_sealed, ExpectedMember.staff_number_sealed, row.id
        )
        or None,
        department_id=row.department,
        duty=row.duty,
        listed_at=row.listed_at,
    )


def request_views(vault: Vault, rows: Sequence[Asked]) -> list[RequestView]:
    return [
        RequestView(
            id=row.id,
            name=masked_name(opened(vault, row.name_sealed, JoinRequest.name_sealed, row.id)),
            asked_at=row.asked_at,
        )
        for row in rows
    ]


def opened(vault: Vault, sealed: bytes | None, column: object, row: UUID) -> str:
    return vault.open(bytes(sealed), place(column, row)) if sealed else ""  # type: ignore[arg-type]
