"""Which logins are proven to be somebody's: what invitations and staff lists are matched by, and
where messages go."""

from collections.abc import Collection
from typing import Any, Literal
from uuid import UUID

from backend.accounts.domain import Login
from backend.accounts.tables import PersonLogin
from infra.vault import Vault, place


async def proven_logins(person_id: UUID) -> frozenset[bytes]:
    """Their keyed indexes (`Vault.index(login.indexed)`)."""
    rows = await PersonLogin.select(PersonLogin.login_index).where(
        PersonLogin.person == person_id, PersonLogin.proved_at.is_not_null()
    )
    return frozenset(bytes(row["login_index"]) for row in rows)


async def addresses_of(
    vault: Vault, people: Collection[UUID], kind: Literal["email", "phone"]
) -> dict[UUID, Login]:
    """A proven login of this kind, of those people who have one; the first proven where there are
    several. One query."""
    row = PersonLogin
    rows = (
        await row.select(row.person, row.login_index, row.sealed)
        .where(row.person.is_in(list(people)), row.kind == kind, row.proved_at.is_not_null())
        .order_by(row.proved_at, ascending=False)
    )
    return {one["person"]: Login(kind, _opened(vault, one)) for one in rows}


def _opened(vault: Vault, row: dict[str, Any]) -> str:
    at = place(PersonLogin.sealed, bytes(row["login_index"]))
    return vault.open(bytes(row["sealed"]), at)
