import httpx
import pytest

from backend.curriculum import service as curriculum
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.organisations.assignments.company import Company
from tests.backend.organisations.making import make_organisation
from tests.courses import CONTENT
from tests.people import AsPerson


@pytest.fixture
async def company(
    api: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock, vault: Vault
) -> Company:
    await curriculum.load_edition(CONTENT, clock())
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
