"""Which ways into an account stand open: one rule for whatever takes one away.

Asked after the taking, in the same transaction and under the person's lock: what was refused is
rolled back, and two that go at once cannot take the last two.
"""

from uuid import UUID

import msgspec

from backend.accounts.desk import Desk
from infra.database import connection
from infra.errors import DomainError

_STANDING = """
SELECT (SELECT count(*) FROM person_login WHERE person = p.id) AS logins,
  p.password_hash LIKE '$%' AS password,
  (SELECT count(*) FROM passkey WHERE person = p.id AND copied_at IS NULL) AS passkeys,
  (SELECT count(*) FROM federated_identity
    WHERE person = p.id AND provider = ANY($2)) AS identities
FROM person p WHERE p.id = $1
"""


class WaysIn(msgspec.Struct, frozen=True):
    """A passkey that was perhaps copied opens nothing, nor does an identity of a provider that the
    operator's file no longer has; a login opens with a password, or where codes can be sent."""

    logins: int
    password: bool | None
    passkeys: int
    identities: int

    def any_open(self, *, codes: bool) -> bool:
        by_login = self.logins > 0 and (bool(self.password) or codes)
        return by_login or self.passkeys > 0 or self.identities > 0


async def ways_in(desk: Desk, person_id: UUID) -> WaysIn:
    row = await connection().fetchrow(_STANDING, person_id, sorted(desk.providers))
    return msgspec.convert(dict(row or {}), WaysIn)


async def one_must_stay(desk: Desk, person_id: UUID, refusal: type[DomainError]) -> None:
    found = await ways_in(desk, person_id)
    if not found.any_open(codes=desk.messages is not None):
        raise refusal
