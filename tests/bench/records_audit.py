"""The log as others see it: the size of a proof from ten million leaves, and the whole audit of a
copy of a million."""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from backend.records.signing import sign_status
from backend.records.verdict.canonical import digest
from backend.records.verdict.jws import members
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, status_ref, timestamp
from backend.records.verdict.merkle import leaf_hash, root_of
from backend.records.verdict.notes import Checkpoint, sign_checkpoint
from backend.records.verdict.proof import Proof, check_proof
from backend.records.verdict.status_list import PURPOSES, Bits, status_claims
from backend.records.verdict.tiles import WIDTH, Tile, Tree, TreeHashes, pack_entries, tiles_of
from backend.records.verdict.trust import Trust, TrustedKey
from tests.backend.records.making import START
from tests.backend.records.verdict.world import ADDRESS, ISSUER, ORIGIN, World
from tests.bench.records_site import scaled
from tests.bench.rows import Row, row

LEAVES = scaled(1_000_000, 2_000)
_A_LIST = 125_000
_REVOKED_EACH = 1_000
_LARGE = 10_000_000


def measure() -> list[Row]:
    return [_proof_row(), *_audit_rows()]


# --- a proof ----------------------------------------------------------------------------------


class _SameLeaves(Tree):
    """Millions of leaves that are all one: each level has one hash, too."""

    def __init__(self, entry: bytes, size: int) -> None:
        self._of, self._size = [leaf_hash(entry)], size

    @property
    def size(self) -> int:
        return self._size

    def _hashes(self, level: int, start: int, end: int) -> Sequence[bytes]:
        while len(self._of) <= level:
            self._of.append(root_of([self._of[-1]] * WIDTH))
        return [self._of[level]] * (end - start)


def _proof_row() -> Row:
    world = World()
    entry = world.issue_leaf(b"x" * 3_000).entry
    tree = _SameLeaves(entry, _LARGE - 1)
    head = Checkpoint(ORIGIN, tree.size, tree.root(tree.size))
    note = sign_checkpoint(head, world.log_key)
    longest = 0
    for index in (0, 1, tree.size // 2, tree.size - 300, tree.size - 1):
        proof = Proof(index, tree.inclusion(index, tree.size), note, entry)
        check_proof(Proof.parse(proof.text), world.trust.log.note_key)
        longest = max(longest, len(proof.text))
    return row(
        f"a proof from {_LARGE:,} leaves / its bare hashes",
        value=longest,
        unit="bytes",
        floor=32 * tree.size.bit_length(),
        target="value <= 2048",
    )


# --- an audit ---------------------------------------------------------------------------------


def _audit_rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="guanbiao-bench-") as name:
        folder = Path(name)
        bare = _write_log(folder)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        command = [sys.executable, "-m", "backend.cli", "audit-log", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[:2_000] + done.stderr
        wall = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    name = f"audit-log of {LEAVES:,} leaves"
    print(
        f"  {name}: {wall:.1f} s, {used:.1f} s of processors, {after.ru_maxrss >> 10} MB",
        file=sys.stderr,
    )
    limit = 30 * LEAVES / 1_000_000
    return [
        row(
            f"{name} / bare hashing", value=used, unit="s", floor=bare, target=f"value <= {limit:g}"
        )
    ]


def _write_log(folder: Path) -> float:
    """A folder as `audit-log` takes it. Seconds of one core that hashing its leaves takes."""
    world, tree = World(), TreeHashes()
    entries = list(_entries(world, folder))
    started = time.process_time()
    for entry in entries:
        tree.append(leaf_hash(entry))
    bare = time.process_time() - started
    for tile in tiles_of(tree.size):
        _write(folder / tile.path, _content(tree, entries, tile))
    head = Checkpoint(ORIGIN, tree.size, tree.root(tree.size))
    _write(folder / "checkpoint", sign_checkpoint(head, world.log_key).encode())
    _write(folder / "trust.json", msgspec.json.encode(_trust(world)))
    return bare


def _entries(world: World, folder: Path) -> Iterator[bytes]:
    """Keys, records, a revocation for each thousand of them, and at the end the lists."""
    records, status = world.kid(world.record_key), world.kid(world.status_key)
    issuer = _trust(world).issuers[0]
    yield _announced("record", issuer.record_keys[0])
    yield _announced("status", issuer.status_keys[0])
    lists: dict[int, Bits] = {}
    for number in range(LEAVES):
        ref = _place(number)
        ts = timestamp(START + timedelta(seconds=number // 50))
        yield _leaf(Kind.ISSUED, ts, records, ref.text)
        bits = lists.setdefault(ref.list_number, Bits())
        if number % _REVOKED_EACH == 0:
            bits[ref.index] = True
            yield _leaf(Kind.REVOKED, ts, status, ref.text)
    for number, bits in lists.items():
        for purpose in PURPOSES:
            yield _published(world, folder, purpose, number, bits)


def _trust(world: World) -> Trust:
    """The status key is announced second."""
    issuer = world.trust.issuers[0]
    keys = [replace(key, from_index=1) for key in issuer.status_keys]
    return replace(world.trust, issuers=[replace(issuer, status_keys=keys)])


def _announced(purpose: str, key: TrustedKey) -> bytes:
    sha256, ref = digest(msgspec.json.encode(members(key.jwk))), f"{purpose}:{key.jwk.thumbprint}"
    at = timestamp(START)
    return Leaf(type=Kind.KEY_ADDED, ts=at, kid=key.kid, sha256=sha256, ref=ref).entry


def _place(number: int) -> RecordRef:
    record = f"urn:uuid:00000000-0000-4000-8000-{number:012d}"
    return RecordRef(record, 1 + number // _A_LIST, number % _A_LIST)


def _leaf(kind: Kind, ts: str, kid: str, ref: str) -> bytes:
    return Leaf(type=kind, ts=ts, kid=kid, sha256=digest(ref.encode()), ref=ref).entry


def _published(world: World, folder: Path, purpose: str, number: int, bits: Bits) -> bytes:
    at = START + timedelta(seconds=LEAVES // 50)
    claims = status_claims(
        address=f"{ADDRESS}/status/{purpose}/{number}",
        issuer=ISSUER,
        purpose=purpose,
        encoded_list=(bits if purpose == "revocation" else Bits()).encoded,
        signed_at=int(at.timestamp()),
    )
    kid = world.kid(world.status_key)
    jws = sign_status(claims, world.status_key, kid)
    ref = status_ref(purpose, number)
    _write(folder / ref, jws)
    return Leaf(type=Kind.STATUS, ts=timestamp(at), kid=kid, sha256=digest(jws), ref=ref).entry


def _content(tree: TreeHashes, entries: Sequence[bytes], tile: Tile) -> bytes:
    start, end = tile.span
    return tree.tile(tile) if tile.level is not None else pack_entries(entries[start:end])


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
