"""A name, a mobile number and an ID number, planted and looked for: in every cell of every table,
in logs and in the object store; and after erasure inside what is sealed, too."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from json import dumps
from uuid import UUID

import httpx
import pytest
from cryptography.exceptions import InvalidTag

from backend.accounts import people
from backend.accounts.domain import typed_login
from backend.identity.documents import DocumentKind, checked_document
from backend.organisations.domain import JoinedBy
from backend.organisations.members import repository as members
from backend.privacy import erasing, exporting, repository
from backend.privacy.areas import AREAS
from backend.privacy.domain import folder_of
from infra.clock import ManualClock
from infra.local.postgres import LocalPostgres
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.resealing import sealed_columns
from infra.sealkeys import SealKeyMissing
from infra.vault import Vault, place_named
from tests.backend.accounts.conftest import ask_code
from tests.backend.identity.conftest import World, number, world
from tests.backend.organisations.making import make_organisation
from tests.one_connection import connection
from tests.people import SignedIn
from tests.published import publish_current

__all__ = ["number", "world"]

NAME, PHONE, RENAMED = "欧阳知冬", "13900139427", "欧阳知夏"


@dataclass
class Planted:
    number: str

    @property
    def secrets(self) -> list[str]:
        return [NAME, RENAMED, PHONE, self.number]

    def forms(self) -> set[str]:
        """As text, in JSON, and as PostgreSQL prints bytes."""
        found = set[str]()
        for secret in self.secrets:
            plain = secret.encode()
            found |= {secret, dumps(secret)[1:-1], plain.hex(), plain.hex().upper()}
            found |= {secret.lower(), secret.lower().encode().hex()}
            found |= {b64encode(plain).decode().rstrip("=")[:-1]}
        return found

    def indexes(self, vault: Vault, clock: ManualClock) -> set[str]:
        """What would still say that a number guessed later was this person's."""
        document = checked_document(DocumentKind("resident-id"), self.number, today=clock().date())
        kept = [vault.index(typed_login(PHONE).indexed), vault.index(document.indexed)]
        kept.append(members.name_index(vault, NAME))
        return {one.hex() for one in kept}


async def everything_in_rows() -> str:
    """Of every table there is, the queue's and the migrations' too; bytes are hexadecimal."""
    named = await connection().fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    )
    found = []
    for name in (row[0] for row in named):
        found += [row[0] for row in await connection().fetch(f'SELECT t::text FROM "{name}" t')]
    return "\n".join(found)


async def everything_sealed(vault: Vault) -> str:
    """Opened: what whoever holds the keys could read. Other tests' rows may have other keys."""
    found = []
    for c in sealed_columns():
        rows = await connection().fetch(
            f'SELECT "{c.place_key}" AS key, "{c.column}" AS sealed FROM "{c.table}"'
            f' WHERE length("{c.column}") > 0'
        )
        for row in rows:
            try:
                at = place_named(c.home, c.column, row["key"])
                found.append(vault.open(bytes(row["sealed"]), at))
            except (InvalidTag, SealKeyMissing):
                continue
    return "\n".join(found)


async def live_through(world: World, vault: Vault, planted: Planted) -> list[httpx.Response]:
    """From a login to a verified identity, with a wrong turn at each; every answer on the way."""
    me, clock = world.member, world.clock
    await people.add_login(vault, me.id, typed_login(PHONE), proved_at=clock())
    member = members.newcomer(
        vault, await organisation_of(world), me.id, NAME, joined_by=JoinedBy.IMPORT, now=clock()
    )
    members.with_contact(vault, member, PHONE, vault.index(typed_login(PHONE).indexed))
    await members.add(member)
    await ask_code(world.api, PHONE, "sign-in")
    answers = [
        await world.api.put("/v1/me/name", json={"name": RENAMED}, headers=me.headers),
        await world.post(me, "/v1/sessions", login=PHONE, password="guessed wrong"),
        await world.post(me, "/v1/me/identity", number=planted.number),
    ]
    declaration = await world.declare(me, planted.number, NAME)
    answers += [
        await world.attest(declaration, planted.number, RENAMED),
        await world.attest(declaration, planted.number, NAME),
        await world.confirm(declaration, me),
        await world.confirm(declaration),
    ]
    assert answers[-1].json() == {"state": "verified"}
    reveal = f"/v1/identity-declarations/{declaration}/reveal"
    shown = await world.post(world.second, reveal, purpose="complaint", reason="投诉核实")
    assert planted.number in shown.text
    return answers


async def organisation_of(world: World) -> UUID:
    """Another one than that which attests: a list of staff with names and contacts."""
    return await make_organisation(world.manager.id, now=world.clock())


async def exported(world: World, context: WorkerContext) -> UUID:
    asked = await world.post(world.member, "/v1/me/exports")
    export_id = UUID(asked.json()["id"])
    await exporting.make(context, export_id)
    return export_id


async def stored(objects: ObjectStore, export_id: UUID) -> list[bytes]:
    return [
        await objects.get_bytes(name) for name in await objects.list_names(folder_of(export_id))
    ]


def said_in(text: str, forms: set[str]) -> list[str]:
    return [form for form in forms if form in text]


async def test_planted_data_is_found_nowhere_in_clear_and_after_erasure_not_even_sealed(
    world: World,
    number: str,
    vault: Vault,
    context: WorkerContext,
    object_store: ObjectStore,
    local_postgres: LocalPostgres,
    capsys: pytest.CaptureFixture[str],
) -> None:
    planted = Planted(number)
    await publish_current(world.clock())
    answers = await live_through(world, vault, planted)
    export_id = await exported(world, context)
    files = await stored(object_store, export_id)
    assert files
    assert not any(secret.encode() in file for secret in planted.secrets for file in files)
    assert said_in("\n".join(a.text for a in answers), planted.forms()) == []

    rows, sealed = await everything_in_rows(), await everything_sealed(vault)
    assert said_in(rows, planted.forms()) == []
    indexes = planted.indexes(vault, world.clock)
    assert len(said_in(rows, indexes)) == 3, "so it was really looked at"
    assert all(secret in sealed for secret in (NAME, PHONE, number))

    await erase(world.member, world.clock, object_store)
    rows, sealed = await everything_in_rows(), await everything_sealed(vault)
    told = {area.name: await area.personal_data(vault, world.member.id) for area in AREAS}
    assert said_in(rows, planted.forms() | indexes) == []
    assert said_in(sealed + str(told), planted.forms()) == []
    assert await stored(object_store, export_id) == []

    logged = "".join(capsys.readouterr())
    assert "identity_revealed" in logged
    assert said_in(logged + local_postgres.log.read_text(), planted.forms()) == []


async def erase(person: SignedIn, clock: ManualClock, objects: ObjectStore) -> None:
    await repository.add_erasure(person.id, now=clock(), think=timedelta())
    wish = await repository.latest_erasure(person.id)
    assert wish is not None
    assert await erasing.carry_out(objects, wish.id, now=clock())
