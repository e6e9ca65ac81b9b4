"""What witnesses hand over is checked, kept and shown; bundles end at what they signed."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.accounts.domain import Role
from backend.records import log
from backend.records.commands import verify_command
from backend.records.cosigning import domain
from backend.records.cosigning import service as cosigning
from backend.records.cosigning.domain import CosignedNote, best
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from backend.records.tables import LogCosignature
from backend.records.trusting import log_key
from backend.records.verdict.bundle import Bundle, read_bundle, write_bundle
from backend.records.verdict.cosignatures import cosignature
from backend.records.verdict.notes import (
    COSIGNATURE,
    Checkpoint,
    NoteKey,
    open_checkpoint,
    read_note,
    sign_checkpoint,
)
from backend.records.verdict.trust import Trust, parse_trust
from backend.records.verdict.verify import verify
from backend.records.witness.keeping import WitnessFolder
from backend.records.witness.visiting import visit
from infra.clock import ManualClock
from infra.queue import WorkerContext
from tests.backend.records.conftest import Issued, Someone
from tests.backend.records.test_decisions import approve, propose, staff
from tests.backend.records.test_keys import Served
from tests.people import AsPerson

__all__ = ["staff"]
pytestmark = pytest.mark.usefixtures("unit")
AT = "/log/cosignatures"


class Named:
    """A witness's key, and what it says."""

    def __init__(self, name: str) -> None:
        self.name, self.private = name, Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes_raw()
        self.vkey = NoteKey(name, public, COSIGNATURE).text

    def under(self, note: str, at: Any) -> str:
        text = read_note(note)[0]
        return note + cosignature(text, self.name, self.private, int(at.timestamp()))


@pytest.fixture
async def known(issued: Issued, clock: ManualClock) -> Named:
    """A registered witness of a log that has a record."""
    await issued()
    witness = Named("witness.example.org")
    await cosigning.add(witness.vkey, now=clock())
    return witness


async def checkpoint(api: httpx.AsyncClient) -> str:
    return (await api.get("/log/checkpoint")).text


async def handed(api: httpx.AsyncClient, note: str | bytes) -> httpx.Response:
    return await api.post(AT, content=note, headers={"Content-Type": "text/plain"})


async def test_a_cosignature_is_kept_once_and_shown_with_its_checkpoint(
    api: httpx.AsyncClient, known: Named, clock: ManualClock
) -> None:
    before = await api.get("/log/checkpoint")
    note = known.under(before.text, clock())
    for _ in range(2):
        answer = await handed(api, note)
        assert (answer.status_code, answer.json()) == (200, {"witnesses": [known.name]})
        note = known.under(before.text, clock() + timedelta(seconds=9))
    after = await api.get("/log/checkpoint")
    assert after.text == known.under(before.text, clock())
    assert after.headers["etag"] != before.headers["etag"]
    assert after.headers["cache-control"] == "public, max-age=1"
    shown = (await api.get(AT)).json()["items"]
    assert [one["note"] for one in shown] == [after.text]
    size = shown[0]["size"]
    assert (await api.get(AT, params={"after": size})).json()["items"] == []
    trust = parse_trust((await api.get("/trust.json")).content)
    assert (trust.log.witnesses, trust.log.quorum) == ([known.vkey], 0)
    assert await LogCosignature.count().where(LogCosignature.tree_size == size) == 1


