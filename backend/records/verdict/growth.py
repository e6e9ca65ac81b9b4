"""Did the log only grow since somebody kept a checkpoint of it?

A log that is rewritten and signed anew is whole in itself; only who remembers finds out.
"""

from collections.abc import Callable

from backend.records.verdict.merkle import verify_consistency
from backend.records.verdict.notes import Checkpoint, NoteKey, open_checkpoint
from backend.records.verdict.refusal import Refused
from backend.records.verdict.tiles import ServedTree

SHORTER = "the log is shorter than it was: it was rolled back"
FORKED = "two checkpoints of one size differ: the log was forked, or its history changed"
CHANGED = "the log does not continue what was kept: its history was changed"


def check_growth(
    kept: str, now: str, key: NoteKey, get: Callable[[str], bytes | None]
) -> Checkpoint:
    """The checkpoint `now`, a note, when it continues `kept`, an older one; Refused otherwise.

    `get`: a tile by its path under the log's address. It is not believed.
    """
    old, new = open_checkpoint(kept, key), open_checkpoint(now, key)
    if new.size < old.size:
        raise Refused(SHORTER)
    if new.size == old.size and new.root != old.root:
        raise Refused(FORKED)
    if 0 < old.size < new.size:
        proof = ServedTree(get, new.size).consistency(old.size, new.size)
        grown = verify_consistency(
            size1=old.size, root1=old.root, size2=new.size, root2=new.root, proof=proof
        )
        if not grown:
            raise Refused(CHANGED)
    return new
