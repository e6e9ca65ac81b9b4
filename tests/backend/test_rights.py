"""Every route × role, whatever routes there are: new ones are walked as they come."""

import re
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, Router, get

from backend.accounts.domain import Role
from backend.accounts.guards import requires
from backend.rights import Right, page, rights
from infra.clock import ManualClock
from infra.settings import Settings
from tests.applications import application
from tests.people import AsPerson

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"
SOMETHING = str(UUID(int=7))


@pytest.fixture
def app(unit: None, settings: Settings, clock: ManualClock) -> Litestar:
    return application(settings, clock)


@pytest.fixture
def guarded(app: Litestar) -> list[Right]:
    return [right for right in rights(app) if right.guarded]


def test_every_route_is_guarded_or_public_for_a_reason(app: Litestar) -> None:
    neither = [r for r in rights(app) if not r.guarded and r.public_because is None]
    assert not neither, "give it guards=[requires(...)] or a line in backend/rights.py"


def test_the_page_on_rights_is_what_the_routes_say(app: Litestar) -> None:
    assert PAGE.read_text() == page(app), "run: python -m backend.rights > docs/rights.md"


async def test_no_guarded_route_answers_a_stranger(
    api: httpx.AsyncClient, guarded: list[Right]
) -> None:
    for right in guarded:
        assert await _status(api, right, {}) == 401, right


async def test_no_guarded_route_answers_a_role_outside_its_guard(
    api: httpx.AsyncClient, guarded: list[Right], as_person: AsPerson
) -> None:
    people = {role: await as_person(role) for role in Role}
    for right in guarded:
        for role in set(Role) - {Role(r) for r in right.roles or Role}:
            assert await _status(api, right, people[role].headers) == 403, (right, role)


async def test_a_role_inside_the_guard_is_not_turned_away(
    api: httpx.AsyncClient, guarded: list[Right], as_person: AsPerson
) -> None:
    """Whatever else is wrong with an empty request, it is not who sent it."""
    people = {role: await as_person(role) for role in Role}
    for right in guarded:
        if right.method in {"GET", "HEAD"}:
            for role in right.roles or Role:
                status = await _status(api, right, people[Role(role)].headers)
                assert status not in {401, 403}, (right, role)


def test_every_guarded_route_says_whose_rows_it_finds(guarded: list[Right]) -> None:
    assert [f"{right.method} {right.path}" for right in guarded if not right.whose] == []


async def _status(api: httpx.AsyncClient, right: Right, headers: dict[str, str]) -> int:
    method = "POST" if right.method == "*" else right.method
    async with api.stream(method, _filled(right.path), headers=headers) as response:
        return response.status_code


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", SOMETHING, path)


@get("/v1/forgotten")
async def forgotten() -> None: ...


@get("/v1/twice", guards=[requires(Role.AUTHOR)])
async def twice() -> None: ...


def test_a_forgotten_guard_is_seen_and_guards_of_both_layers_count() -> None:
    inner = Router("/", route_handlers=[twice], guards=[requires(Role.AUTHOR, Role.REVIEWER)])
    app = Litestar([forgotten, inner], openapi_config=None)
    assert {r.path: r.who for r in rights(app)} == {
        "/v1/forgotten": "UNGUARDED",
        "/v1/twice": "author",
    }
