"""kill -9 while a learner is moved on: all of the move or nothing, and once in the end."""

from collections.abc import AsyncIterator

import httpx
import pytest

from backend.accounts.domain import Role
from backend.accounts.tokens import AccessTokens
from backend.progress.editions import service as carry_over
from backend.progress.editions.tables import CarriedLesson, EditionMove, EditionSweep
from backend.progress.tables import Enrolment, LessonWatch
from courses.loader import load_edition
from infra.clock import ManualClock
from infra.local.postgres import LocalPostgres
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault
from tests.applications import application
from tests.backend.progress.learning import Learner, show_lecture
from tests.backend.progress.moving import AFTER, learn, publish, release
from tests.backend.progress.own_database import own_database
from tests.conftest import PUBLIC_URL, START
from tests.courses.two_editions import ASKED, ASKS, first_edition, second_edition
from tests.killed import killed
from tests.people import sign_in_someone

DATABASE = "carried_over"
STEPS = ("enrolment", "edition_move", "carried_lesson", "lesson_watch", "lesson_check")
"""Tables in the order in which one learner's move writes into them."""


@pytest.fixture(scope="module")
async def halfway(
    database: None,
    local_postgres: LocalPostgres,
    settings: Settings,
    vault: Vault,
    tokens: AccessTokens,
    object_store: ObjectStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Learner]:
    """One lesson done, one begun; the last day has passed."""
    folder, clock = tmp_path_factory.mktemp("editions"), ManualClock(START)
    first = load_edition(first_edition(folder / "first"))
    async with own_database(local_postgres, DATABASE):
        await publish(first, clock)
        for code in {*ASKED, *ASKS}:
            await show_lecture(clock, object_store, lesson=code)
        transport = httpx.ASGITransport(app=application(settings, clock))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as api:
            who = await sign_in_someone((Role.LEARNER,), vault=vault, tokens=tokens, clock=clock)
            learner = Learner(api, who, clock)
            await learner.enrol()
            await learn(learner, first, "M02-L01")
            begun = await learner.open("M02-L04")
            clock.advance(20)
            await learner.beat(begun, (0, 20))
            await release(load_edition(second_edition(folder / "first", folder / "second")), clock)
            clock.advance(AFTER)
            yield learner


async def written(learner: Learner) -> dict[str, int]:
    mine = learner.person.id
    return {
        "enrolments": await Enrolment.count().where(Enrolment.learner_id == mine),
        "moves": await EditionMove.count().where(EditionMove.learner_id == mine),
        "carried": await CarriedLesson.count().where(CarriedLesson.learner_id == mine),
        "watches": await LessonWatch.count().where(LessonWatch.learner_id == mine),
    }


BEFORE = {"enrolments": 1, "moves": 0, "carried": 0, "watches": 2}
MOVED = {"enrolments": 2, "moves": 1, "carried": 1, "watches": 4}


@pytest.mark.parametrize("table", STEPS)
async def test_killed_after_any_step_before_the_commit_nothing_has_happened(
    halfway: Learner, local_postgres: LocalPostgres, table: str
) -> None:
    dsn = local_postgres.dsn(database=DATABASE)
    assert killed(dsn, carry_over.sweep, after=f"INSERT INTO {table} ", now=halfway.clock())
    assert await written(halfway) == BEFORE


async def test_killed_after_the_commit_the_move_stands_and_the_next_round_ends_the_sweep(
    halfway: Learner, local_postgres: LocalPostgres
) -> None:
    dsn = local_postgres.dsn(database=DATABASE)
    assert killed(dsn, carry_over.sweep, after="COMMIT", now=halfway.clock())
    assert await written(halfway) == MOVED
    assert not await EditionSweep.exists()
    assert await carry_over.sweep(now=halfway.clock()) == carry_over.Swept()
    assert await EditionSweep.count() == 1
    assert not killed(dsn, carry_over.sweep, after="INSERT", now=halfway.clock())
    assert await written(halfway) == MOVED
    assert len(await halfway.entries()) == 1
