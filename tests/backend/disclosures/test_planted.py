"""A known name, phone and ID number: with the holder, and nowhere that anybody else can look."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from hashlib import md5, sha1, sha256

import httpx
import msgspec
import pytest

from backend.accounts.domain import typed_login
from backend.accounts.people import add_login
from backend.records import service
from backend.records.issuing import issue
from backend.records.keyring import Keyring
from backend.records.keys import service as keys
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord, LogLeaf, RecordEvent
from backend.records.trusting import trust
from backend.records.verdict.canonical import base64url, from_base64url
from backend.records.verdict.holder import read_holder
from backend.records.verdict.jws import parse
from infra.clock import ManualClock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault
from tests.backend.identity.conftest import World, new_number, number, world
from tests.backend.records.conftest import the_due
from tests.backend.records.making import some_facts

__all__ = ["number", "world"]
NAME, PHONE = "司马珺霖", "13912345678"


@pytest.fixture
async def record(
    world: World, number: str, vault: Vault, settings: Settings, object_store: ObjectStore
) -> CompletionRecord:
    """Of a member who is known by all three, issued, suspended and logged."""
    member, now = world.member.id, world.clock()
    await add_login(vault, member, typed_login(PHONE), proved_at=now)
    await world.verified(world.member, number, NAME)
    context = WorkerContext(objects=object_store, clock=world.clock, settings=settings)
    await service.request_record(some_facts(member), now)
    await issue(context, (await the_due(member)).id)
    await settle(context)
    found = await CompletionRecord.objects().get(CompletionRecord.learner_id == member)
    assert found is not None
    ring, actor = Keyring.of(settings), world.first.id
    await service.suspend(ring, found.id, "投诉待查，暂停", actor_id=actor, now=now)
    await settle(context)
    return found


async def test_the_holder_shows_who_it_is_and_for_whom_it_was(
    record: CompletionRecord, world: World, number: str
) -> None:
    address = f"/v1/records/{record.id}/holder-credential"
    content = (await world.api.get(address, headers=world.member.headers)).content
    pins = await trust(real=True, demonstration=False)
    said = read_holder(content, record.jws, f"urn:uuid:{record.id}", pins).said
    assert said["name"] == NAME
    assert said["id_document"] == {"kind": "resident-id", "number": number}
    assert said["employer"]["name"] == "测试企业"
    assert (said["score"], "registration_number" in said) == (83, False)


async def test_who_takes_an_account_over_does_not_get_its_records_by_his_own_number(
    record: CompletionRecord, world: World, number: str, clock: ManualClock
) -> None:
    """Another person is verified for the account later, or the same one by another document."""
    clock.advance(3_600)
    await world.verified(world.member, new_number(), "张三")
    address = f"/v1/records/{record.id}/holder-credential"
    content = (await world.api.get(address, headers=world.member.headers)).content
    pins = await trust(real=True, demonstration=False)
    said = read_holder(content, record.jws, f"urn:uuid:{record.id}", pins).said
    assert (said["name"], said["id_document"]["number"]) == (NAME, number)


async def test_what_was_planted_is_nowhere_in_public(
    record: CompletionRecord,
    world: World,
    number: str,
    settings: Settings,
    object_store: ObjectStore,
    clock: ManualClock,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await keys.rotate(Keyring.of(settings), "record", demonstration=False, now=clock())
    await settle(WorkerContext(objects=object_store, clock=clock, settings=settings))
    await world.api.get(f"/v1/records/{record.id}/holder-credential", headers=world.member.headers)
    seen = [*await answers(world.api, record), *await stored(object_store, record)]
    seen += ["".join(capfd.readouterr()).encode()]  # all that the server wrote to its log
    everything = b"\n".join([*seen, *opened(seen)])
    assert len(everything) > 50_000
    found = [what for what, secret in planted(number) if secret in everything]
    assert found == []
    assert str(record.learner_id).encode() not in b"\n".join(await answers(world.api, record))


async def answers(api: httpx.AsyncClient, record: CompletionRecord) -> list[bytes]:
    """To whoever asks without signing in."""
    lists = [f"/status/{p}/{record.status_list}" for p in ("revocation", "suspension", "refresh")]
    paths = [
        *(f"/v1/verifications/{record.code}", f"/v1/verifications/{record.number}"),
        *(f"/v1/verifications/{record.code}/bundle", f"/v/{record.code}", "/v1/verifications/x"),
        *("/trust.json", "/.well-known/jwks.json", "/.well-known/did.json", "/log/checkpoint"),
        *lists,
        *(f"{path}/proof" for path in lists),
    ]
    return [(await api.get(path)).content for path in paths]


async def stored(objects: ObjectStore, record: CompletionRecord) -> list[bytes]:
    """Tiles, evidence, leaves and documents, as they lie."""
    names = await objects.list_names("log/")
    leaves = await LogLeaf.select(LogLeaf.entry)
    events = await RecordEvent.select(RecordEvent.document)
    rows = [bytes(one) for row in [*leaves, *events] for one in row.values()]
    return [*[await objects.get_bytes(name) for name in names], *rows, bytes(record.evidence)]


def opened(seen: list[bytes]) -> Iterator[bytes]:
    """What is packed into these: files of archives, payloads of tokens, bits of lists."""
    for content in seen:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                files = [archive.read(name) for name in archive.namelist()]
            yield from files
            yield from opened(files)
        elif content.startswith(b"eyJ"):
            payload = parse(content).payload
            yield payload
            claims = msgspec.json.decode(payload)
            if bits := claims["credentialSubject"].get("encodedList"):
                yield gzip.decompress(from_base64url(bits[1:]))


def planted(number: str) -> Iterator[tuple[str, bytes]]:
    """Each secret as it is, escaped, and hashed in the ways that somebody might think of."""
    for what, text in {"name": NAME, "phone": PHONE, "number": number}.items():
        yield what, text.encode()
        yield f"{what} escaped", json.dumps(text)[1:-1].encode()
        for spelled in (text, text.lower(), f"+86{text}"):
            for algorithm in (sha256, sha1, md5):
                hashed = algorithm(spelled.encode()).digest()
                yield f"{algorithm.__name__} of {what}", hashed
                yield f"{algorithm.__name__} of {what}, hex", hashed.hex().encode()
                yield f"{algorithm.__name__} of {what}, base64url", base64url(hashed).encode()
