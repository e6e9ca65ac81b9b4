"""What witnesses signed, held against the log itself."""

import msgspec

from backend.records.verdict.cosignatures import Line, cosignatures_of
from backend.records.verdict.credential import seconds
from backend.records.verdict.growth import FORKED
from backend.records.verdict.leaf import Leaf
from backend.records.verdict.notes import Checkpoint, open_checkpoint
from backend.records.verdict.refusal import Refused
from backend.records.verdict.replay import CLOCKS_DIFFER
from backend.records.verdict.tiles import TreeHashes
from backend.records.verdict.trust import TrustedLog


class _Cosigned(msgspec.Struct):
    note: str


class _CosignedNotes(msgspec.Struct):
    items: list[_Cosigned]


def cosigned_notes(content: bytes) -> list[str]:
    """Of `/log/cosignatures`."""
    try:
        return [one.note for one in msgspec.json.decode(content, type=_CosignedNotes).items]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("not a list of checkpoints") from error


def cosignatures_at(
    note: str, tree: TreeHashes, leaves: list[Leaf], log: TrustedLog
) -> tuple[int, list[str]]:
    """How many lines of pinned witnesses are right, and what is wrong."""
    try:
        head = open_checkpoint(note, log.note_key)
    except Refused as error:
        return 0, [f"a cosigned checkpoint: {error}"]
    if head.size > tree.size:  # the log went on while we read
        return 0, []
    if tree.root(head.size) != head.root:
        return 0, [f"a cosigned checkpoint of {head.size} leaves: {FORKED}"]
    lines = [(w.name, line) for w in log.witness_keys for line in cosignatures_of(note, w)]
    wrong = [(name, why) for name, line in lines if (why := _why_wrong(line, head, leaves))]
    problems = [f"cosignature of {name} at {head.size}: {why}" for name, why in wrong]
    return len(lines) - len(wrong), problems


def _why_wrong(line: Line, head: Checkpoint, leaves: list[Leaf]) -> str | None:
    if not line.holds:
        return "its signature does not hold"
    born = seconds(leaves[head.size - 1].ts) if head.size else 0
    if line.at + CLOCKS_DIFFER < born:
        return "dated before what it signed"
    return None
