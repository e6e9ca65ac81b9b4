import httpx
import pytest

from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.organisations.assignments.company import Company
from tests.backend.organisations.making import make_organisation
from tests.people import AsPerson
from tests.published import publish_current


@pytest.fixture
async def company(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock, vault: Vault
) -> Company:
    await publish_current(clock())
    manager = await as_person()
    organisation = await make_organisation(manager.id, now=clock())
    return Company(organisation, manager, api, clock, vault)


@pytest.fixture
async def other_company(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock, vault: Vault
) -> Company:
    manager = await as_person()
    organisation = await make_organisation(manager.id, now=clock())
    return Company(organisation, manager, api, clock, vault)
