"""What other areas may ask of the register and of a body's auditors."""

from datetime import date
from uuid import UUID

from backend.certification_bodies import (
    auditor_rows,
    auditors,
    demonstration,
    documents,
    register,
    repository,
    roster,
)
from backend.certification_bodies.domain import (
    BodyNotListed,
    RegisterState,
    status,
)
from backend.certification_bodies.register import KIND
from backend.certification_bodies.schemas import BodyRight, BodyRights
from backend.organisations import service as organisations
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

add_auditor, give_grade, depart = auditors.add_auditor, auditors.give_grade, auditors.depart
archive, auditors_of = auditors.archive, auditors.auditors_of
personal_data, erase_person = auditors.personal_data, auditors.erase_person
roster_of, grade_titles = roster.roster_of, roster.grade_titles
bodies, body_page = register.bodies, register.body_page
enter_body, add_entry = register.enter_body, register.add_entry
file_rule, file_commitment = documents.file_rule, documents.file_commitment
check_may_file = documents.check_may_file

ensure_demo_body, DEMO_ORGANISATION = demonstration.ensure_demo_body, demonstration.ORGANISATION
DemoPeople = demonstration.DemoPeople


async def rights_of(person_id: UUID, *, on: date) -> BodyRights:
    """The bodies the person works for that day, as auditor or as member, and their states.

    Rights that hang on a body (a certifier's, say) hold only while one of them is listed.
    """
    async with UnitOfWork(DB):
        because = {
            m.organisation.id: "member"
            for m in await organisations.organisations_of(person_id)
            if m.organisation.kind == KIND
        }
        auditor = await auditor_rows.by_person(person_id)
        employments = await auditor_rows.employments_of(auditor.id) if auditor else []
        because |= {e.body: "auditor" for e in employments if e.covers(on)}
        found = await repository.bodies_by_id(because)
        facts = await repository.facts_of([body.id for body in found])
    states = {b.id: (f.state if (f := status(facts[b.id], on)) else None) for b in found}
    return BodyRights(
        on=on,
        bodies=[BodyRight(code=b.code, state=states[b.id], because=because[b.id]) for b in found],
        in_force=RegisterState.LISTED in states.values(),
    )


async def check_desk(code: str, person_id: UUID, *, keeper: bool) -> None:
    """A 404 unless the person manages this body, or keeps the register. In the caller's unit."""
    body = await repository.body_by_code(code)
    if not keeper:
        await organisations.manager_or_404(person_id, body.id)


async def registration_number_of(vault: Vault, person_id: UUID, *, name: str) -> str | None:
    """Of a registered auditor whose account this is; for that person alone. None where the register
    has another name than `name`: which account a number belongs to is a body's word."""
    row = await auditor_rows.by_person(person_id)
    if row is None or not auditors.same_name(auditor_rows.name_of(vault, row), name):
        return None
    return auditor_rows.number_of(vault, row) or None


async def check_body_rights(person_id: UUID, *, on: date) -> None:
    """BodyNotListed where no body the person works for is listed that day."""
    if not (await rights_of(person_id, on=on)).in_force:
        raise BodyNotListed(
            "You work for no certification body that is listed in the register today, so what"
            " only a listed body's certifiers may do is closed; ask whoever keeps the register.",
            zh="您目前不属于任何列入名录的认证机构，仅限其人员的操作暂停，请联系名录管理部门。",
        )


async def state_of(code: str, *, on: date) -> RegisterState | None:
    """None: not in the register that day. NoSuchBody for a code that never was."""
    async with UnitOfWork(DB):
        body = await repository.body_by_code(code)
        facts = await repository.facts_of([body.id])
    fact = status(facts[body.id], on)
    return fact.state if fact else None
