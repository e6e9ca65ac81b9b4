from backend.organisations.assignments.demonstration import ASSIGNMENT, ensure_demo_assignment
from backend.organisations.assignments.tables import Assignment
from tests.backend.organisations.assignments.company import Company


async def test_the_demonstration_s_assignment_is_made_once(company: Company) -> None:
    await Assignment.delete().where(Assignment.id == ASSIGNMENT)  # as on a fresh instance
    for _ in range(2):
        await ensure_demo_assignment(company.id, company.manager.id, now=company.clock())
    (found,) = (await company.read("/assignments"))["items"]
    assert (found["id"], found["programme"]) == (str(ASSIGNMENT), "DEMO")
    assert (found["dueDays"], found["compulsory"]) == (30, True)
