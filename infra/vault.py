"""Encryption of person data at rest, and the keyed index that finds it again (DOMAIN.md §4.8).

A sealed field is `first byte || nonce || AES-256-GCM`. The first byte's lower seven bits name the
seal key (`infra.sealkeys`): the newest seals, all open. Its top bit says that the field is bound
to its place, the column and row it was written for: moved to another row, it does not open.

The index key is one and stays: docs/decisions/0012 says why.
"""

import hmac
import os
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from piccolo.columns import Column

from infra.keys import write_secret_once
from infra.sealkeys import KEY_BYTES, SealKeys

_NONCE_BYTES = 12
_BOUND = 0x80


def place(column: Column, row: UUID | bytes | int | str) -> str:
    """Where a field stands, as `seal` and `open` are told: its column, and its row's key."""
    meta = column._meta
    return place_named(meta.table._meta.tablename, meta.db_column_name, row)


def place_named(table: str, column: str, row: UUID | bytes | int | str) -> str:
    key = bytes(row).hex() if isinstance(row, bytes | bytearray | memoryview) else str(row)
    return f"{table}.{column}/{key}"


class Vault:
    """AES-256-GCM for fields; HMAC-SHA-256 under a key of its own for equality look-ups."""

    def __init__(self, seal_keys: SealKeys, index_key: bytes) -> None:
        self._keys = seal_keys
        self._index_key = index_key

    @classmethod
    def of(cls, keys_dir: Path) -> "Vault":
        keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(SealKeys.of(keys_dir), _key(keys_dir / "vault-index.key"))

    def seal(self, text: str, at: str = "") -> bytes:
        """`at`: the field's `place`. New columns give it; those of before it are unbound."""
        number, cipher = self._keys.newest()
        nonce, first = os.urandom(_NONCE_BYTES), bytes([number | (_BOUND if at else 0)])
        return first + nonce + cipher.encrypt(nonce, text.encode(), at.encode() or None)

    def open(self, sealed: bytes, at: str = "") -> str:
        """SealKeyMissing; InvalidTag for a field that was changed, or moved from its place."""
        first = sealed[0] if sealed else 0
        if is_bound(sealed) != bool(at):
            raise InvalidTag
        cipher = self._keys.numbered(first & ~_BOUND)
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        return cipher.decrypt(nonce, rest, at.encode() or None).decode()

    def sealed_anew(self, sealed: bytes, at: str) -> bytes:
        """The same under the newest key; bound to `at` if it was."""
        at = at if is_bound(sealed) else ""
        return self.seal(self.open(sealed, at), at)

    def newest_key(self) -> int:
        return self._keys.newest()[0]

    def index(self, text: str) -> bytes:
        """32 bytes that are equal for equal texts, and mean nothing without the key."""
        return hmac.new(self._index_key, text.encode(), sha256).digest()


def is_bound(sealed: bytes) -> bool:
    return bool(sealed) and bool(sealed[0] & _BOUND)


def _key(path: Path) -> bytes:
    if not path.exists():
        write_secret_once(path, os.urandom(KEY_BYTES))
    return path.read_bytes()
