"""Two at once, each in a transaction of its own: what is committed here stays."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from backend.class_sessions import repository, service
from backend.class_sessions.domain import NoSuchClass, SessionState
from backend.class_sessions.repository import Session
from backend.organisations.tables import Organisation
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from tests.backend.organisations.making import make_organisation

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
AT_ONCE = 6


@pytest.fixture
async def session(database: None) -> Session:
    """Over in a moment, so that nobody else's list of classes to come ever shows it."""
    organisation = await make_organisation(uuid7(), now=NOW)
    assert await Organisation.exists().where(Organisation.id == organisation)
    made = Session(
        id=uuid7(),
        organiser=organisation,
        title="最后一个席位",
        module=None,
        place="一教室",
        capacity=1,
        members_only=False,
        begins_at=datetime(2020, 1, 1, tzinfo=UTC),
        ends_at=datetime(2020, 1, 1, 8, tzinfo=UTC),
        breaks=(),
        planned_seconds=2700,
        state=SessionState.PLANNED,
    )
    async with UnitOfWork(DB):
        await repository.add_session(made, created_by=uuid7(), now=NOW)
    return made


async def test_of_all_who_come_for_the_last_seat_at_once_one_gets_it(session: Session) -> None:
    before = session.begins_at - timedelta(days=1)
    views = await asyncio.gather(
        *(service.enrol(session.id, person=uuid7(), now=before) for _ in range(AT_ONCE))
    )
    states = sorted(str(view.my_seat) for view in views)
    assert states == ["enrolled"] + ["waiting"] * (AT_ONCE - 1)


async def test_one_person_at_two_windows_takes_one_seat(session: Session) -> None:
    person, before = uuid7(), session.begins_at - timedelta(days=1)
    views = await asyncio.gather(
        *(service.enrol(session.id, person=person, now=before) for _ in range(AT_ONCE))
    )
    assert [(v.my_seat, v.enrolled) for v in views] == [("enrolled", 1)] * AT_ONCE


async def test_a_class_that_is_not_there_has_no_seats(database: None) -> None:
    with pytest.raises(NoSuchClass):
        await service.enrol(UUID(int=9), person=uuid7(), now=NOW)