async def test_what_no_witness_signed_is_not_taken(
    api: httpx.AsyncClient, known: Named, clock: ManualClock, keyring: Keyring
) -> None:
    note = await checkpoint(api)
    head = open_checkpoint(note, await log_key())
    fork = sign_checkpoint(Checkpoint(head.origin, head.size, bytes(32)), keyring.log())
    ahead = sign_checkpoint(Checkpoint(head.origin, head.size + 99, head.root), keyring.log())
    strange = sign_checkpoint(head, Ed25519PrivateKey.generate())
    impostor, late = Named(known.name), timedelta(minutes=3)
    sent: list[tuple[str | bytes, int, str]] = [
        (note, 403, "unknown-witness"),
        (impostor.under(note, clock()), 403, "unknown-witness"),
        (known.under(note, clock())[:-9] + "AAAAAAA=\n", 403, "unknown-witness"),
        (known.under(note, clock() + late), 422, "implausible-time"),
        (known.under(note, clock() - timedelta(days=1)), 422, "implausible-time"),
        (known.under(fork, clock()), 409, "another-history"),
        (known.under(ahead, clock()), 409, "another-history"),
        (known.under(strange, clock()), 422, "not-a-checkpoint"),
        ("", 422, "not-a-checkpoint"),
        (b"\xff\xfe", 422, "not-a-checkpoint"),
        (b"x" * 70_000, 413, "note-too-large"),
    ]
    for content, status, code in sent:
        answer = await handed(api, content)
        assert (answer.status_code, answer.json()["code"]) == (status, code), content[:200]
    assert (await api.get(AT)).json()["items"] == []
    assert (await api.get(AT, params={"after": -1})).status_code == 422


async def test_who_was_removed_is_neither_asked_nor_shown(
    api: httpx.AsyncClient, known: Named, clock: ManualClock
) -> None:
    before = await checkpoint(api)
    note = known.under(before, clock())
    assert (await handed(api, note)).status_code == 200
    await cosigning.remove(known.name, now=clock())
    assert await checkpoint(api) == before
    assert (await api.get(AT)).json()["items"] == []
    assert (await handed(api, note)).status_code == 403
    assert b"witnesses" not in (await api.get("/trust.json")).content
    await cosigning.add(known.vkey, now=clock())
    assert await checkpoint(api) == note


async def test_a_witness_is_registered_under_one_name_and_key(
    known: Named, clock: ManualClock
) -> None:
    own = NoteKey("log.example", (await log_key()).public, COSIGNATURE).text
    for vkey in (known.vkey, Named(known.name).vkey, own):
        with pytest.raises(domain.WitnessKnown):
            await cosigning.add(vkey, now=clock())
    for vkey in ("", "a+b+c", (await log_key()).text):
        with pytest.raises(domain.NotAWitnessKey):
            await cosigning.add(vkey, now=clock())
    with pytest.raises(domain.NoSuchWitness):
        await cosigning.remove("nobody.example", now=clock())
    for number in range(14):
        await cosigning.add(Named(f"w{number}.example").vkey, now=clock())
    with pytest.raises(domain.TooManyWitnesses):
        await cosigning.add(Named("one.too.many").vkey, now=clock())
    assert [one.size for one in await cosigning.standing()] == [None] * 15


def test_the_checkpoint_that_most_signed_is_taken_and_of_those_the_newest() -> None:
    notes = [CosignedNote(size, "", count) for size, count in ((5, 1), (7, 2), (9, 2), (11, 1))]
    found = best(notes)
    assert found
    assert found.size == 9
    assert best([]) is None


# --- bundles ----------------------------------------------------------------------------------


