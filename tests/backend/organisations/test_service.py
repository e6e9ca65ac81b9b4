"""What other areas may ask."""

import pytest

from backend.organisations import service
from backend.organisations.domain import OrganisationNotFound
from infra.clock import ManualClock
from infra.ids import uuid7
from tests.backend.organisations.making import make_member, make_organisation


async def test_a_manager_manages_one_s_own_organisation_only(
    unit: None, clock: ManualClock
) -> None:
    manager, member = uuid7(), uuid7()
    ours = await make_organisation(manager, now=clock())
    theirs = await make_organisation(uuid7(), now=clock())
    await make_member(ours, member, now=clock())
    assert await service.manages(manager, ours)
    assert not await service.manages(member, ours)
    assert await service.belongs(member, ours)
    assert (await service.manager_or_404(manager, ours)).id == ours
    for person, organisation in ((manager, theirs), (member, ours), (manager, uuid7())):
        with pytest.raises(OrganisationNotFound):
            await service.manager_or_404(person, organisation)


async def test_a_person_s_organisations_come_with_their_names(
    unit: None, clock: ManualClock
) -> None:
    person = uuid7()
    first = await make_organisation(person, now=clock(), name="甲企业")
    second = await make_organisation(uuid7(), now=clock(), name="乙企业")
    await make_member(second, person, now=clock())
    found = await service.organisations_of(person)
    assert [(m.organisation.id, m.organisation.name, m.position) for m in found] == [
        (first, "甲企业", "manager"),
        (second, "乙企业", "member"),
    ]
    assert await service.organisations_of(uuid7()) == []
