import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from backend.accounts.controllers import caller as caller_provider
from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires, tokens_of
from backend.accounts.state import accounts_state
from backend.problems import HANDLERS
from infra.clock import ManualClock
from infra.settings import Settings
from tests.conftest import PUBLIC_URL
from tests.people import AsPerson


@get("/desk", guards=[requires(Role.AUTHOR, Role.REVIEWER)])
async def desk(caller: NamedDependency[Caller]) -> str:
    return str(caller.person_id)


@get("/mine", guards=[requires()])
async def mine(caller: NamedDependency[Caller]) -> str:
    return str(caller.person_id)


@pytest.fixture
async def desks(
    unit: None, settings: Settings, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        [desk, mine],
        dependencies={"caller": Provide(caller_provider)},
        exception_handlers=HANDLERS,
    )
    app.state.update({**accounts_state(settings), "clock": clock, "settings": settings})
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


async def test_those_who_come_first_and_at_once_share_what_is_remembered_of_tokens(
    unit: None, settings: Settings
) -> None:
    state = State({**accounts_state(settings), "settings": settings})
    made = await asyncio.gather(*(tokens_of(state) for _ in range(3)))
    assert made[0] is made[1] is made[2]


async def test_a_named_role_passes_and_the_handler_knows_who(
    desks: httpx.AsyncClient, as_person: AsPerson
) -> None:
    author = await as_person(Role.AUTHOR)
    response = await desks.get("/desk", headers=author.headers)
    assert (response.status_code, response.text) == (200, str(author.id))


async def test_another_role_is_refused_with_the_roles_that_pass(
    desks: httpx.AsyncClient, as_person: AsPerson
) -> None:
    learner = await as_person()
    response = await desks.get("/desk", headers=learner.headers)
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert "author, reviewer" in response.json()["detail"]


async def test_anyone_signed_in_passes_where_no_role_is_named(
    desks: httpx.AsyncClient, as_person: AsPerson
) -> None:
    assert (await desks.get("/mine", headers=(await as_person()).headers)).status_code == 200


@pytest.mark.parametrize("path", ["/desk", "/mine"])
async def test_nobody_passes_without_a_token(desks: httpx.AsyncClient, path: str) -> None:
    response = await desks.get(path)
    assert (response.status_code, response.json()["code"]) == (401, "sign-in-first")
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_ends_after_ten_minutes_of_the_applications_time(
    desks: httpx.AsyncClient, as_person: AsPerson, clock: ManualClock
) -> None:
    headers = (await as_person()).headers
    clock.advance(599)
    assert (await desks.get("/mine", headers=headers)).status_code == 200
    clock.advance(1)
    response = await desks.get("/mine", headers=headers)
    assert (response.status_code, response.json()["code"]) == (401, "token-expired")
