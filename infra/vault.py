"""Encryption of person data at rest, and the keyed index that finds it again (DOMAIN.md §4.8).

A sealed field is `first byte || nonce || AES-256-GCM`. The first byte's lower seven bits name the
seal key (`infra.sealkeys`): the newest seals, all open. Its top bit says that the field is bound
to its place, the column and row it was written for: moved to another row, it does not open. Fields
of before that bit was there are bound once (`infra.resealing`); elsewhere they do not open.

The index key is one and stays: docs/decisions/0012 says why.
"""

import hmac
import os
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from piccolo.columns import Column
from piccolo.table import Table

from infra.keys import write_secret_once
from infra.sealkeys import KEY_BYTES, SealKeys

_NONCE_BYTES = 12
BOUND = 0x80
SEALED_AS = "sealed-as:"
"""`tags=["sealed-as:<table>"]`: rows come, id and all, from that table, so places are its."""
BY_COLUMN = {("lecture", "content_key"): "package_prefix"}
"""(table, column) -> where the key of its place stands, if that is not the row's own: lectures of
the same content share a package and its key."""


def place(column: Column, row: UUID | bytes | int | str) -> str:
    """Where a field stands, as `seal` and `open` are told: its column, and its row's primary key
    (or what `BY_COLUMN` has in its stead)."""
    meta = column._meta
    return place_named(home_of(meta.table), meta.db_column_name, row)


def home_of(table: type[Table]) -> str:
    named = [tag for tag in table._meta.tags if tag.startswith(SEALED_AS)]
    return named[0].removeprefix(SEALED_AS) if named else table._meta.tablename


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

    def seal(self, text: str, at: str) -> bytes:
        """`at`: the field's `place`, or an object's name where it is kept as one."""
        number, cipher = self._keys.newest()
        nonce, first = os.urandom(_NONCE_BYTES), bytes([number | BOUND])
        return first + nonce + cipher.encrypt(nonce, text.encode(), at.encode())

    def open(self, sealed: bytes, at: str) -> str:
        """SealKeyMissing; InvalidTag for a field that was changed, moved from its place, or never
        bound to one."""
        if not is_bound(sealed):
            raise InvalidTag
        return self._opened(sealed, at.encode())

    def sealed_anew(self, sealed: bytes, at: str, *, bind: bool = False) -> bytes:
        """The same under the newest key. `bind`: take one that is bound to no place yet, too."""
        unbound = bind and bool(sealed) and not is_bound(sealed)
        return self.seal(self._opened(sealed, None) if unbound else self.open(sealed, at), at)

    def newest_key(self) -> int:
        return self._keys.newest()[0]

    def _opened(self, sealed: bytes, bound_to: bytes | None) -> str:
        cipher = self._keys.numbered(sealed[0] & ~BOUND)
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        return cipher.decrypt(nonce, rest, bound_to).decode()

    def index(self, text: str) -> bytes:
        """32 bytes that are equal for equal texts, and mean nothing without the key."""
        return hmac.new(self._index_key, text.encode(), sha256).digest()


def is_bound(sealed: bytes) -> bool:
    return bool(sealed) and bool(sealed[0] & BOUND)


def _key(path: Path) -> bytes:
    if not path.exists():
        write_secret_once(path, os.urandom(KEY_BYTES))
    return path.read_bytes()
