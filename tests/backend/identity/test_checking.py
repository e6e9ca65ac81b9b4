"""From a declaration to a verified identity, by two people."""

from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from backend.accounts import service as accounts
from backend.accounts.domain import Role
from backend.identity import service
from backend.identity.domain import MISMATCHES
from backend.identity.expiry import expire
from backend.organisations.domain import State
from infra.clock import ManualClock
from infra.vault import Vault
from tests.backend.identity.conftest import NAME, World, document, new_number
from tests.backend.organisations.making import make_organisation
from tests.people import AsPerson


async def test_a_manager_sees_the_document_and_an_administrator_confirms(
    world: World, number: str, vault: Vault
) -> None:
    declaration = await world.declare(world.member, number)
    assert await world.state(world.member) == "declared"
    queue = f"/v1/organisations/{world.organisation}/identity-declarations"
    waiting = await world.get(world.manager, queue)
    assert [(i["id"], i["name"], i["number"]) for i in waiting["items"]] == [
        (declaration, "王*明", number[:4] + "*" * 10 + number[-4:])
    ]
    assert (await world.attest(declaration, number.lower())).status_code == 204
    assert (await world.get(world.manager, queue))["items"] == []
    assert await world.state(world.member) == "attested"
    there = await world.get(world.first, "/v1/identity-declarations", personId=world.member.id)
    assert [(i["id"], i["attestedBy"]) for i in there["items"]] == [
        (declaration, str(world.manager.id))
    ]
    assert (await world.confirm(declaration)).json() == {"state": "verified"}
    mine = await world.get(world.member, "/v1/me/identity")
    assert (mine["state"], mine["method"]) == ("verified", "two-person")
    assert mine["validUntil"] == "2029-03-02T16:00:00Z"  # 36 months, to the end of a day in China
    assert [e["event"] for e in mine["history"]] == ["verified", "attested", "declared"]
    holder = await accounts.holder_of(vault, world.member.id)
    assert (holder.name, holder.identity_verified, holder.identity_method) == (
        *(NAME, True, "two-person"),
    )


async def test_of_nobody_s_identity_nothing_is_known(world: World) -> None:
    mine = await world.get(world.member, "/v1/me/identity")
    assert (mine["state"], mine["history"]) == ("none", [])
    assert (await service.standing(world.member.id)).state == "none"


async def test_what_is_typed_from_another_document_is_counted_and_ends_the_declaration(
    world: World, number: str
) -> None:
    declaration, other = await world.declare(world.member, number), new_number()
    tries = [await world.attest(declaration, other) for _ in range(MISMATCHES - 1)]
    tries.append(await world.attest(declaration, number, "李四"))
    assert {t.status_code for t in tries} == {409}
    assert {t.json()["code"] for t in tries} == {"differs-from-declaration"}
    assert (await world.attest(declaration, number)).json()["code"] == "declaration-moved-on"
    assert await world.state(world.member) == "rejected"


async def test_neither_person_is_the_other_nor_the_one_concerned(
    world: World, as_person: AsPerson
) -> None:
    own = await world.declare(world.manager, number := new_number())
    answer = await world.attest(own, number)
    assert (answer.status_code, answer.json()["code"]) == (403, "two-people-needed")
    body = document(new_number())
    for who in (world.first, world.second):
        assert (await world.post(who, "/v1/me/identity", **body)).status_code == 201
    there = await world.get(
        world.first, "/v1/identity-declarations", state="declared", personId=world.first.id
    )
    path = f"/v1/identity-declarations/{there['items'][0]['id']}"
    for act, sent in (("attestation", body), ("rejection", {"reason": "other"})):
        assert (await world.post(world.first, f"{path}/{act}", **sent)).status_code == 403
    assert (await world.post(world.second, f"{path}/attestation", **body)).status_code == 204
    for who in (world.first, world.second):
        answer = await world.post(who, f"{path}/confirmation")
        assert answer.json()["code"] == "two-people-needed"
    third = await as_person(Role.ADMINISTRATOR)
    assert (await world.post(third, f"{path}/confirmation")).json() == {"state": "verified"}


