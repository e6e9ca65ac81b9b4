"""The demonstration's enterprise, and what it says of people."""

from backend.organisations import demonstration, privacy_facts
from backend.organisations.credit_codes import typed_credit_code
from backend.organisations.members import service as members
from backend.organisations.service import DemoStaff, ensure_demo_enterprise, manages
from backend.organisations.tables import Department, ExpectedMember, Membership
from infra.clock import ManualClock
from infra.vault import Vault
from tests.people import AsPerson


async def test_the_enterprise_is_made_once_with_people_and_departments(
    as_person: AsPerson, vault: Vault, clock: ManualClock
) -> None:
    manager, learner = await as_person(), await as_person()
    staff = DemoStaff((manager.id, "演示企业管理员"), (learner.id, "演示学员"))
    for _ in range(2):
        await ensure_demo_enterprise(vault, staff, now=clock())
    assert await manages(manager.id, demonstration.ENTERPRISE)
    assert typed_credit_code(demonstration.CODE) == demonstration.CODE
    ours = demonstration.ENTERPRISE
    assert await Membership.count().where(Membership.organisation == ours) == 2
    assert await Department.count().where(Department.organisation == ours) == 3
    assert await ExpectedMember.count().where(ExpectedMember.organisation == ours) == 3
    shown = await members.page(
        vault, manager.id, ours, members.Wish(name="演示学员"), after=None, limit=5, now=clock()
    )
    assert [(one.name, one.duty) for one in shown] == [("演**员", "internal-auditor")]


async def test_an_erased_person_leaves_no_name_and_the_time_stays(
    as_person: AsPerson, vault: Vault, clock: ManualClock
) -> None:
    manager, learner = await as_person(), await as_person()
    staff = DemoStaff((manager.id, "演示企业管理员"), (learner.id, "演示学员"))
    await ensure_demo_enterprise(vault, staff, now=clock())
    for _ in range(2):
        await privacy_facts.erase_person(learner.id, now=clock())
    (row,) = await Membership.select().where(Membership.person == learner.id)
    assert (row["left_because"], row["left_at"]) == ("erased", clock())
    assert not any(row[c] for c in ("name_sealed", "name_index", "contact_sealed"))
