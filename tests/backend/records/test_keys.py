"""Keys come and go in public; what they have signed stays good for as long as it should."""

import io
import os
import shutil
import zipfile
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from joserfc import jws as jose
from joserfc.jwk import RSAKey
from typer.testing import CliRunner

from backend.administer import NoInstance, settings_of
from backend.key_commands import _line
from backend.key_commands import keys as key_app
from backend.records import log, repository, service
from backend.records.issuing import issue
from backend.records.keyring import Keyring, NoDemonstrationHere
from backend.records.keys import repository as key_rows
from backend.records.keys import service as keys
from backend.records.keys.domain import (
    OVERLAP,
    KeyEnded,
    KnownKey,
    LastKey,
    NoSigningKey,
    NoSuchSigningKey,
    NotAnIndex,
    in_order,
)
from backend.records.keys.signers import signer
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord, LogLeaf
from backend.records.trusting import trust
from backend.records.verdict.audit import audit
from backend.records.verdict.bundle import read_bundle
from backend.records.verdict.leaf import Kind, RecordRef, parse_leaf
from backend.records.verdict.verify import verify
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.local.folder import DataFolder, Running
from infra.local.processes import Mark
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.vault import Vault
from tests.backend.records.conftest import Issued, Someone, the_due
from tests.backend.records.making import START, some_facts
from tests.backend.records.verdict.twins import Case, Python, javascript_twin, plain
from tests.conftest import PUBLIC_URL

pytestmark = pytest.mark.usefixtures("unit")


@pytest.fixture
def context(context: WorkerContext, tmp_path: Path) -> WorkerContext:
    """With a folder of keys of its own, since these are changed."""
    folder = tmp_path / "keys"
    shutil.copytree(context.settings.keys, folder)
    settings = context.settings.model_copy(update={"keys_dir": folder})
    return WorkerContext(objects=context.objects, clock=context.clock, settings=settings)


@pytest.fixture
def keyring(context: WorkerContext) -> Keyring:
    return Keyring.of(context.settings)


async def now_signing(keyring: Keyring, clock: ManualClock, purpose: str = "record") -> str:
    found = await signer(keyring, purpose, PUBLIC_URL, demonstration=False, now=clock())
    return found.kid.rpartition("/")[2]


async def verdict(record: CompletionRecord, vault: Vault, clock: ManualClock) -> str:
    return (await service.verdict_for_code(record.code, clock(), vault=vault)).verdict