async def test_another_organisation_s_manager_finds_nothing(
    world: World, number: str, as_person: AsPerson
) -> None:
    declaration, stranger = await world.declare(world.member, number), await as_person()
    elsewhere = await make_organisation(stranger.id, now=world.clock())
    queues = "/v1/organisations/{}/identity-declarations"
    mine, theirs = queues.format(elsewhere), queues.format(world.organisation)
    assert (await world.get(stranger, mine))["items"] == []
    answers = [
        await world.api.get(theirs, headers=stranger.headers),
        await world.api.get(theirs, headers=world.member.headers),
        await world.post(stranger, f"{mine}/{declaration}/attestation", **document(number)),
        await world.post(stranger, f"{theirs}/{declaration}/attestation", **document(number)),
        await world.post(stranger, f"{mine}/{declaration}/rejection", reason="other"),
        await world.post(world.first, f"/v1/identity-declarations/{uuid4()}/confirmation"),
    ]
    assert {a.status_code for a in answers} == {404}
    assert (await world.confirm(declaration, stranger)).status_code == 403


async def test_an_organisation_that_nobody_confirmed_attests_nothing(
    world: World, number: str
) -> None:
    made_up = await make_organisation(world.member.id, now=world.clock(), state=State.DECLARED)
    body = document(number, organisationId=str(made_up))
    declared = await world.post(world.member, "/v1/me/identity", **body)
    path = f"/v1/organisations/{made_up}/identity-declarations"
    answer = await world.post(
        world.member,
        f"{path}/{declared.json()['declaration']['id']}/attestation",
        **document(number),
    )
    assert answer.json()["code"] == "organisation-not-confirmed"


async def test_only_one_s_own_organisation_can_be_named(
    world: World, number: str, as_person: AsPerson
) -> None:
    stranger = await as_person()
    body = document(number, organisationId=str(world.organisation))
    answer = await world.post(stranger, "/v1/me/identity", **body)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["organisationId"])


async def test_a_new_declaration_takes_the_place_of_one_nobody_looked_at(
    world: World,
) -> None:
    former = await world.declare(world.member, new_number())
    latter = await world.declare(world.member, number := new_number())
    answer = await world.attest(former, number)
    assert answer.json()["code"] == "declaration-moved-on"
    assert (await world.attest(latter, number)).status_code == 204
    again = await world.post(world.member, "/v1/me/identity", **document(number))
    assert (again.status_code, again.json()["code"]) == (409, "being-checked")


async def test_ten_declarations_a_day_are_enough(world: World, number: str) -> None:
    for _ in range(10):
        await world.declare(world.member, number)
    body = document(number)
    assert (await world.post(world.member, "/v1/me/identity", **body)).status_code == 429
    world.clock.advance(timedelta(days=1).total_seconds())
    assert (await world.post(world.member, "/v1/me/identity", **body)).status_code == 201


async def test_whoever_changes_the_name_is_verified_anew_and_the_former_is_kept(
    world: World, number: str, vault: Vault
) -> None:
    await world.verified(world.member, number)
    await world.attested(world.member, number, "王大明")
    assert (await world.get(world.member, "/v1/me/identity"))["state"] == "verified"
    waiting = await world.get(world.first, "/v1/identity-declarations", personId=world.member.id)
    await world.confirm(waiting["items"][0]["id"])
    assert (await accounts.holder_of(vault, world.member.id)).name == "王大明"
    mine = await service.personal_data(vault, world.member.id)
    assert [(d["name"], d["state"]) for d in mine["declarations"]] == [
        ("王大明", "verified"),
        (NAME, "replaced"),
    ]


