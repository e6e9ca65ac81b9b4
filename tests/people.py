"""People for tests: rows of their own and a token that is always fresh at the test's time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from backend.accounts import repository
from backend.accounts.domain import Caller, Role
from backend.accounts.tables import Person
from backend.accounts.tokens import AccessTokens
from infra.clock import Clock
from infra.ids import uuid7
from infra.vault import Vault, place


@dataclass(frozen=True)
class SignedIn:
    id: UUID
    caller: Caller
    tokens: AccessTokens
    clock: Clock

    @property
    def headers(self) -> dict[str, str]:
        token = self.tokens.mint(self.caller, now=self.clock())
        return {"Authorization": f"Bearer {token}"}


AsPerson = Callable[..., Awaitable[SignedIn]]
"""`await as_person(Role.AUTHOR)`; no role named means a learner."""


async def sign_in_someone(
    roles: tuple[Role, ...], *, vault: Vault, tokens: AccessTokens, clock: Clock
) -> SignedIn:
    now, person_id = clock(), uuid7()
    await repository.add_person(
        Person(
            id=person_id,
            name_sealed=vault.seal("王小明", place(Person.name_sealed, person_id)),
            password_hash=None,
            demonstration=False,
            created_at=now,
        )
    )
    await repository.add_roles(person_id, roles, now=now)
    session_id = await repository.add_session(
        person_id, now=now, expires_at=now + timedelta(days=30)
    )
    return SignedIn(person_id, Caller(person_id, frozenset(roles), session_id), tokens, clock)
