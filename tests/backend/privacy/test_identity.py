"""A document's number is sensitive: who saw it is told, and withdrawing takes it away."""

from backend.accounts import service as accounts
from backend.records.domain import Holder, why_waiting
from infra.vault import Vault
from tests.backend.identity.conftest import World, number, world
from tests.backend.records.making import some_facts

__all__ = ["number", "world"]


async def test_reveals_stand_among_the_accesses_and_withdrawing_ends_the_verification(
    world: World, number: str, vault: Vault
) -> None:
    me = world.member
    declaration = await world.verified(me, number)
    path = f"/v1/identity-declarations/{declaration}/reveal"
    shown = await world.post(world.second, path, purpose="complaint", reason="投诉核实")
    assert shown.status_code == 200, shown.text
    seen = (await world.get(me, "/v1/me/accesses"))["items"]
    assert ("id-number", "complaint", "administrator") in [
        (one["what"], one["purpose"], one["who"]) for one in seen
    ]
    body = {"purpose": "identity-verification", "version": "2026-11", "given": False}
    answered = await world.post(me, "/v1/me/consents", **body)
    assert answered.json()["state"] == "withdrawn"
    holder = await accounts.holder_of(vault, me.id)
    assert not holder.identity_verified
    now = Holder(
        name=holder.name,
        identity_verified=holder.identity_verified,
        identity_method=holder.identity_method,
    )
    assert why_waiting(some_facts(me.id), now) == "identity-not-verified"
    assert number[:6] not in str(await world.get(me, "/v1/me/identity"))