async def test_an_identity_ends_on_its_day_and_stays_its_holder_s_to_renew(
    world: World, number: str, vault: Vault, clock: ManualClock, as_person: AsPerson
) -> None:
    await world.verified(world.member, number)
    holder = await accounts.holder_of(vault, world.member.id)
    ends = holder.identity_valid_until
    assert isinstance(ends, datetime)
    assert (holder.verified_at(ends - timedelta(seconds=1)), holder.verified_at(ends)) == (
        *(True, False),
    )
    assert await expire(ends - timedelta(seconds=1)) == 0
    clock.advance((ends - clock()).total_seconds())
    assert (await expire(clock()), await expire(clock())) == (1, 0)
    assert await world.state(world.member) == "expired"
    assert not (await accounts.holder_of(vault, world.member.id)).identity_verified
    other = await world.attested(await world.colleague(as_person), number)
    assert (await world.confirm(other)).json()["state"] == "attested"  # a case: it is not free
    await world.verified(world.member, number)
    assert await world.state(world.member) == "verified"


async def test_a_document_that_ends_sooner_ends_the_identity(world: World, number: str) -> None:
    body = document(number, organisationId=str(world.organisation), expiresOn="2026-05-01")
    declared = (await world.post(world.member, "/v1/me/identity", **body)).json()["declaration"]
    await world.attest(declared["id"], number)
    await world.confirm(declared["id"])
    mine = await world.get(world.member, "/v1/me/identity")
    assert mine["validUntil"] == "2026-05-01T16:00:00Z"


async def test_on_a_demonstration_a_name_passes_but_never_over_a_real_check(
    world: World, number: str
) -> None:
    there = "/v1/me/identity-verification"
    assert (await world.post(world.member, there, name=NAME)).json()["method"] == "null"
    assert await world.state(world.member) == "verified"
    await world.verified(world.member, number)
    answer = await world.post(world.member, there, name="李四")
    assert (answer.status_code, answer.json()["code"]) == (409, "already-verified")


async def test_what_was_erased_is_gone_and_the_number_is_free(
    world: World, number: str, vault: Vault, as_person: AsPerson
) -> None:
    declaration = await world.verified(world.member, number)
    for _ in range(2):  # repeated, it finds nothing left to do
        await service.erase_person(world.member.id, now=world.clock())
    assert (await service.personal_data(vault, world.member.id))["declarations"] == []
    answer = await world.post(
        world.first,
        f"/v1/identity-declarations/{declaration}/reveal",
        purpose="complaint",
        reason="whatever",
    )
    assert answer.status_code == 404
    await world.verified(await world.colleague(as_person), number)


async def test_lists_go_on_from_a_cursor_and_cost_the_same_whatever_their_length(
    world: World, as_person: AsPerson
) -> None:
    people = [world.member, *[await world.colleague(as_person) for _ in range(2)]]
    declared = [await world.declare(person, new_number()) for person in people]
    queue = f"/v1/organisations/{world.organisation}/identity-declarations"
    page = await world.get(world.manager, queue, limit=2)
    rest = await world.get(world.manager, queue, limit=2, cursor=page["nextCursor"])
    assert [i["id"] for i in page["items"] + rest["items"]] == declared
    assert rest["nextCursor"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "passport"},
        {"kind": "library-card"},
        {"number": ""},
        {"number": "1" * 65},
        {"number": "\x00" * 18},
        {"name": "\u202e" * 65},
        {"mrz": "P<"},
        {"expiresOn": "2020-01-01"},
        {"expiresOn": "soon"},
        {"organisationId": "mine"},
        {"state": "verified"},
        {"personId": "0"},
    ],
)
async def test_what_cannot_be_declared_is_refused_by_field(
    world: World, number: str, body: dict[str, str]
) -> None:
    sent = document(number) | body
    if "mrz" in body:
        sent["kind"], sent["number"] = "passport", "E12345678"
    answer: httpx.Response = await world.post(world.member, "/v1/me/identity", **sent)
    assert answer.status_code == 422, answer.text
    assert number not in answer.text
