"""Encryption of person data at rest, and the keyed index that finds it again (DOMAIN.md §4.8)."""

import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.keys import write_secret_once

_NONCE_BYTES = 12
_KEY_ONE = b"\x01"  # the first byte names the key, so that a second can come without a flag day


class Vault:
    """AES-256-GCM for fields; HMAC-SHA-256 under a second key for equality look-ups."""

    def __init__(self, seal_key: bytes, index_key: bytes) -> None:
        self._cipher = AESGCM(seal_key)
        self._index_key = index_key

    @classmethod
    def of(cls, keys_dir: Path) -> "Vault":
        keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(_key(keys_dir / "vault-seal.key"), _key(keys_dir / "vault-index.key"))

    def seal(self, text: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return _KEY_ONE + nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes) -> str:
        """ValueError for an unknown key; InvalidTag for a field that was changed."""
        if sealed[:1] != _KEY_ONE:
            raise ValueError("sealed under a key this vault does not hold")
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        return self._cipher.decrypt(nonce, rest, None).decode()

    def index(self, text: str) -> bytes:
        """32 bytes that are equal for equal texts, and mean nothing without the key."""
        return hmac.new(self._index_key, text.encode(), sha256).digest()


def _key(path: Path) -> bytes:
    if not path.exists():
        write_secret_once(path, os.urandom(32))
    return path.read_bytes()
