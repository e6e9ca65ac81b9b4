"""Organisations and members for tests: rows of their own."""

from datetime import datetime
from itertools import count
from uuid import UUID

from backend.accounts.domain import typed_login
from backend.accounts.tables import PersonLogin
from backend.organisations.credit_codes import ALPHABET, check_character
from backend.organisations.domain import Position, State
from backend.organisations.tables import Membership, Organisation
from infra.ids import uuid7
from infra.vault import Vault, place

_NUMBERS = count(1)


def credit_code() -> str:
    """A valid one that no other test has."""
    number, digits = next(_NUMBERS), ""
    while number:
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    first = "91440300" + digits.rjust(9, "M")
    return first + check_character(first)


async def make_organisation(
    manager: UUID, *, now: datetime, state: State = State.CONFIRMED, name: str = "测试企业"
) -> UUID:
    decided = None if state is State.DECLARED else now
    row = Organisation(
        id=uuid7(),
        code=credit_code(),
        name=name,
        kind="enterprise",
        reporting_unit="GD",
        state=state,
        demonstration=False,
        declared_by=manager,
        declared_at=now,
        decided_at=decided,
        decided_by=manager if decided else None,
    )
    await Organisation.insert(row)
    await make_member(row.id, manager, now=now, position=Position.MANAGER)
    return row.id


async def make_member(
    organisation: UUID,
    person: UUID,
    *,
    now: datetime,
    position: Position = Position.MEMBER,
    department: UUID | None = None,
) -> UUID:
    row = Membership(
        id=uuid7(),
        organisation=organisation,
        person=person,
        department=department,
        position=position,
        joined_at=now,
        joined_by="invitation",
    )
    await Membership.insert(row)
    return row.id


async def give_login(vault: Vault, person: UUID, text: str, *, proved_at: datetime | None) -> None:
    """A login of this person's; with no `proved_at` only said to be."""
    login = typed_login(text)
    index = vault.index(login.indexed)
    await PersonLogin.insert(
        PersonLogin(
            login_index=index,
            person=person,
            kind=login.kind,
            sealed=vault.seal(login.value, place(PersonLogin.sealed, index)),
            proved_at=proved_at,
        )
    )
