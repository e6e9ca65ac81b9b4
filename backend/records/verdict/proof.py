"""Offline proof that an entry is in the log: c2sp.org/tlog-proof@v1.

The `extra` line carries the entry itself, so that one file holds all that a check needs.
"""

import base64
import binascii
import re

import msgspec

from backend.records.verdict.canonical import from_base64
from backend.records.verdict.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from backend.records.verdict.notes import Checkpoint, NoteKey, open_checkpoint
from backend.records.verdict.refusal import Refused

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES = 200_000  # an entry may have 64 KiB; ours have some 300 bytes
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class Proof(msgspec.Struct, frozen=True):
    index: int
    hashes: list[bytes]
    note: str
    """The checkpoint, verbatim."""
    entry: bytes

    @property
    def text(self) -> str:
        lines = [HEADER, f"extra {base64.b64encode(self.entry).decode()}", f"index {self.index}"]
        lines += [base64.b64encode(node).decode() for node in self.hashes]
        return "\n".join([*lines, "", self.note])

    @classmethod
    def parse(cls, text: str) -> "Proof":
        if len(text) > MAX_PROOF_BYTES:
            raise Refused("proof too long")
        head, blank, note = text.partition("\n\n")
        lines = head.split("\n", 3)
        if not blank or len(lines) < 3 or lines[0] != HEADER:
            raise Refused("not a tlog-proof@v1")
        index = _INDEX.fullmatch(lines[2])
        if not lines[1].startswith("extra ") or not index:
            raise Refused("proof without its entry or index")
        hashes = _hashes(lines[3]) if len(lines) > 3 else []
        return cls(int(index[1]), hashes, note, from_base64(lines[1][6:]))


def _hashes(lines: str) -> list[bytes]:
    """Encoded again at once, as each has one spelling (`from_base64`)."""
    try:
        hashes = list(map(binascii.a2b_base64, lines.split("\n")))
    except (binascii.Error, ValueError) as error:
        raise Refused("not base64 in its one spelling") from error
    if b"".join(map(binascii.b2a_base64, hashes)) != f"{lines}\n".encode():
        raise Refused("not base64 in its one spelling")
    if len(hashes) > 63 or not {HASH_BYTES}.issuperset(map(len, hashes)):
        raise Refused("proof of wrong length")
    return hashes


def check_proof(proof: Proof, key: NoteKey) -> Checkpoint:
    """The checkpoint under which the proof's entry is logged; Refused when it is not."""
    checkpoint = open_checkpoint(proof.note, key)
    check_inclusion(proof, checkpoint)
    return checkpoint


def check_inclusion(proof: Proof, checkpoint: Checkpoint) -> None:
    """`checkpoint` is the proof's own note, opened: many proofs end at one."""
    included = verify_inclusion(
        leaf=leaf_hash(proof.entry),
        index=proof.index,
        size=checkpoint.size,
        proof=proof.hashes,
        root=checkpoint.root,
    )
    if not included:
        raise Refused("the proof does not lead to the signed root")
