"""The two commands a stranger runs, on files alone."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import msgspec
import pytest

from backend.records import repository, service
from backend.records.commands import EXIT_CODES, audit_log_command, verify_command
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord
from backend.records.verdict.audit import audit
from backend.records.verdict.canonical import digest
from backend.records.verdict.leaf import parse_leaf
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import Checkpoint, sign_checkpoint
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import PURPOSES
from backend.records.verdict.tiles import (
    TreeHashes,
    pack_entries,
    parse_path,
    tiles_of,
    unpack_entries,
)
from backend.records.verdict.trust import parse_trust
from backend.records.verdict.words import Verdict
from backend.records.web_address import WebAddress
from infra.clock import ManualClock
from infra.queue import WorkerContext
from tests.backend.records.conftest import Issued, Mirror
from tests.backend.records.verdict.test_history import HONEST, WORLD, Served
from tests.backend.records.verdict.world import World

Capture = pytest.CaptureFixture[str]


@pytest.fixture
async def handed_over(
    api: httpx.AsyncClient, issued: Issued, tmp_path: Path
) -> tuple[CompletionRecord, Path, Path]:
    """A record, its bundle and the trust file, as a certifier has them on his disk."""
    record = await issued()
    bundle, trust = tmp_path / "record.zip", tmp_path / "trust.json"
    bundle.write_bytes((await api.get(f"/v1/verifications/{record.code}/bundle")).content)
    trust.write_bytes((await api.get("/trust.json")).content)
    return record, bundle, trust


Files = tuple[CompletionRecord, Path, Path]


def test_every_verdict_has_an_exit_code_of_its_own() -> None:
    assert set(EXIT_CODES) == set(Verdict)
    assert len(set(EXIT_CODES.values())) == len(Verdict)


async def test_a_bundle_is_verified_offline(
    handed_over: Files, clock: ManualClock, capsys: Capture
) -> None:
    record, bundle, trust = handed_over
    assert verify_command(bundle, trust, None, True, now=clock()) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["record"]["number"]) == ("valid", record.number)
    assert verify_command(bundle, trust, None, False, now=clock()) == 0
    assert "✓" in capsys.readouterr().out


async def test_an_old_bundle_is_stale_until_newer_lists_are_given(
    handed_over: Files,
    clock: ManualClock,
    context: WorkerContext,
    tmp_path: Path,
    capsys: Capture,
) -> None:
    record, bundle, trust = handed_over
    clock.advance(3_600)
    assert (
        verify_command(bundle, trust, None, True, now=clock()) == EXIT_CODES[Verdict.STATUS_STALE]
    )
    assert json.loads(capsys.readouterr().out)["statusAsOf"] == "2026-03-02T01:00:00Z"
    verify_command(bundle, trust, None, False, now=clock())
    assert f"/status/suspension/{record.status_list}\n" in capsys.readouterr().out
    await settle(context)
    for purpose, evidence in (await repository.published_lists(record.status_list)).items():
        (tmp_path / f"{purpose}.jwt").write_bytes(evidence.jws)
        (tmp_path / f"{purpose}.tlog-proof").write_bytes(evidence.proof)
    assert verify_command(bundle, trust, tmp_path, True, now=clock()) == 0


async def test_nothing_is_trusted_without_a_trust_file(
    handed_over: Files, clock: ManualClock, capsys: Capture
) -> None:
    _, bundle, _ = handed_over
    assert verify_command(bundle, None, None, True, now=clock()) == 16


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"\x00" * 60])
def test_what_is_no_bundle_is_tampered(content: bytes, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert verify_command(tmp_path / "x.zip", None, None, True) == 17


def test_a_missing_file_or_a_damaged_pin_is_no_verdict(tmp_path: Path, capsys: Capture) -> None:
    assert verify_command(tmp_path / "none.zip", None, None, True) == 2
    assert "none.zip，请核对路径" in capsys.readouterr().err
    (tmp_path / "x.zip").write_bytes(b"x")
    (tmp_path / "trust.json").write_bytes(b'{"v":1}')
    assert verify_command(tmp_path / "x.zip", tmp_path / "trust.json", None, True) == 2
    assert "/trust.json 重新获取" in capsys.readouterr().err


def test_verifying_needs_neither_database_nor_framework_nor_network() -> None:
    program = (
        "import sys; import backend.records.commands;"
        "print([m for m in ('piccolo','asyncpg','litestar','minio','httpx','socket','ssl',"
        "'infra.settings') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


# --- the audit --------------------------------------------------------------------------------


async def test_a_whole_log_passes(
    issued: Issued,
    mirror: Mirror,
    keyring: Keyring,
    context: WorkerContext,
    clock: ManualClock,
    capsys: Capture,
) -> None:
    first, _ = await issued(), await issued()
    await service.suspend(keyring, first.id, "投诉待查，暂停", actor_id=uuid4(), now=clock())
    await settle(context)
    assert audit_log_command(str(await mirror()), True) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["problems"] == []
    assert said["kinds"]["record.issued"] >= 2
    assert said["kinds"]["record.suspended"] >= 1
    assert said["statusLists"] >= 3


async def test_a_copy_whose_lists_are_newer_than_its_checkpoint_is_whole(
    api: httpx.AsyncClient,
    issued: Issued,
    mirror: Mirror,
    context: WorkerContext,
    clock: ManualClock,
    capsys: Capture,
) -> None:
    """The log went on while it was copied."""
    await issued()
    folder = await mirror()
    clock.advance(3_600)
    await settle(context)
    for name in (f"status/{purpose}/1" for purpose in PURPOSES):
        (folder / name).write_bytes((await api.get(name)).content)
        proof = (await api.get(f"{name}/proof")).content
        (folder / f"{name}.tlog-proof").write_bytes(proof)
    assert audit_log_command(str(folder), True) == 0
    assert "newer version" in capsys.readouterr().out


def entries_file(folder: Path) -> Path:
    return sorted((folder / "tile" / "entries").rglob("*"))[-1]


def edit_entry(folder: Path) -> None:
    path = entries_file(folder)
    entries = unpack_entries(path.read_bytes())
    entries[-1] = entries[-1].replace(b'"sha256":"', b'"sha256":"0', 1)[:-1] + b"}"
    path.write_bytes(pack_entries(entries))


def drop_entry(folder: Path) -> None:
    path = entries_file(folder)
    path.write_bytes(pack_entries(unpack_entries(path.read_bytes())[:-1]))


def swap_entries(folder: Path) -> None:
    path = entries_file(folder)
    entries = unpack_entries(path.read_bytes())
    path.write_bytes(pack_entries([*entries[:-2], entries[-1], entries[-2]]))


def spoil_tile(folder: Path) -> None:
    path = sorted(p for p in (folder / "tile" / "0").rglob("*") if p.is_file())[-1]
    path.write_bytes(b"\x00" * len(path.read_bytes()))


def lose_list_bits(folder: Path) -> None:
    """The right form and signature, the wrong list: another purpose in its place."""
    lists = folder / "status"
    (lists / "suspension" / "1").write_bytes((lists / "revocation" / "1").read_bytes())


@pytest.mark.parametrize("hand", [edit_entry, drop_entry, swap_entries, spoil_tile, lose_list_bits])
async def test_a_changed_log_is_found_out(
    hand: Callable[[Path], None], issued: Issued, mirror: Mirror, capsys: Capture
) -> None:
    await issued()
    folder = await mirror()
    hand(folder)
    assert audit_log_command(str(folder), True) != 0


async def test_a_log_signed_again_without_a_revocation_is_found_out(
    issued: Issued,
    mirror: Mirror,
    keyring: Keyring,
    context: WorkerContext,
    clock: ManualClock,
    capsys: Capture,
) -> None:
    """Even with the log's own key: the bits and the entries then tell two stories."""
    record = await issued()
    await service.suspend(keyring, record.id, "投诉待查，暂停", actor_id=uuid4(), now=clock())
    await settle(context)
    folder = await mirror()
    rewrite(folder, keyring, b"record.suspended")
    assert audit_log_command(str(folder), True) == 1
    assert any("bits" in problem for problem in json.loads(capsys.readouterr().out)["problems"])


