"""Recomputing the whole log from its entries: root, every tile, signature, every status bit."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from backend.records.verdict.canonical import digest
from backend.records.verdict.growth import CHANGED, FORKED, SHORTER
from backend.records.verdict.jws import check_signature, parse, public_key
from backend.records.verdict.leaf import parse_leaf, parse_status_ref
from backend.records.verdict.merkle import leaf_hash
from backend.records.verdict.notes import Checkpoint, open_checkpoint
from backend.records.verdict.proof import Proof, check_proof
from backend.records.verdict.refusal import Refused
from backend.records.verdict.seen import cosignatures_at, cosigned_notes
from backend.records.verdict.status_list import Bits, parse_status, replay
from backend.records.verdict.story import Published, Story
from backend.records.verdict.tiles import TreeHashes, tiles_of, unpack_entries
from backend.records.verdict.trust import (
    ClockCorrection,
    Trust,
    TrustedIssuer,
    TrustedKey,
    TrustedLog,
    parse_trust,
)

_MOST_PROBLEMS = 100
UNKNOWN_CORRECTION = (
    "your trust file does not know of the clock correction (get a new one) at entry"
)

_MIXED = (
    "信任文件属于不同的日志，请只给出同一日志的 · the trust files are of different logs: give those"
    " of one log"
)


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
    trust: str = "served"
    """Whose list of keys and witnesses was used: `served` by the log itself, or `held` by whoever
    asked."""
    clock_corrections: list[str] = msgspec.field(default_factory=list)
    """Parts of the log whose times are in doubt, as it says itself."""
    unknown_corrections: int = 0
    """How many of these, the last ones, the auditor's own trust file does not name; all of them
    without one."""
    status_lists: int = 0
    cosignatures: int = 0
    """Of pinned witnesses, on this checkpoint and on the newest ones that they signed."""
    problems: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)


def audit(source: Source, kept: str | None = None, held: Sequence[Trust] = ()) -> Audit:
    """Refused when there is nothing to audit: no pins, no checkpoint, a signature that fails.

    `kept`: a checkpoint seen before. Only with one is a log found out that was signed anew.
    `held`: the auditor's own pins, the first of which names the witnesses; without any the log
    itself says who they are.
    """
    pins = list(held) or _served_pins(source)
    if any(trust.log.key != pins[0].log.key for trust in pins):
        raise Refused(_MIXED)
    key = pins[0].log.note_key
    note = _text(_needed(source, "log/checkpoint"))
    checkpoint = open_checkpoint(note, key)
    found = Audit(
        origin=checkpoint.origin,
        tree_size=checkpoint.size,
        root=checkpoint.root.hex(),
        kinds={},
        checkpoint=note,
        trust="held" if held else "served",
    )
    tree, story = _read_entries(source, checkpoint, found)
    if kept is not None:
        _check_kept(open_checkpoint(kept, key), checkpoint, tree, found)
    if not found.problems:
        _check_tiles(source, tree, checkpoint, found)
        found.problems += story.problems
        _check_pins(story, pins, found)
        _check_lists(source, story, pins, found)
        _check_cosignatures(source, tree, story, pins[0].log, found)
    found.kinds = story.times.kinds
    found.clock_corrections = [one.text for one in story.times.corrected]
    found.problems = found.problems[:_MOST_PROBLEMS]
    return found


def _check_pins(story: Story, pins: list[Trust], found: Audit) -> None:
    """What the trust file says of keys and clocks is what the log says; one that is held may be
    older than the log."""
    held = found.trust == "held"
    found.problems += story.keys.differing(pins, may_be_older=held)
    found.notes += [f"{kid}: in no trust file that was read" for kid in story.keys.unpinned(pins)]
    said = [ClockCorrection(from_index=one.first, at_index=one.at) for one in story.times.corrected]
    since = story.keys.ended_since(pins) if held else []
    found.notes += [f"{kid}: ended since your trust file was made: get a new one" for kid in since]
    _check_corrections(pins[0].log.clock_corrections, said, found)


def _check_corrections(
    known: list[ClockCorrection], said: list[ClockCorrection], found: Audit
) -> None:
    """The two were not read at one moment: one that is served may be older or newer."""
    both = min(len(known), len(said))
    held = found.trust == "held"
    if known[:both] != said[:both] or (held and len(known) > len(said)):
        found.problems.append("the trust file tells of other clock corrections than the log")
    elif held:
        found.notes += [f"{UNKNOWN_CORRECTION} {one.at_index}" for one in said[both:]]
    found.unknown_corrections = len(said) - (both if held else 0)


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


def _served_pins(source: Source) -> list[Trust]:
    demonstration = source.get("trust-demonstration.json")
    pins = [parse_trust(_needed(source, "trust.json"))]
    return [*pins, parse_trust(demonstration)] if demonstration else pins


def _needed(source: Source, name: str) -> bytes:
    content = source.get(name)
    if content is None:
        raise Refused(f"missing: {name}")
    return content


def _read_entries(source: Source, checkpoint: Checkpoint, found: Audit) -> tuple[TreeHashes, Story]:
    """A tile at a time: what was read is let go."""
    tree, story = TreeHashes(), Story()
    for tile in (t for t in tiles_of(checkpoint.size) if t.level is None):
        try:
            entries = unpack_entries(_needed(source, f"log/{tile.path}"))
            leaves = [parse_leaf(entry) for entry in entries]
        except Refused as error:
            found.problems.append(f"{tile.path}: {error}")
            return tree, story
        if len(entries) != tile.width:
            found.problems.append(f"{tile.path}: {len(entries)} entries, not {tile.width}")
            return tree, story
        for entry, leaf in zip(entries, leaves, strict=True):
            tree.append(leaf_hash(entry))
            story.read(leaf)
    if tree.root(checkpoint.size) != checkpoint.root:
        found.problems.append("the entries do not give the signed root: history was changed")
    return tree, story


def _check_tiles(source: Source, tree: TreeHashes, checkpoint: Checkpoint, found: Audit) -> None:
    for tile in (t for t in tiles_of(checkpoint.size) if t.level is not None):
        if source.get(f"log/{tile.path}") != tree.tile(tile):
            found.problems.append(f"{tile.path}: not the hashes of its entries")


def _check_cosignatures(
    source: Source, tree: TreeHashes, story: Story, log: TrustedLog, found: Audit
) -> None:
    """Those on this checkpoint, and on the newest ones that witnesses signed."""
    content = source.get("log/cosignatures")
    if content is None:
        found.notes.append("log/cosignatures: not here, not looked at")
    try:
        others = cosigned_notes(content) if content else []
    except Refused as error:
        found.problems.append(f"log/cosignatures: {error}")
        return
    for note in dict.fromkeys([found.checkpoint, *others]):
        count, problems = cosignatures_at(note, tree, story.times, log)
        found.cosignatures += count
        found.problems += problems


def _check_lists(source: Source, story: Story, pins: list[Trust], found: Audit) -> None:
    """Each list as it is served now: logged, signed, and with the bits that the log gives."""
    for ref, last in story.lists.items():
        jws = source.get(ref)
        if jws is None:
            found.notes.append(f"{ref}: not here, not looked at")
            continue
        found.status_lists += 1
        try:
            _check_list(source, jws, ref, last, story, pins, found)
        except Refused as error:
            found.problems.append(f"{ref}: {error}")


def _check_list(
    source: Source,
    jws: bytes,
    ref: str,
    last: Published,
    story: Story,
    pins: list[Trust],
    found: Audit,
) -> None:
    bits = _signed_bits(jws, ref, pins)
    if digest(jws) != last.sha256:
        _check_newer(source, jws, ref, story.size, pins)
        found.notes.append(f"{ref}: a newer version than the checkpoint that was read")
        return
    purpose, number = parse_status_ref(ref)
    decided = [
        (one.kind, one.ref.index)
        for one in story.decisions
        if one.index < last.index and one.ref.list_number == number
    ]
    if bits != replay(purpose, decided):
        raise Refused("its bits are not those that the log's decisions give")


def _signed_bits(jws: bytes, ref: str, pins: list[Trust]) -> Bits:
    token = parse(jws)
    found = _status_key(pins, token.header.kid)
    if found is None:
        raise Refused(f"signed by a key that is not trusted: {token.header.kid}")
    issuer, key = found
    check_signature(token, public_key(key.jwk))
    purpose, _ = parse_status_ref(ref)
    claims = parse_status(
        token.payload, address=f"{issuer.address}/{ref}", issuer=issuer.id, purpose=purpose
    )
    return Bits.decode(claims.credential_subject.encoded_list)


def _status_key(pins: list[Trust], kid: str) -> tuple[TrustedIssuer, TrustedKey] | None:
    issuers = [issuer for trust in pins for issuer in trust.issuers]
    keys = [(issuer, key) for issuer in issuers for key in issuer.status_keys]
    return next((found for found in keys if found[1].kid == kid), None)


def _check_newer(source: Source, jws: bytes, ref: str, size: int, pins: list[Trust]) -> None:
    """The log went on while we read: then the list has a proof beyond our checkpoint."""
    proof = Proof.parse(_needed(source, f"{ref}/proof").decode())
    check_proof(proof, pins[0].log.note_key)
    leaf = parse_leaf(proof.entry)
    if proof.index < size or (leaf.sha256, leaf.ref) != (digest(jws), ref):
        raise Refused("what is served is not the list that was logged last")
