"""People an organisation listed before they came: shown, taken off, and let in.

The list never says who has an account. A person comes in by asking for their own organisations
with a login that is proven theirs, and only into one that an administrator has confirmed: anybody
can declare an organisation and list strangers.
"""

from datetime import datetime
from uuid import UUID

from backend.accounts.service import proven_logins
from backend.organisations.domain import JoinedBy, MemberNotFound
from backend.organisations.members import repository
from backend.organisations.members.service import refuse_stranger
from backend.organisations.members.shown import ExpectedView, expected_view, opened
from backend.organisations.profiles import managed
from backend.organisations.tables import ExpectedMember, Membership
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.vault import Vault, place

_CLAIM = """
DELETE FROM expected_member e USING organisation o
WHERE e.contact_index = ANY($1) AND o.id = e.organisation AND o.state = 'confirmed'
RETURNING e.*
"""


async def claim_expected(
    vault: Vault, person_id: UUID, logins: frozenset[bytes], *, now: datetime
) -> int:
    """How many organisations this person has now come into. `logins`: indexes, proven theirs."""
    if not logins:
        return 0
    async with UnitOfWork(DB):
        if not await ExpectedMember.exists().where(ExpectedMember.contact_index.is_in([*logins])):
            return 0
        rows = await connection().fetch(_CLAIM, list(logins))
        came = 0
        for row in rows:
            listed = ExpectedMember(**dict(row))
            came += await repository.add(_member(vault, listed, person_id, now=now))
    return came


async def claim_mine(vault: Vault, person_id: UUID, *, now: datetime) -> int:
    return await claim_expected(vault, person_id, await proven_logins(person_id), now=now)


async def page(
    vault: Vault,
    person_id: UUID,
    organisation_id: UUID,
    *,
    after: UUID | None,
    limit: int,
) -> list[ExpectedView]:
    await refuse_stranger(person_id, organisation_id)
    query = ExpectedMember.objects().where(ExpectedMember.organisation == organisation_id)
    if after is not None:
        query = query.where(ExpectedMember.id > after)
    rows = await query.order_by(ExpectedMember.id).limit(limit)
    return [expected_view(vault, row) for row in rows]


async def take_off(person_id: UUID, organisation_id: UUID, expected_id: UUID) -> None:
    async with UnitOfWork(DB):
        await managed(person_id, organisation_id)
        gone = (
            await ExpectedMember.delete()
            .where(ExpectedMember.id == expected_id, ExpectedMember.organisation == organisation_id)
            .returning(ExpectedMember.id)
        )
        if not gone:
            raise MemberNotFound


def _member(vault: Vault, listed: ExpectedMember, person_id: UUID, *, now: datetime) -> Membership:
    """Sealed anew: bound to its own row from here on."""
    member = repository.newcomer(
        vault,
        listed.organisation,
        person_id,
        opened(vault, listed.name_sealed, ExpectedMember.name_sealed, listed.id),
        joined_by=JoinedBy.IMPORT,
        now=now,
    )
    contact = opened(vault, listed.contact_sealed, ExpectedMember.contact_sealed, listed.id)
    repository.with_contact(vault, member, contact, bytes(listed.contact_index))
    member.department, member.duty = listed.department, listed.duty
    if listed.staff_number_sealed:
        member.staff_number_sealed = vault.seal(
            opened(
                vault, listed.staff_number_sealed, ExpectedMember.staff_number_sealed, listed.id
            ),
            place(Membership.staff_number_sealed, member.id),
        )
    return member