async def test_another_edition_under_a_published_name_is_found_out(
    issued: Issued, mirror: Mirror, context: WorkerContext, clock: ManualClock, capsys: Capture
) -> None:
    await issued()
    for content in ("first", "second"):
        sha256 = digest(content.encode())
        assert await service.log_edition("2031.1", sha256=sha256, published_at=clock())
    await settle(context)
    assert audit_log_command(str(await mirror()), True) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert "edition/2031.1 is published twice" in problem


def rewrite(folder: Path, keyring: Keyring, without: bytes) -> None:
    """Forge the whole folder, signature and all, leaving out the last entry of a kind."""
    bundles = sorted(p for p in (folder / "tile" / "entries").rglob("*") if p.is_file())
    widest = {parse_path(str(p.relative_to(folder))).index: p for p in bundles}
    entries = [e for _, p in sorted(widest.items()) for e in unpack_entries(p.read_bytes())]
    del entries[max(i for i, entry in enumerate(entries) if without in entry)]
    tree = TreeHashes()
    for entry in entries:
        tree.append(leaf_hash(entry))
    for tile in tiles_of(tree.size):
        start, end = tile.span
        content = pack_entries(entries[start:end]) if tile.level is None else tree.tile(tile)
        (folder / tile.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / tile.path).write_bytes(content)
    origin = parse_trust((folder / "trust.json").read_bytes()).log.origin
    note = sign_checkpoint(Checkpoint(origin, tree.size, tree.root(tree.size)), keyring.log())
    (folder / "checkpoint").write_text(note)