class Here:
    """The API, as a witness in a thread of its own meets it."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self._api, self._loop = api, asyncio.get_running_loop()

    def _wait(self, work: Any) -> httpx.Response:
        answer: httpx.Response = asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
        return answer

    def get(self, name: str) -> bytes | None:
        answer = self._wait(self._api.get(f"/{name}"))
        return answer.content if answer.status_code == 200 else None

    def post(self, name: str, content: bytes) -> str | None:
        answer = self._wait(self._api.post(f"/{name}", content=content))
        return None if answer.status_code == 200 else answer.text


@pytest.fixture
async def watchers(issued: Issued, clock: ManualClock, tmp_path: Path) -> list[WitnessFolder]:
    """Two registered witnesses, each with a folder."""
    await issued()
    found = []
    for name in ("body.example", "authority.example"):
        key = Ed25519PrivateKey.generate()
        found.append(WitnessFolder.create(tmp_path / name, name, key))
        await cosigning.add(found[-1].note_key.text, now=clock())
    return found


async def visits(
    watchers: list[WitnessFolder], api: httpx.AsyncClient, clock: ManualClock
) -> list[list[int]]:
    key, here = await log_key(), Here(api)
    done = [await asyncio.to_thread(visit, one, here, key, clock) for one in watchers]
    assert [one.refused for one in done] == [None] * len(watchers)
    return [one.signed for one in done]


async def held(api: httpx.AsyncClient, code: str) -> tuple[Bundle, Trust]:
    """A bundle as it is handed out now, and the pins of somebody who asks for two witnesses."""
    content = (await api.get(f"/v1/verifications/{code}/bundle")).content
    trust = (await api.get("/trust.json")).content
    return read_bundle(content), parse_trust(
        trust.replace(b'"witnesses"', b'"quorum":2,"witnesses"')
    )


async def test_a_bundle_ends_at_the_checkpoint_that_witnesses_signed(
    api: httpx.AsyncClient,
    issued: Issued,
    watchers: list[WitnessFolder],
    context: WorkerContext,
    clock: ManualClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = await issued()
    early, trust = await held(api, record.code)
    assert verify(early, trust, clock()).verdict == "not-logged"
    await visits(watchers, api, clock)
    await issued()  # the log went on; what was signed covers the record all the same
    bundle, trust = await held(api, record.code)
    outcome = verify(bundle, trust, clock())
    assert outcome.verdict == "valid", outcome.checks
    (seen,) = [check.evidence for check in outcome.checks if check.name == "witnesses"]
    assert "body.example" in seen
    assert "authority.example" in seen
    (tmp_path / "b.zip").write_bytes(
        (await api.get(f"/v1/verifications/{record.code}/bundle")).content
    )
    (tmp_path / "trust.json").write_bytes((await api.get("/trust.json")).content)
    files = (tmp_path / "b.zip", tmp_path / "trust.json", None, True)
    assert verify_command(*files, witnesses=2, now=clock()) == 0
    assert verify_command(*files, witnesses=3, now=clock()) == 2
    (tmp_path / "b.zip").write_bytes(write_bundle(early, ""))
    assert verify_command(*files[:3], False, witnesses=1, now=clock()) == 15
    assert "刚签发的证明请过一两分钟" in capsys.readouterr().out
    for purpose in ("revocation", "suspension", "refresh"):
        proof = await api.get(f"/status/{purpose}/{record.status_list}/proof")
        assert "body.example" in proof.text
    assert await Served(api).whole() == []


async def test_a_revocation_is_in_the_bundle_before_any_witness_saw_it(
    api: httpx.AsyncClient,
    issued: Issued,
    watchers: list[WitnessFolder],
    staff: AsPerson,
    context: WorkerContext,
    clock: ManualClock,
) -> None:
    record, other = await issued(), await issued()
    await visits(watchers, api, clock)
    proposal = await propose(api, record, await staff(Role.REVIEWER))
    await approve(api, proposal.json()["id"], await staff(Role.REVIEWER))
    await settle(context)
    found = [verify(*await held(api, code), clock()).verdict for code in (record.code, other.code)]
    assert found == ["revoked", "valid"]  # the other one's list is that which witnesses saw


async def test_lists_signed_anew_do_not_make_a_bundle_stale_until_witnesses_come(
    api: httpx.AsyncClient,
    issued: Issued,
    watchers: list[WitnessFolder],
    context: WorkerContext,
    clock: ManualClock,
) -> None:
    record = await issued()
    await visits(watchers, api, clock)
    clock.advance(215)
    await settle(context)
    assert verify(*await held(api, record.code), clock()).verdict == "valid"
    clock.advance(60)
    await visits(watchers, api, clock)
    clock.advance(60)
    bundle, trust = await held(api, record.code)
    outcome = verify(bundle, trust, clock())
    assert (outcome.verdict, outcome.status_as_of) == ("valid", "2026-03-02T01:03:35Z")


async def test_witnesses_that_come_one_after_the_other_sign_the_same_checkpoints(
    api: httpx.AsyncClient,
    issued: Issued,
    watchers: list[WitnessFolder],
    someone: Someone,
    clock: ManualClock,
) -> None:
    first, second = watchers
    await visits([first, second], api, clock)
    await issued()
    (one,) = await visits([first], api, clock)
    await issued()
    (two,) = await visits([second], api, clock)
    assert two[0] == one[0]
    last = await log.latest_checkpoint()
    assert last
    assert two[1] == last.tree_size
    assert await visits([first], api, clock) == [two[1:]]