class Served:
    """What an instance serves, as `audit-log` reads it."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self.api, self.read = api, dict[str, bytes | None]()

    def get(self, name: str) -> bytes | None:
        return self.read[name]

    async def whole(self) -> list[str]:
        """Problems found: files are fetched as the audit asks for them."""
        while True:
            try:
                return audit(self).problems
            except KeyError as missing:
                answer = await self.api.get(f"/{missing.args[0]}")
                found = answer.content if answer.status_code == 200 else None
                self.read[missing.args[0]] = found


async def test_a_new_key_is_public_before_it_signs_and_the_old_one_verifies_for_good(
    api: httpx.AsyncClient,
    issued: Issued,
    keyring: Keyring,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    old = await issued()
    first = old.kid.rpartition("/")[2]
    with pytest.raises(LastKey):
        await keys.retire(keyring, first, reason="too early", now=clock())
    made = await keys.rotate(keyring, "record", demonstration=False, now=clock())
    await settle(context)
    assert made.thumbprint != first
    assert made.kid in (await api.get("/.well-known/jwks.json")).text
    assert made.thumbprint in (await api.get("/.well-known/did.json")).text
    assert (await api.get(made.kid)).json()["kid"] == made.kid
    assert (await issued()).kid == old.kid  # the overlap: caches learn of the new key
    with pytest.raises(LastKey):
        await keys.retire(keyring, first, reason="too early", now=clock())
    clock.advance(OVERLAP.total_seconds())
    new = await issued()
    assert new.kid == made.kid
    await keys.retire(keyring, first, reason="yearly rotation", now=clock())
    await settle(context)
    assert [await verdict(record, vault, clock) for record in (old, new)] == ["valid", "valid"]
    assert old.kid in (await api.get("/.well-known/jwks.json")).text
    pins = await trust(real=True, demonstration=False)
    told = {key.kid: key.retired_at for key in pins.issuers[0].record_keys}
    assert told[old.kid]
    assert told[new.kid] is None
    with pytest.raises(KeyEnded):
        await keys.retire(keyring, first, reason="once more", now=clock())
    own = [k for k in await keys.listed() if k.purpose == "record" and not k.demonstration]
    lines = [_line(key, clock()) for key in own]
    assert sorted(line.partition(" · ")[2].split()[0] for line in lines) == ["in", "retired"]
    assert await Served(api).whole() == []


async def test_after_a_compromise_the_records_before_it_stay_good_and_no_later_one_counts(
    api: httpx.AsyncClient,
    issued: Issued,
    keyring: Keyring,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    before, after = await issued(), await issued()
    stolen = before.kid.rpartition("/")[2]
    place = await repository.proof_of(after.entry_id)
    assert place is not None
    with pytest.raises(NotAnIndex):
        await keys.compromise(keyring, stolen, reason="a", at_index=10**6, now=clock())
    made = await keys.compromise(
        keyring, stolen, reason="disk lost", at_index=place.leaf_index, now=clock()
    )
    assert made is not None  # there was no other key: the new one signs at once
    await settle(context)
    assert (await issued()).kid == made.kid
    assert [await verdict(record, vault, clock) for record in (before, after)] == [
        "valid",
        "untrusted-key",
    ]
    assert before.kid not in (await api.get("/.well-known/jwks.json")).text
    assert before.kid not in (await api.get("/.well-known/did.json")).text
    assert (await api.get(before.kid)).status_code == 200
    leaves = [parse_leaf(bytes(row["entry"])) for row in await LogLeaf.select(LogLeaf.entry)]
    (leaf,) = [leaf for leaf in leaves if leaf.type is Kind.KEY_COMPROMISED]
    assert (leaf.kid, leaf.ref) == (before.kid, f"compromised:{stolen}@{place.leaf_index}")
    assert await Served(api).whole() == []
    with pytest.raises(KeyEnded):
        await keys.compromise(keyring, stolen, reason="again", now=clock())


async def test_lists_are_signed_anew_when_the_key_of_lists_is_stolen(
    api: httpx.AsyncClient,
    issued: Issued,
    keyring: Keyring,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    record = await issued()
    held = read_bundle((await api.get(f"/v1/verifications/{record.code}/bundle")).content)
    await keys.compromise(
        keyring, await now_signing(keyring, clock, "status"), reason="x", now=clock()
    )
    pins = await trust(real=True, demonstration=False)
    assert pins.issuers[0].status_keys[0].compromised_at_index is not None  # unlogged, yet told
    clock.advance(1)
    await settle(context)
    assert await verdict(record, vault, clock) == "valid"
    assert verify(held, await trust(real=True, demonstration=False), clock()).verdict == "valid"
    assert await Served(api).whole() == []


class StolenMeanwhile(ObjectStore):
    """While the evidence is being written, the key that signed is declared stolen."""

    def __init__(self, whole: ObjectStore, keyring: Keyring, clock: ManualClock) -> None:
        super().__init__(whole._client, whole._public, whole.bucket)
        self.stolen, self._keyring, self._clock = "", keyring, clock

    async def put_bytes(self, name: str, content: bytes, content_type: str) -> None:
        if not self.stolen:
            self.stolen = await now_signing(self._keyring, self._clock)
            now = self._clock()
            await keys.compromise(self._keyring, self.stolen, reason="just now", now=now)
        await super().put_bytes(name, content, content_type)


async def test_records_are_signed_rs256_where_that_was_asked_for_and_everybody_reads_them(
    api: httpx.AsyncClient,
    issued: Issued,
    keyring: Keyring,
    context: WorkerContext,
    vault: Vault,
    clock: ManualClock,
) -> None:
    old = await issued()
    asked = Keyring(keyring.folder, keyring.demo, "RS256")
    made = await keys.rotate(asked, "record", demonstration=False, at_once=True, now=clock())
    new = await issued()
    assert new.kid == made.kid != old.kid
    jwk = (await api.get(made.kid)).json()
    assert (jwk["kty"], jwk["alg"], jwk["e"], "crv" in jwk) == ("RSA", "RS256", "AQAB", False)
    opened = jose.deserialize_compact(new.jws, RSAKey.import_key(jwk), algorithms=["RS256"])
    assert opened.headers() == {"alg": "RS256", "kid": new.kid, "typ": "JWT"}
    assert RSAKey.import_key(jwk).thumbprint() == made.thumbprint
    assert [await verdict(record, vault, clock) for record in (old, new)] == ["valid", "valid"]
    pins = await trust(real=True, demonstration=False)
    zipped = (await api.get(f"/v1/verifications/{new.code}/bundle")).content
    assert b"Open Badges 3.0, RS256" in zipfile.ZipFile(io.BytesIO(zipped)).read("README.txt")
    bundle = read_bundle(zipped)
    other = bytearray(bundle.record)
    other[-20] ^= 1
    shown = [bundle, msgspec.structs.replace(bundle, record=bytes(other))]
    cases = [Case(shown=one, trust=pins, now=clock()) for one in shown]
    with javascript_twin() as twin:
        said = twin.examine(cases)()
    assert [case["verdict"] for case in said] == ["valid", "tampered"]
    assert said == [plain(Python().outcome(case)) for case in cases]
    assert await Served(api).whole() == []


async def test_what_was_signed_while_the_key_was_being_stolen_is_signed_again(
    someone: Someone, keyring: Keyring, context: WorkerContext, clock: ManualClock, vault: Vault
) -> None:
    """Between the signature and its row the key ends: that signature is thrown away."""
    learner_id = await someone()
    await service.request_record(some_facts(learner_id), clock())
    due, objects = await the_due(learner_id), StolenMeanwhile(context.objects, keyring, clock)
    fated = WorkerContext(objects=objects, clock=clock, settings=context.settings)
    await issue(fated, due.id)
    await settle(context)
    record = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
    assert record is not None
    assert record.kid[-43:] == await now_signing(keyring, clock) != objects.stolen
    assert await verdict(record, vault, clock) == "valid"


async def test_the_log_tells_of_whatever_was_signed_with_an_ended_key(
    api: httpx.AsyncClient, issued: Issued, keyring: Keyring, context: WorkerContext
) -> None:
    """Somebody with the database and the old key goes on signing with it: the replay says so."""
    record = await issued()
    await keys.rotate(keyring, "record", demonstration=False, at_once=True, now=START)
    await keys.retire(keyring, record.kid[-43:], reason="rotation", now=START)
    async with UnitOfWork(DB):
        leaf = await LogLeaf.objects().get(LogLeaf.entry_id == record.entry_id)
        assert leaf is not None
        said = parse_leaf(bytes(leaf.entry))
        await log.append(
            Kind.ISSUED,
            at=START,
            kid=said.kid,
            sha256=said.sha256,
            ref=RecordRef(f"urn:uuid:{uuid7()}", 1, record.status_index ^ 1).text,
        )
    await settle(context)
    (problem,) = await Served(api).whole()
    assert "made after key.retired" in problem


async def test_keys_that_are_not_there_or_not_allowed_are_named(
    keyring: Keyring, issued: Issued, clock: ManualClock, tmp_path: Path
) -> None:
    await issued()
    with pytest.raises(NoSuchSigningKey):
        await keys.retire(keyring, "nobody's", reason="x", now=clock())
    log_key = next(key for key in await keys.listed() if key.purpose == "log")
    with pytest.raises(NoSuchSigningKey):
        await keys.compromise(keyring, log_key.thumbprint, reason="x", now=clock())
    elsewhere = Keyring(tmp_path / "others", demo=False)
    with pytest.raises(NoSigningKey):
        await now_signing(elsewhere, clock)
    with pytest.raises(NoDemonstrationHere):
        await signer(elsewhere, "record", PUBLIC_URL, demonstration=True, now=clock())


async def test_under_a_new_address_the_keys_in_use_are_announced_again_and_no_ended_one(
    keyring: Keyring, issued: Issued, clock: ManualClock, vault: Vault, context: WorkerContext
) -> None:
    old = await issued()
    made = await keys.rotate(keyring, "record", demonstration=False, at_once=True, now=clock())
    await keys.retire(keyring, old.kid[-43:], reason="rotation", now=clock())
    await service.change_public_address("https://other.example", clock())
    new = await issued()
    assert new.kid == f"https://other.example/keys/{made.thumbprint}"
    async with UnitOfWork(DB):
        moved = await key_rows.known_at("https://other.example", "record", demonstration=False)
    assert [key.thumbprint for key in moved] == [made.thumbprint]
    await keys.compromise(keyring, made.thumbprint, reason="lost", now=clock())
    await settle(context)
    assert [await verdict(record, vault, clock) for record in (old, new)] == ["valid", "valid"]
    ended = {key.kid for key in await keys.listed() if key.compromised_at}
    assert ended == {made.kid, new.kid}


def test_a_key_is_named_as_it_is_listed_even_one_that_looks_like_an_option(tmp_path: Path) -> None:
    words = ["retire", "http://a/keys/-x", "--reason", "r", "--data", str(tmp_path)]
    assert isinstance(CliRunner().invoke(key_app, words).exception, NoInstance)


def test_commands_work_on_the_keys_of_the_instance_that_runs_from_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key made in another folder would be announced, and sign nothing."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    said = {"DATABASE_URL": "postgresql://x", "GUANBIAO_KEYS_DIR": str(tmp_path / "theirs")}
    running = Running(
        url="http://x",
        public_url="http://x",
        demo=False,
        up=Mark.of(os.getpid()),
        pids={},
        environment=said | {"GUANBIAO_RECORD_ALGORITHM": "RS256"},
    )
    DataFolder(tmp_path).announce(running)
    found = settings_of(tmp_path)
    assert (found.keys, found.record_algorithm) == (tmp_path / "theirs", "RS256")


def test_the_newest_key_that_has_begun_signs_and_a_future_one_only_in_need() -> None:
    def key(name: str, begins: int, **changes: object) -> KnownKey:
        made = KnownKey(
            kid=name,
            purpose="record",
            issuer="i",
            address="a",
            demonstration=False,
            thumbprint=name,
            jwk="{}",
            added_at=START + timedelta(minutes=begins),
        )
        return msgspec.structs.replace(made, **changes)

    first, second, future = key("first", 0), key("second", 5), key("future", 60)
    now = START + timedelta(minutes=10)
    assert in_order([future, first, second], now=now) == [second, first, future]
    retired = msgspec.structs.replace(second, retired_at=now)
    assert in_order([retired, future, first], now=now) == [first, future]
    stolen = msgspec.structs.replace(first, compromised_at=now)
    assert in_order([retired, stolen, future], now=now) == [future]
    assert in_order([retired, stolen], now=now) == []
