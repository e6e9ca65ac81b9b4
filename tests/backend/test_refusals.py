"""The refusals that the OpenAPI document names: which are seen in the code, and which are not."""

from typing import Any

from litestar import Litestar, get
from litestar.di import NamedDependency, Provide

from backend import refusals
from backend.accounts.domain import Role
from backend.accounts.guards import requires
from backend.refusals import refusals_of
from infra.errors import Conflict, Invalid, NotFound, TooLarge

THIS = "tests."


class Desk:
    def open(self) -> None:
        raise Conflict

    def never_asked(self) -> None:
        raise TooLarge


def look(limit: int) -> int:
    if limit > 3:
        raise NotFound
    return limit


def careful() -> None:
    try:
        look(2)
    except (Invalid, ValueError):
        return


async def desk() -> Desk:
    return Desk()


async def checked() -> int:
    raise Invalid


@get("/", guards=[requires(Role.AUTHOR)], dependencies={"number": Provide(checked)})
async def everything(number: NamedDependency[int], desk: NamedDependency[Desk]) -> None:
    desk.open()
    [look(n) for n in range(number)]


@get("/quiet")
async def quiet() -> None:
    careful()


def codes(handler: Any) -> set[str]:
    Litestar([handler], dependencies={"desk": Provide(desk)}, openapi_config=None)
    return {error.code_of_kind() for error in refusals_of(handler)}


def test_errors_of_calls_dependencies_and_guards_are_found(monkeypatch: Any) -> None:
    monkeypatch.setattr(refusals, "_OURS", (*refusals._OURS, THIS))
    found = codes(everything)
    assert {"not-found", "conflict", "invalid", "sign-in-first", "forbidden"} <= found
    assert "too-large" not in found


def test_what_is_only_caught_is_not_raised(monkeypatch: Any) -> None:
    monkeypatch.setattr(refusals, "_OURS", (*refusals._OURS, THIS))
    assert codes(quiet) == {"not-found"}
