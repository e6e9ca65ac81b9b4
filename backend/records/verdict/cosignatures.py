"""What witnesses say of a checkpoint: c2sp.org/tlog-cosignature, `cosignature/v1`, Ed25519.

A witness signs a checkpoint, with the time, once it saw that the log continues every checkpoint it
signed before. Where enough of them signed, nobody is being shown a log of his own.
"""

from collections.abc import Iterator

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from backend.records.verdict.notes import COSIGNATURE, NoteKey, read_note, signature_line

_BYTES = 4 + 8 + 64
"""Key id, seconds since 1970, signature."""


class Line(msgspec.Struct, frozen=True):
    """A line in a witness's name and key. `at`: seconds since 1970, whatever it says."""

    at: int
    text: str
    holds: bool


class Cosigned(msgspec.Struct, frozen=True):
    name: str
    at: int
    """Seconds since 1970, as the witness's own clock had it."""


def witness_key(text: str) -> NoteKey:
    """Of the vkey form; Refused where it is not a witness's."""
    return NoteKey.parse(text, COSIGNATURE)


def cosignature(text: str, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """The line to add to a note of this text."""
    who = NoteKey(name, key.public_key().public_bytes_raw(), COSIGNATURE)
    signed = who.key_id + at.to_bytes(8) + key.sign(_said(text, at))
    return signature_line(name, signed)


def cosigned_by(note: str, witness: NoteKey) -> int | None:
    """When this witness signed; None where no line of it holds."""
    return next((line.at for line in cosignatures_of(note, witness) if line.holds), None)


def cosignatures_of(note: str, witness: NoteKey) -> Iterator[Line]:
    text, signatures = read_note(note)
    for name, content in signatures:
        if name == witness.name and content[:4] == witness.key_id:
            at = int.from_bytes(content[4:12])
            holds = len(content) == _BYTES and _holds(witness, content[12:], _said(text, at))
            yield Line(at, signature_line(name, content), holds)


def _said(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _holds(witness: NoteKey, signature: bytes, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(witness.public).verify(signature, content)
    except InvalidSignature:
        return False
    return True
