"""What witnesses signed, held against the log itself."""

import msgspec

from backend.records.verdict.clock import CLOCKS_DIFFER, Times
from backend.records.verdict.cosignatures import Line, cosignatures_of
from backend.records.verdict.growth import FORKED
from backend.records.verdict.notes import open_checkpoint
from backend.records.verdict.refusal import Refused
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
    note: str, tree: TreeHashes, times: Times, log: TrustedLog
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
    wrong = [(name, why) for name, line in lines if (why := _why_wrong(line, times.at(head.size)))]
    problems = [f"cosignature of {name} at {head.size}: {why}" for name, why in wrong]
    return len(lines) - len(wrong), problems


def _why_wrong(line: Line, born: int) -> str | None:
    """`born`: when the newest entry that it signed was made, as far as that can be trusted."""
    if not line.holds:
        return "its signature does not hold"
    if line.at + CLOCKS_DIFFER < born:
        return "dated before what it signed"
    return None