def test_an_empty_folder_cannot_be_audited(tmp_path: Path, capsys: Capture) -> None:
    assert audit_log_command(str(tmp_path), False) == 2


@pytest.mark.parametrize("address", ["http://[", "http://a b", "https://127.0.0.1:1"])
def test_what_is_no_address_of_a_log_is_said_and_not_a_fault_of_the_program(
    address: str, capsys: Capture
) -> None:
    assert audit_log_command(address, False) == 2
    said = capsys.readouterr().err
    assert said.startswith("guanbiao audit-log: ")
    assert ("请核对地址和网络" in said) == address.startswith("https")


def test_what_answers_something_else_than_a_web_server_is_said(capsys: Capture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = threading.Thread(target=babble, args=[server])
        answering.start()
        assert audit_log_command(f"http://127.0.0.1:{server.getsockname()[1]}", False) == 2
        answering.join()
    assert "BadStatusLine" in capsys.readouterr().err


def test_a_file_of_this_machine_is_no_address() -> None:
    with pytest.raises(Refused):
        WebAddress("file:///etc")


def test_a_witness_that_is_answered_with_something_else_goes_on() -> None:
    """Where an exception of the web client went through, the watching ended."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        log = WebAddress(f"http://127.0.0.1:{server.getsockname()[1]}")
        for ask in (lambda: log.get("log/checkpoint"), lambda: log.post("log/cosignatures", b"")):
            answering = threading.Thread(target=babble, args=[server])
            answering.start()
            with pytest.raises(Refused):
                ask()
            answering.join()


def babble(server: socket.socket) -> None:
    client, _ = server.accept()
    with client:
        client.recv(4_096)
        client.sendall(b"nothing of the kind\r\n\r\n")


def copied(served: Served, folder: Path) -> Path:
    for name, content in served.files.items():
        path = folder / name.removeprefix("log/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_a_checkpoint_that_cannot_be_kept_is_said(tmp_path: Path, capsys: Capture) -> None:
    kept = tmp_path / "no such folder" / "checkpoint"
    folder = copied(Served(HONEST), tmp_path / "log")
    assert audit_log_command(str(folder), False, kept) == 2
    assert "no such folder" in capsys.readouterr().err


def test_no_word_of_a_served_log_moves_the_cursor_of_whoever_audits_it(
    tmp_path: Path, capsys: Capture
) -> None:
    evil = msgspec.structs.replace(parse_leaf(HONEST[-1]), kid="\x1b[2J\u202e")
    folder = copied(Served([*HONEST, evil.entry]), tmp_path)
    assert audit_log_command(str(folder), False) == 1
    written = capsys.readouterr().out
    assert "not announced before" in written
    assert all(line.isprintable() for line in written.splitlines())


def test_a_list_of_another_purpose_is_found_out_even_where_their_bits_are_equal() -> None:
    revocation = WORLD.list("revocation")
    served = Served([*HONEST, WORLD.list_leaf("suspension", revocation).entry])
    served.files["status/suspension/1"] = revocation
    assert any("another purpose" in problem for problem in audit(served).problems)


def test_dates_on_the_machine_are_used_when_none_is_given(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "x.zip").write_bytes(b"x")
    verify_command(tmp_path / "x.zip", None, None, True)
    said = datetime.fromisoformat(json.loads(capsys.readouterr().out)["verifiedAt"])
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=1)


def test_trust_files_of_two_logs_are_not_held_against_one(tmp_path: Path, capsys: Capture) -> None:
    folder = copied(Served(HONEST), tmp_path / "log")
    (tmp_path / "other.json").write_bytes(msgspec.json.encode(World().trust))
    trust = [folder / "trust.json", tmp_path / "other.json"]
    assert audit_log_command(str(folder), False, trust=trust) == 2
    assert "different logs" in capsys.readouterr().err
