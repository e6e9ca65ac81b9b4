"""Recomputing the whole log from its entries: root, every tile, signature, every status bit."""

from collections import Counter
from typing import Protocol

import msgspec

from backend.records.verdict.canonical import digest
from backend.records.verdict.credential import seconds
from backend.records.verdict.growth import CHANGED, FORKED, SHORTER
from backend.records.verdict.jws import check_signature, parse, public_key
from backend.records.verdict.leaf import (
    Kind,
    Leaf,
    RecordRef,
    parse_leaf,
    parse_record_ref,
    parse_status_ref,
)
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import Checkpoint, open_checkpoint
from backend.records.verdict.proof import Proof, check_proof
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import Bits, StatusClaims, replay
from backend.records.verdict.tiles import TreeHashes, tiles_of, unpack_entries
from backend.records.verdict.trust import Trust, TrustedKey, parse_trust

_DECISIONS = {Kind.SUSPENDED, Kind.REINSTATED, Kind.REVOKED, Kind.SUPERSEDED}
_MOST_PROBLEMS = 100
_CLOCKS_DIFFER = 3_600  # seconds


class Source(Protocol):
    def get(self, name: str) -> bytes | None:
        """`log/checkpoint`, `log/tile/...`, `status/<purpose>/<n>`, `trust.json`; None: absent."""


class Audit(msgspec.Struct, kw_only=True, rename="camel"):
    """`problems` is empty when the log is whole; `notes` say what was not looked at."""

    origin: str
    tree_size: int
    root: str
    kinds: dict[str, int]
    checkpoint: str
    """The note that was audited, to be kept for the next time."""
    status_lists: int = 0
    problems: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)


def audit(source: Source, kept: str | None = None) -> Audit:
    """Refused when there is nothing to audit: no pins, no checkpoint, a signature that fails.

    `kept`: a checkpoint seen before. Only with one is a log found out that was signed anew.
    """
    pins = _pins(source)
    key = pins[0].log.note_key
    note = _text(_needed(source, "log/checkpoint"))
    checkpoint = open_checkpoint(note, key)
    found = Audit(
        origin=checkpoint.origin,
        tree_size=checkpoint.size,
        root=checkpoint.root.hex(),
        kinds={},
        checkpoint=note,
    )
    tree, leaves = _read_entries(source, checkpoint, found)
    if kept is not None:
        _check_kept(open_checkpoint(kept, key), checkpoint, tree, found)
    if not found.problems:
        _check_tiles(source, tree, checkpoint, found)
        _Replay(leaves, found).check()
        _check_lists(source, leaves, pins, found)
    found.kinds = dict(Counter(str(leaf.type) for leaf in leaves))
    found.problems = found.problems[:_MOST_PROBLEMS]
    return found


def _check_kept(kept: Checkpoint, now: Checkpoint, tree: TreeHashes, found: Audit) -> None:
    if now.size < kept.size:
        found.problems.append(SHORTER)
    elif kept.size <= tree.size and tree.root(kept.size) != kept.root:
        found.problems.append(FORKED if now.size == kept.size else CHANGED)


def _text(note: bytes) -> str:
    try:
        return note.decode()
    except UnicodeDecodeError as error:
        raise Refused("a checkpoint that is no text") from error


def _pins(source: Source) -> list[Trust]:
    demonstration = source.get("trust-demonstration.json")
    pins = [parse_trust(_needed(source, "trust.json"))]
    return [*pins, parse_trust(demonstration)] if demonstration else pins


def _needed(source: Source, name: str) -> bytes:
    content = source.get(name)
    if content is None:
        raise Refused(f"missing: {name}")
    return content


def _read_entries(
    source: Source, checkpoint: Checkpoint, found: Audit
) -> tuple[TreeHashes, list[Leaf]]:
    tree, leaves = TreeHashes(), []
    for tile in (t for t in tiles_of(checkpoint.size) if t.level is None):
        try:
            entries = unpack_entries(_needed(source, f"log/{tile.path}"))
            leaves += [parse_leaf(entry) for entry in entries]
        except Refused as error:
            found.problems.append(f"{tile.path}: {error}")
            return tree, leaves
        if len(entries) != tile.width:
            found.problems.append(f"{tile.path}: {len(entries)} entries, not {tile.width}")
            return tree, leaves
        for entry in entries:
            tree.append(leaf_hash(entry))
    if tree.root(checkpoint.size) != checkpoint.root:
        found.problems.append("the entries do not give the signed root: history was changed")
    return tree, leaves


def _check_tiles(source: Source, tree: TreeHashes, checkpoint: Checkpoint, found: Audit) -> None:
    for tile in (t for t in tiles_of(checkpoint.size) if t.level is not None):
        if source.get(f"log/{tile.path}") != tree.tile(tile):
            found.problems.append(f"{tile.path}: not the hashes of its entries")


