"""Which logins are proven to be somebody's: what invitations and staff lists are matched by."""

from uuid import UUID

from backend.accounts.tables import PersonLogin


async def proven_logins(person_id: UUID) -> frozenset[bytes]:
    """Their keyed indexes (`Vault.index(login.indexed)`)."""
    rows = await PersonLogin.select(PersonLogin.login_index).where(
        PersonLogin.person == person_id, PersonLogin.proved_at.is_not_null()
    )
    return frozenset(bytes(row["login_index"]) for row in rows)
