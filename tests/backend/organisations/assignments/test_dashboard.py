"""Dashboards and lists over HTTP: a small organisation's is worked out at each look."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend.organisations.assignments import service, standings, working_out
from infra.database import UnitOfWork
from infra.engine import DB
from tests.backend.organisations.assignments.company import Company, begin, earn, leave, study
from tests.one_connection import connection
from tests.statements import counted

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def staff(company: Company) -> dict[str, tuple[UUID, UUID]]:
    """Four members who joined long ago: done, begun, neither, and one who left."""
    people = {
        name: await company.member(name, joined_at=LONG_AGO)
        for name in ("完成者", "学习者", "未动者", "离开者")
    }
    await earn(people["完成者"][1], company.clock())
    for name in ("完成者", "学习者"):
        await begin(people[name][1], company.clock())
    await leave(people["离开者"][0], company.clock())
    return people


def counts(**given: int) -> dict[str, int]:
    nothing = dict.fromkeys(("done", "underWay", "late", "lateNotStarted", "notStarted"), 0)
    return {**nothing, **given}


async def test_everybody_is_counted_once_by_assignment_and_over_all(company: Company) -> None:
    await staff(company)
    await company.assign(dueOn="2026-03-10")
    await company.assign(programme="LEAD", compulsory=False)
    found = await company.read("/dashboard")
    # the manager is a member too
    assert found["people"] == 4
    assert found["overall"] == counts(done=1, underWay=1, notStarted=2)
    mgr, lead = found["assignments"]
    assert mgr["counts"] == counts(done=1, underWay=1, notStarted=2)
    assert lead["counts"] == counts(notStarted=4)
    assert found["asAt"] == "2026-03-02T01:00:00Z"
    assert not found["refreshing"]


async def test_the_day_after_the_due_day_they_are_late(company: Company) -> None:
    await staff(company)
    await company.assign(dueOn="2026-03-02")
    await company.read("/dashboard")
    company.clock.advance(86_400)
    found = await company.read("/dashboard")
    assert found["overall"] == counts(done=1, late=3, lateNotStarted=2)


async def test_a_withdrawn_assignment_is_on_no_dashboard(company: Company) -> None:
    await staff(company)
    made = await company.assign()
    await company.read("/dashboard")
    path = f"{company.path}/assignments/{made['id']}"
    await company.api.post(f"{path}/withdrawal", headers=company.manager.headers)
    found = await company.read("/dashboard")
    assert (found["assignments"], found["overall"]) == ([], counts())
    assert (await company.read(f"/assignments/{made['id']}/members"))["items"] == []


async def test_departments_stand_with_all_below_them(company: Company) -> None:
    top = await company.department("研发部")
    below = await company.department("知识产权组", top)
    for department in (top, below, below):
        await company.member(department=department, joined_at=LONG_AGO)
    await company.assign()
    found = await company.read("/dashboard")
    lines = [(one["name"], one["counts"]["notStarted"]) for one in found["departments"]]
    assert lines == [("研发部", 3), (None, 1)]
    within = await company.read(f"/dashboard?departmentId={top}")
    assert within["overall"] == counts(notStarted=3)
    lines = [(one["name"], one["counts"]["notStarted"]) for one in within["departments"]]
    assert lines == [("知识产权组", 2), (None, 1)]
    lowest = await company.read(f"/dashboard?departmentId={below}")
    assert [one["name"] for one in lowest["departments"]] == [None]


async def test_hours_are_those_of_membership_by_china_s_months(company: Company) -> None:
    department = await company.department("研发部")
    joined = datetime(2026, 1, 31, 16, tzinfo=UTC)  # the first of February in Shanghai
    _, one = await company.member(department=department, joined_at=joined)
    membership, gone = await company.member(joined_at=LONG_AGO)
    await leave(membership, datetime(2026, 2, 10, tzinfo=UTC))
    await study(one, date(2026, 1, 31), 900, "M02-L01")  # before joining: nobody's business
    await study(one, date(2026, 2, 1), 800, "M02-L02")
    await study(one, date(2026, 2, 28), 700, "M02-L03")
    await study(one, date(2026, 3, 2), 600, "M02-L04")
    await study(one, date(2026, 3, 3), 500, "M02-L05")  # counts from tomorrow on
    await study(gone, date(2026, 2, 9), 90, "M02-L01")
    await study(gone, date(2026, 2, 11), 80, "M02-L02")  # after leaving
    found = await company.read("/dashboard")
    assert found["months"][-2:] == [
        {"month": "2026-02", "seconds": 1590},
        {"month": "2026-03", "seconds": 600},
    ]
    assert found["months"][0] == {"month": "2025-04", "seconds": 0}
    assert sum(one["seconds"] for one in found["months"]) == 2190
    assert [(d["name"], d["seconds"]) for d in found["departments"]] == [
        ("研发部", 2100),
        (None, 90),
    ]
    within = await company.read(f"/dashboard?departmentId={department}")
    assert sum(one["seconds"] for one in within["months"]) == 2100


async def test_the_late_are_listed_by_name_with_masked_contact(company: Company) -> None:
    department = await company.department("研发部")
    await company.member("王小明", department=department, joined_at=LONG_AGO)
    made = await company.assign(dueOn="2026-03-02")
    company.clock.advance(86_400)
    path = f"/assignments/{made['id']}/members?state=late"
    found = await company.read(f"{path}&departmentId={department}")
    (late,) = found["items"]
    assert (late["name"], late["contact"]) == ("王小明", "138****5678")
    assert (late["department"], late["dueOn"]) == ("研发部", "2026-03-02")
    assert "13812345678" not in str(found)
    assert len((await company.read(path))["items"]) == 2  # and the manager


async def test_the_list_comes_in_pages_that_miss_nobody(company: Company) -> None:
    members = {str((await company.member())[0]) for _ in range(5)}
    made = await company.assign()
    seen: list[str] = []
    path = f"/assignments/{made['id']}/members?limit=2"
    cursor: str | None = ""
    while cursor is not None:
        page = await company.read(path + (f"&cursor={cursor}" if cursor else ""))
        seen += [one["membershipId"] for one in page["items"]]
        cursor = page["nextCursor"]
    assert len(seen) == len(set(seen)) == 6
    assert members < set(seen)


async def test_a_list_asked_for_wrongly_is_refused(company: Company) -> None:
    made = await company.assign()
    path = f"/assignments/{made['id']}/members"
    for query in [
        "?state=asleep",
        "?limit=0",
        "?limit=101",
        "?cursor=x",
        f"?departmentId={UUID(int=7)}",
    ]:
        assert (await company.get(path + query)).status_code == 422, query


async def test_another_s_department_is_none_of_mine(
    company: Company, other_company: Company
) -> None:
    theirs = await other_company.department("研发部")
    assert (await company.get(f"/dashboard?departmentId={theirs}")).status_code == 422


async def test_what_has_changed_is_written_and_nothing_else(company: Company) -> None:
    people = await staff(company)
    await company.assign()
    await company.read("/dashboard")
    before = await rows(company)
    company.clock.advance(60)
    await begin(people["未动者"][1], company.clock())
    await company.read("/dashboard")
    after = await rows(company)
    changed = {one for one in before if before[one] != after[one]}
    assert changed == {people["未动者"][0]}


async def rows(company: Company) -> dict[UUID, Any]:
    """Standings by membership, with the place of the row that says so."""
    found = await connection().fetch(
        "SELECT membership, ctid, state FROM assignment_standing WHERE organisation = $1",
        company.id,
    )
    return {row["membership"]: (row["ctid"], row["state"]) for row in found}


# --- organisations too large to be worked out at each look -----------------------------------


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SMALL", 0)


async def jobs() -> int:
    return int(
        await connection().fetchval(
            "SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", service.WORK_OUT
        )
    )


async def test_a_large_one_says_as_at_when_and_asks_a_job_once(
    company: Company, large: None
) -> None:
    before = await jobs()
    await company.assign()
    first = await company.read("/dashboard")
    assert (first["asAt"], first["refreshing"]) == (None, True)
    assert await jobs() == before + 1
    company.clock.advance(60)
    await working_out.work_out(company.id, now=company.clock())
    second = await company.read("/dashboard")
    assert (second["asAt"], second["refreshing"]) == ("2026-03-02T01:01:00Z", False)
    assert second["overall"] == counts(notStarted=1)
    company.clock.advance(599)
    await company.read("/dashboard")
    assert await jobs() == before + 1
    company.clock.advance(1)
    third = await company.read("/dashboard")
    assert (third["asAt"], third["refreshing"]) == ("2026-03-02T01:01:00Z", True)
    await company.read("/dashboard")
    assert await jobs() == before + 2


async def test_a_lost_job_is_asked_for_again(company: Company, large: None) -> None:
    await company.read("/dashboard")
    asked = await jobs()
    company.clock.advance(601)
    await company.read("/dashboard")
    assert await jobs() == asked + 1


async def test_a_late_worker_does_not_put_older_figures_over_newer_ones(company: Company) -> None:
    await working_out.work_out(company.id, now=company.clock())
    async with counted() as statements:
        await working_out.work_out(company.id, now=company.clock() - timedelta(seconds=1))
    assert len(statements) == 2  # the lock


async def test_a_look_costs_the_same_for_many_as_for_few(
    company: Company, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look() -> int:
        async with counted() as statements:
            await company.read("/dashboard")
        return len(statements)

    await company.assign()
    await working_out.work_out(company.id, now=company.clock())
    few = await look()
    for _ in range(5):
        await company.assign(programme="LEAD")
        await company.member(department=await company.department(f"部门{_}"))
    company.clock.advance(1)
    await working_out.work_out(company.id, now=company.clock())
    assert await look() == few <= 16
    found = await company.read("/dashboard")
    made = found["assignments"][0]["assignment"]["id"]
    async with counted() as statements:
        await company.read(f"/assignments/{made}/members")
    assert len(statements) <= 10


async def test_members_are_worked_out_in_pieces(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as there are members, whatever the size of a piece; those who left go."""
    monkeypatch.setattr("backend.organisations.assignments.repository.PAGE", 2)
    people = [await company.member() for _ in range(4)]
    await company.assign()
    assert (await company.read("/dashboard"))["overall"] == counts(notStarted=5)
    await leave(people[3][0], company.clock())
    company.clock.advance(1)
    assert (await company.read("/dashboard"))["overall"] == counts(notStarted=4)
    assert len(await rows(company)) == 4
    async with UnitOfWork(DB):
        assert await standings.snapshot(company.id)
