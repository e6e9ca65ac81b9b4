"""演示企业: an enterprise with departments, members, some still expected, and a certificate.

Nobody in it is real, and it exists on demonstration systems alone.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.accounts.domain import typed_login
from backend.organisations import repository
from backend.organisations.certification import Fact, FactKind
from backend.organisations.credit_codes import check_character
from backend.organisations.demo_rows import DemoOrganisation, ensure_demo_organisation
from backend.organisations.domain import Duty, JoinedBy, Kind, Position
from backend.organisations.members import repository as members
from backend.organisations.members.service import new_department
from backend.organisations.tables import Department, ExpectedMember, Membership
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.vault import Vault, place

ENTERPRISE = UUID("01900000-0000-7000-8000-00000000e001")
_CODE_17 = "91440300MADEM0001"
CODE = _CODE_17 + check_character(_CODE_17)
NAME = "演示企业有限公司"
_DEPARTMENTS = (("研发中心", None), ("知识产权部", "研发中心"), ("生产部", None))
_EXPECTED = (
    ("赵演示", "13900000001", "知识产权部", Duty.IP_MANAGER),
    ("钱演示", "13900000002", "生产部", Duty.INTERNAL_AUDITOR),
    ("孙演示", "sun@demo.guanbiao", "生产部", None),
)
_FACTS = ((FactKind.CERTIFIED, date(2025, 3, 10)), (FactKind.SURVEILLANCE, date(2026, 1, 20)))


class DemoStaff(msgspec.Struct, frozen=True):
    """Accounts of the demonstration, with their names."""

    manager: tuple[UUID, str]
    learner: tuple[UUID, str]


async def ensure_demo_enterprise(vault: Vault, staff: DemoStaff, *, now: datetime) -> None:
    """Repeated, it finds the enterprise there and changes nothing."""
    wanted = DemoOrganisation(ENTERPRISE, CODE, NAME, Kind.ENTERPRISE, staff.manager[0])
    async with UnitOfWork(DB):
        if not await ensure_demo_organisation(wanted, now=now):
            return
        departments = await _departments(now)
        await _name_manager(vault, staff.manager, departments["知识产权部"], now=now)
        learner = members.newcomer(
            vault, ENTERPRISE, *staff.learner, joined_by=JoinedBy.INVITATION, now=now
        )
        learner.department = departments["知识产权部"]
        learner.duty = Duty.INTERNAL_AUDITOR
        await members.add(learner, position=Position.MEMBER)
        await ExpectedMember.insert(*_expected(vault, departments, now))
        for kind, day in _FACTS:
            fact = Fact(id=uuid7(), kind=kind, happened_on=day, standard="GB/T 29490-2023")
            await repository.add_fact(fact, ENTERPRISE, by=staff.manager[0], now=now)


async def _departments(now: datetime) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    for name, above in _DEPARTMENTS:
        parent = made[above] if above else None
        row = new_department(ENTERPRISE, name, parent, 2 if above else 1, now=now)
        await Department.insert(row)
        made[name] = row.id
    return made


async def _name_manager(
    vault: Vault, manager: tuple[UUID, str], department: UUID, *, now: datetime
) -> None:
    """The row is there already; it gets the name as every other member has."""
    found = await members.of_person(ENTERPRISE, manager[0])
    assert found is not None
    named = members.newcomer(
        vault, ENTERPRISE, *manager, joined_by=JoinedBy.INVITATION, now=now, row_id=found.id
    )
    await members.change(
        found.id,
        {
            Membership.name_sealed: named.name_sealed,
            Membership.name_index: named.name_index,
            Membership.department: department,
        },
    )


def _expected(vault: Vault, departments: dict[str, UUID], now: datetime) -> list[ExpectedMember]:
    rows = list[ExpectedMember]()
    for name, contact, department, duty in _EXPECTED:
        new, login = uuid7(), typed_login(contact)
        rows.append(
            ExpectedMember(
                id=new,
                organisation=ENTERPRISE,
                department=departments[department],
                duty=duty,
                name_sealed=vault.seal(name, place(ExpectedMember.name_sealed, new)),
                name_index=members.name_index(vault, name),
                contact_sealed=vault.seal(login.value, place(ExpectedMember.contact_sealed, new)),
                contact_index=vault.index(login.indexed),
                listed_at=now,
            )
        )
    return rows
