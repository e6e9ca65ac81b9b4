"""An ID number, looked for everywhere: in answers, logs, errors, and each cell of each table."""

from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidTag
from piccolo.conf.apps import Finder

from backend.accounts.domain import Role
from backend.identity import service
from backend.identity.tables import IdentityDeclaration, IdentityReveal
from infra.tables import AuditEntry
from infra.vault import Vault, place
from tests.backend.identity.conftest import World, document, new_number
from tests.one_connection import connection
from tests.people import AsPerson, SignedIn

NAME = "欧阳知秋"
REASON = "学员来电要求核对 the person asks"


async def everything_in_rows() -> str:
    """All rows of all tables as PostgreSQL prints them; bytes are hexadecimal there."""
    found = []
    for table in Finder().get_table_classes():
        name = table._meta.tablename
        found += [row[0] for row in await connection().fetch(f'SELECT t::text FROM "{name}" t')]
    return "\n".join(found)


def forms_of(secret: str) -> set[str]:
    return {secret, secret.lower(), secret.encode().hex(), secret.lower().encode().hex()}


async def reveal(world: World, who: SignedIn, declaration: str, **body: Any) -> httpx.Response:
    path = f"/v1/identity-declarations/{declaration}/reveal"
    return await world.post(who, path, **({"purpose": "complaint", "reason": REASON} | body))


async def live_through(world: World, number: str, claimant: SignedIn) -> list[httpx.Response]:
    """All that can happen to a number, right and wrong; every answer but the reveal's."""
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    body = document(number, NAME, organisationId=str(world.organisation))
    me = "/v1/me/identity"
    answers = [
        await world.post(world.member, me, **body | {"number": wrong}),
        await world.post(world.member, me, **body | {"number": number + "\x00"}),
        await world.post(world.member, me, **body | {"kind": number}),
        await world.post(world.member, me, **body | {number: 1}),
        await world.post(world.member, me, **body | {"number": [number]}),
        await world.post(world.member, me, **body | {"kind": "passport", "country": "CHN"}),
        await world.api.post(me, headers=world.member.headers, content=f'{{"number": "{number}'),
        await world.post(world.member, me, **body),
    ]
    declaration = answers[-1].json()["declaration"]["id"]
    answers += [
        await world.attest(declaration, new_number(), NAME),
        await world.attest(declaration, number, "欧阳知春"),
        await world.attest(declaration, number, NAME),
        await world.confirm(declaration),
        await reveal(world, world.first, declaration, purpose="curiosity"),
        await reveal(world, world.first, declaration, reason=""),
        await world.confirm(await world.attested(claimant, number, NAME)),
        await world.api.get(me, headers=world.member.headers),
        await world.api.get(f"/v1/identity-declarations/{number}", headers=world.first.headers),
    ]
    for query in ("", "?state=verified", f"?personId={world.member.id}", f"?cursor={NAME}"):
        path = f"/v1/identity-declarations{query}"
        answers.append(await world.api.get(path, headers=world.first.headers))
    answers.append(await world.api.get("/v1/identity-cases", headers=world.first.headers))
    assert (await reveal(world, world.first, declaration)).status_code == 200
    return answers


@pytest.fixture
async def claimant(world: World, as_person: AsPerson) -> SignedIn:
    return await world.colleague(as_person)


async def test_a_number_and_a_name_are_in_no_answer_row_log_or_trail(
    world: World, number: str, claimant: SignedIn, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = await live_through(world, number, claimant)
    told = "\n".join(
        f"{a.url.path} {a.headers} {a.text}" for a in answers if number not in a.url.path
    )
    rows, logged = await everything_in_rows(), "".join(capsys.readouterr())
    assert "identity_revealed" in logged  # so the logs were really read
    assert str(world.member.id) in rows
    for secret in (number, NAME, "欧阳知春"):
        for form in forms_of(secret):
            assert form not in told
            assert form not in rows
            assert form not in logged
    assert REASON not in rows + told + logged
    assert number not in next(a.text for a in answers if number in a.url.path)


async def test_a_reveal_shows_all_once_and_the_person_reads_who_and_what_for(
    world: World, number: str, vault: Vault
) -> None:
    declaration = await world.verified(world.member, number)
    shown = await reveal(world, world.second, declaration)
    assert shown.json() == {"name": "王小明", "kind": "resident-id", "number": number}
    assert shown.headers["cache-control"] == "no-store"
    mine = await world.get(world.member, "/v1/me/identity/reveals")
    assert [(r["purpose"], r["by"]) for r in mine["items"]] == [("complaint", "administrator")]
    assert str(world.second.id) not in str(mine)
    kept = (await service.reveals_of(world.member.id))[0]
    assert (kept.actor, kept.purpose, kept.at) == (world.second.id, "complaint", world.clock())
    row = await IdentityReveal.objects().get(IdentityReveal.id == kept.id)
    assert row is not None
    at = place(IdentityReveal.reason_sealed, kept.id)
    assert vault.open(row.reason_sealed, at) == REASON
    trail = (
        await AuditEntry.select(AuditEntry.act, AuditEntry.actor)
        .where(AuditEntry.subject == f"person:{world.member.id}")
        .order_by(AuditEntry.number)
    )
    assert [(t["act"], t["actor"]) for t in trail] == [
        ("identity-attested", world.manager.id),
        ("identity-verified", world.first.id),
        ("identity-revealed", world.second.id),
    ]


async def test_only_administrators_are_shown_anything(
    world: World, number: str, as_person: AsPerson
) -> None:
    declaration = await world.verified(world.member, number)
    others = [world.manager, world.member]
    others += [await as_person(r) for r in set(Role) - {Role.ADMINISTRATOR}]
    for who in others:
        answer = await reveal(world, who, declaration)
        assert (answer.status_code, number in answer.text) == (403, False)
    assert (await world.get(world.member, "/v1/me/identity/reveals"))["items"] == []


async def test_a_name_moved_to_another_s_row_does_not_open(
    world: World, number: str, vault: Vault, as_person: AsPerson
) -> None:
    other, table = await world.colleague(as_person), IdentityDeclaration
    one, two = await world.declare(world.member, number), await world.declare(other, new_number())
    await connection().execute(
        "UPDATE identity_declaration SET name_sealed = (SELECT name_sealed FROM"
        " identity_declaration WHERE id = $1) WHERE id = $2",
        *(one, two),
    )
    assert await table.count().where(table.person == other.id) == 1
    with pytest.raises(InvalidTag):
        await service.personal_data(vault, other.id)
