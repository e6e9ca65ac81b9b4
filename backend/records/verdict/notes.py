"""Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), Ed25519 only."""

import base64
import re
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from backend.records.verdict.canonical import from_base64
from backend.records.verdict.merkle import HASH_BYTES
from backend.records.verdict.refusal import Refused

ED25519, COSIGNATURE = 1, 4
"""Algorithms of note keys: of who writes a log, and of its witnesses."""
MAX_NOTE, MAX_SIGNATURES = 16_384, 16
_NAME = re.compile(r"[^\s+]+")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteKey(msgspec.Struct, frozen=True):
    """Who may sign: name (the log's origin, or a witness's own) and public key."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + self._typed).digest()[:4]

    @property
    def _typed(self) -> bytes:
        return bytes([self.algorithm]) + self.public

    @property
    def text(self) -> str:
        """The vkey form: `name+hash+key`."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._typed).decode()}"

    @classmethod
    def parse(cls, text: str, algorithm: int = ED25519) -> "NoteKey":
        parts = text.split("+", 2)  # the base64 part may itself contain a plus
        if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
            raise Refused("not a note key")
        key = from_base64(parts[2])
        if key[:1] != bytes([algorithm]) or len(key) != 33:
            raise Refused("not an Ed25519 note key of this kind")
        found = cls(parts[0], key[1:], algorithm)
        if found.key_id.hex() != parts[1]:
            raise Refused("note key and its hash differ")
        return found


class Checkpoint(msgspec.Struct, frozen=True):
    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    signer = NoteKey(checkpoint.origin, key.public_key().public_bytes_raw())
    signature = signer.key_id + key.sign(checkpoint.text.encode())
    return f"{checkpoint.text}\n{signature_line(signer.name, signature)}"


def signature_line(name: str, content: bytes) -> str:
    """`content`: key id and signature."""
    return f"— {name} {base64.b64encode(content).decode()}\n"


def note_by(note: str, key: NoteKey) -> str:
    """The note with this key's own lines alone."""
    text, signatures = read_note(note)
    own = [signature_line(n, s) for n, s in signatures if n == key.name and s[:4] == key.key_id]
    return f"{text}\n{''.join(own)}"


def open_checkpoint(note: str, key: NoteKey) -> Checkpoint:
    """The checkpoint inside, once the pinned key's signature holds; Refused otherwise."""
    checkpoint = _checkpoint(open_note(note, key))
    if checkpoint.origin != key.name:
        raise Refused("the checkpoint is of another log")
    return checkpoint


def open_note(note: str, key: NoteKey) -> str:
    """The signed text. Lines of other keys (witnesses) are left alone, as the format asks."""
    text, signatures = read_note(note)
    ours = [s for name, s in signatures if name == key.name and s[:4] == key.key_id]
    if not ours:
        raise Refused("no signature by the pinned log key")
    for signature in ours:
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], text.encode())
        except InvalidSignature:
            raise Refused("the log key's signature does not hold") from None
    return text


def read_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text, and who is said to have signed it: name, then key id and signature."""
    if len(note) > MAX_NOTE:
        raise Refused("note too long")
    if any(sign < " " and sign != "\n" for sign in note):
        raise Refused("control character in a note")
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not text or not lines.endswith("\n"):
        raise Refused("not a signed note")
    signatures = [_signature(line) for line in lines[:-1].split("\n")]
    if not 1 <= len(signatures) <= MAX_SIGNATURES:
        raise Refused("too many signatures")
    return text + "\n", signatures


def _signature(line: str) -> tuple[str, bytes]:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not _NAME.fullmatch(parts[1]):
        raise Refused("not a signature line")
    signature = from_base64(parts[2])
    if len(signature) < 5:
        raise Refused("signature too short")
    return parts[1], signature


def _checkpoint(text: str) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or not _NUMBER.fullmatch(lines[1]):
        raise Refused("not a checkpoint")
    root = from_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise Refused("root hash of the wrong length")
    return Checkpoint(lines[0], int(lines[1]), root)