class _Replay:
    """Do the entries tell a possible story? Records once, decisions about known records."""

    def __init__(self, leaves: list[Leaf], found: Audit) -> None:
        self._leaves, self._found = leaves, found
        self._keys: set[str] = set()
        self._over: dict[str, Kind] = {}
        self._places: dict[str, RecordRef] = {}
        self._taken: set[tuple[int, int]] = set()
        self._ended: set[str] = set()
        self._editions: set[str] = set()
        self._latest = 0

    def check(self) -> None:
        for index, leaf in enumerate(self._leaves):
            try:
                self._check(leaf)
            except Refused as error:
                self._found.problems.append(f"entry {index} ({leaf.type}): {error}")

    def _check(self, leaf: Leaf) -> None:
        if leaf.type is Kind.KEY_ADDED:
            self._keys.add(leaf.kid)
        elif leaf.type in {Kind.KEY_RETIRED, Kind.KEY_COMPROMISED}:
            self._over[leaf.kid] = leaf.type
        elif leaf.type is Kind.EDITION:
            self._published(leaf.ref)
        elif leaf.type in {Kind.ISSUED, Kind.STATUS, *_DECISIONS}:
            if leaf.kid not in self._keys:
                raise Refused(f"made with a key that was not announced before: {leaf.kid}")
            if leaf.kid in self._over:
                raise Refused(f"made after {self._over[leaf.kid]} with that key: {leaf.kid}")
            self._dated(leaf)
            if leaf.type is Kind.ISSUED:
                self._issued(parse_record_ref(leaf.ref))
            elif leaf.type is Kind.STATUS:
                parse_status_ref(leaf.ref)
            else:
                self._decided(leaf.type, parse_record_ref(leaf.ref))

    def _dated(self, leaf: Leaf) -> None:
        """A leaf is written as it is dated: one that says otherwise was slipped in later."""
        at = seconds(leaf.ts)
        if at + _CLOCKS_DIFFER < self._latest:
            raise Refused(f"back-dated to {leaf.ts}: entries before it are younger")
        self._latest = max(self._latest, at)

    def _published(self, ref: str) -> None:
        """An edition never changes: another hash under its name would be another curriculum."""
        if ref in self._editions:
            raise Refused(f"{ref} is published twice")
        self._editions.add(ref)

    def _issued(self, ref: RecordRef) -> None:
        place = (ref.list_number, ref.index)
        if ref.record in self._places:
            raise Refused(f"{ref.record} is issued twice")
        if place in self._taken:
            raise Refused(f"two records share the status bit {place}")
        self._places[ref.record] = ref
        self._taken.add(place)

    def _decided(self, kind: Kind, ref: RecordRef) -> None:
        if self._places.get(ref.record) != ref:
            raise Refused(f"a decision about a record not issued here: {ref.text}")
        if ref.record in self._ended:
            raise Refused(f"{ref.record} was revoked or superseded before")
        if kind in {Kind.REVOKED, Kind.SUPERSEDED}:
            self._ended.add(ref.record)


def _check_lists(source: Source, leaves: list[Leaf], pins: list[Trust], found: Audit) -> None:
    """Each list as it is served now: logged, signed, and with the bits that the log gives."""
    last = {leaf.ref: index for index, leaf in enumerate(leaves) if leaf.type is Kind.STATUS}
    for ref, index in last.items():
        jws = source.get(ref)
        if jws is None:
            found.notes.append(f"{ref}: not here, not looked at")
            continue
        found.status_lists += 1
        try:
            _check_list(source, jws, ref, leaves, index, pins, found)
        except Refused as error:
            found.problems.append(f"{ref}: {error}")


def _check_list(
    source: Source,
    jws: bytes,
    ref: str,
    leaves: list[Leaf],
    index: int,
    pins: list[Trust],
    found: Audit,
) -> None:
    bits = _signed_bits(jws, pins)
    if digest(jws) != leaves[index].sha256:
        _check_newer(source, jws, ref, len(leaves), pins)
        found.notes.append(f"{ref}: a newer version than the checkpoint that was read")
        return
    purpose, number = parse_status_ref(ref)
    decided = [
        (leaf.type, parse_record_ref(leaf.ref))
        for leaf in leaves[:index]
        if leaf.type in _DECISIONS
    ]
    wanted = replay(purpose, [(k, r.index) for k, r in decided if r.list_number == number])
    if bits != wanted:
        raise Refused("its bits are not those that the log's decisions give")


def _signed_bits(jws: bytes, pins: list[Trust]) -> Bits:
    token = parse(jws)
    key = _status_key(pins, token.header.kid)
    if key is None:
        raise Refused(f"signed by a key that is not trusted: {token.header.kid}")
    check_signature(token, public_key(key.jwk))
    try:
        claims = msgspec.json.decode(token.payload, type=StatusClaims)
    except msgspec.DecodeError as error:
        raise Refused("not a status list") from error
    return Bits.decode(claims.credential_subject.encoded_list)


def _status_key(pins: list[Trust], kid: str) -> TrustedKey | None:
    keys = [key for trust in pins for issuer in trust.issuers for key in issuer.status_keys]
    return next((key for key in keys if key.kid == kid), None)


def _check_newer(source: Source, jws: bytes, ref: str, size: int, pins: list[Trust]) -> None:
    """The log went on while we read: then the list has a proof beyond our checkpoint."""
    proof = Proof.parse(_needed(source, f"{ref}/proof").decode())
    check_proof(proof, pins[0].log.note_key)
    leaf = parse_leaf(proof.entry)
    if proof.index < size or (leaf.sha256, leaf.ref) != (digest(jws), ref):
        raise Refused("what is served is not the list that was logged last")
