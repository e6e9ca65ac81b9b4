"""Who is told that a record ends: nobody who has another one that lasts, and is in force."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.records import service
from backend.records.expiring import ending
from backend.records.keyring import Keyring
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from tests.backend.records.conftest import Issued, Someone
from tests.backend.records.making import START

DAY = timedelta(days=1)


async def told(learner_id: UUID) -> list[UUID]:
    async with UnitOfWork(DB):
        found = await ending(between=(START, START + 90 * DAY), after=UUID(int=0), limit=100)
    return [one.id for one in found if one.learner_id == learner_id]


@pytest.mark.usefixtures("unit")
async def test_a_renewal_that_is_suspended_or_a_demonstration_renews_nothing(
    issued: Issued, someone: Someone, keyring: Keyring, clock: ManualClock
) -> None:
    learner_id = await someone()
    old = await issued(learner_id, valid_until=START + 30 * DAY)
    assert await told(learner_id) == [old.id]
    later = {"valid_until": START + 900 * DAY}
    await issued(learner_id, revision=2, edition="2026.2", demonstration=True, **later)
    assert await told(learner_id) == [old.id]
    new = await issued(learner_id, revision=3, edition="2026.3", **later)
    assert await told(learner_id) == []
    await service.suspend(keyring, new.id, "投诉待查，暂停", actor_id=UUID(int=1), now=clock())
    assert await told(learner_id) == [old.id]
    await service.reinstate(keyring, new.id, "查无实据，恢复", actor_id=UUID(int=1), now=clock())
    assert await told(learner_id) == []
