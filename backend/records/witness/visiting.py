"""One visit of a witness: fetch, check, bind itself, sign, hand over. In that order.

It signs only what continues the checkpoint it signed last, and it has written down that it will
sign before it does: whatever dies in between, no later visit signs another history.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from backend.records.verdict.cosignatures import cosignature, cosigned_by
from backend.records.verdict.growth import CHANGED, FORKED, SHORTER, check_growth
from backend.records.verdict.notes import (
    Checkpoint,
    NoteKey,
    note_by,
    open_checkpoint,
    read_note,
)
from backend.records.verdict.refusal import Refused
from backend.records.verdict.seen import cosigned_notes
from backend.records.witness.keeping import KeptLog, WitnessFolder

_HISTORY = {SHORTER, FORKED, CHANGED}
Clock = Callable[[], datetime]


class Address(Protocol):
    def get(self, name: str) -> bytes | None:
        """`log/checkpoint`, `log/cosignatures?after=N`, `log/tile/...`; None: absent. OSError."""

    def post(self, name: str, content: bytes) -> str | None:
        """None when it was taken; else why not. OSError."""


class HistoryRewritten(Exception):
    """The log showed what does not continue what it showed before. Nothing was signed."""

    def __init__(self, why: str, evidence: Path) -> None:
        super().__init__(why)
        self.evidence = evidence


class Visit(msgspec.Struct, kw_only=True):
    size: int
    """Leaves of the checkpoint that is kept now."""
    signed: list[int] = []
    """Sizes that were signed on this visit."""
    refused: str | None = None
    """Why the log did not take a cosignature."""


def visit(folder: WitnessFolder, address: Address, log: NoteKey, clock: Clock) -> Visit:
    """HistoryRewritten; Refused where the log's answers are no good; OSError."""
    kept = folder.of_log(log)
    before = open_checkpoint(kept.kept, log).size if kept.kept else 0
    done = Visit(size=before)
    for note in _offered(address, log, before):
        shown = note_by(note, log)
        grown = _checked(address, kept, shown, log)
        signed = done.signed or cosigned_by(note, folder.note_key) is not None
        if signed and kept.kept == shown:
            continue
        kept.bind(shown)
        line = cosignature(read_note(shown)[0], folder.name, folder.key, int(clock().timestamp()))
        kept.cosigned(shown + line)
        done.size = grown.size
        done.signed.append(grown.size)
        done.refused = address.post("log/cosignatures", (shown + line).encode())
    return done


def _offered(address: Address, log: NoteKey, after: int) -> list[str]:
    """The newest checkpoint, and before it those that other witnesses signed since our last visit:
    only where several sign the same ones is there a quorum. By size."""
    content = address.get("log/checkpoint")
    if content is None:
        raise Refused("no checkpoint at this address")
    others = address.get(f"log/cosignatures?after={after}") if after else None
    notes = [*(cosigned_notes(others) if others else []), _text(content)]
    sizes = [open_checkpoint(note, log).size for note in notes]
    fresh = [n for n in range(len(notes)) if sizes[n] > after or n == len(notes) - 1]
    return [notes[n] for n in sorted(fresh, key=lambda n: sizes[n])]


def _checked(address: Address, kept: KeptLog, shown: str, log: NoteKey) -> Checkpoint:
    before = kept.kept
    try:
        if before is None:
            return open_checkpoint(shown, log)
        return check_growth(before, shown, log, lambda path: address.get(f"log/{path}"))
    except Refused as error:
        if str(error) in _HISTORY:
            raise HistoryRewritten(str(error), kept.evidence(shown, str(error))) from None
        raise


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Refused("a checkpoint that is no text") from error
