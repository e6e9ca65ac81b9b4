"""A document's number is sensitive: nothing is declared without the person's word (PIPL, 29)."""

from backend.accounts import privacy_facts as accounts_facts
from backend.accounts.tables import Person
from backend.identity.tables import IdentityDeclaration
from backend.privacy_notices import has_agreed
from infra.access_log import accesses_of
from tests.backend.identity.conftest import PURPOSE, VERSION, World, document, number, world
from tests.people import AsPerson

__all__ = ["number", "world"]


async def test_without_consent_a_declaration_is_refused_and_with_it_taken_in_one_step(
    world: World, number: str, as_person: AsPerson
) -> None:
    me = await as_person()
    refused = await world.post(me, "/v1/me/identity", **document(number))
    assert (refused.status_code, refused.json()["code"]) == (422, "identity-consent-needed")
    assert list(refused.json()["fields"]) == ["consent"]
    assert number not in refused.text
    old = await world.post(me, "/v1/me/identity", **document(number, consent="2019-08"))
    assert (old.status_code, old.json()["code"]) == (404, "no-such-notice")
    rows = IdentityDeclaration.person == me.id
    assert not await IdentityDeclaration.exists().where(rows), "nothing was kept"
    taken = await world.post(me, "/v1/me/identity", **document(number, consent=VERSION))
    assert taken.status_code == 201, taken.text
    assert await has_agreed(me.id, PURPOSE)


async def test_who_withdrew_it_declares_nothing_until_it_is_given_again(
    world: World, number: str
) -> None:
    me, body = world.member, document(number)
    said = {"purpose": PURPOSE, "version": VERSION, "given": False}
    assert (await world.post(me, "/v1/me/consents", **said)).status_code == 200
    assert (await world.post(me, "/v1/me/identity", **body)).status_code == 422
    again = await world.post(me, "/v1/me/identity", **body, consent=VERSION)
    assert again.status_code == 201, again.text


async def test_nobody_who_was_erased_is_given_a_name_again_by_a_late_confirmation(
    world: World, number: str
) -> None:
    """Accounts are erased before identities: between the two somebody may confirm."""
    declaration = await world.attested(world.member, number)
    await accounts_facts.erase_person(world.member.id, now=world.clock())
    late = await world.confirm(declaration)
    assert (late.status_code, late.json()["code"]) == (409, "declaration-moved-on")
    row = await Person.select().where(Person.id == world.member.id).first()
    assert row is not None
    assert (row["name_sealed"], row["identity_method"]) == (b"", None)


async def test_a_look_at_a_queue_is_told_to_whom_it_shows(world: World, number: str) -> None:
    await world.declare(world.member, number)
    there = f"/v1/organisations/{world.organisation}/identity-declarations"
    await world.get(world.manager, there)
    await world.get(world.first, "/v1/identity-declarations", state="declared")
    seen = await accesses_of(world.member.id)
    assert {(one.actor_role, one.what, one.organisation_id) for one in seen} == {
        ("manager", "identity", world.organisation),
        ("administrator", "identity", None),
    }
