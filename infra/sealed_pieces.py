"""A file sealed in pieces, so that neither writing nor reading it needs the whole in memory.

AES-256-GCM under a key of the file's own; the nonce of a piece is its number and whether it is the
last (STREAM, Hoang et al. 2015): pieces cannot be changed, moved, dropped, nor the end cut off.
"""

from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 1 << 20
"""Bytes of the plain file in each piece but the last."""
_TAG = 16
KEY_BYTES = 32


class NotWhole(Exception):
    """The sealed file is not the one that was written."""


class Sealer:
    def __init__(self, key: bytes) -> None:
        self._cipher, self._waiting, self._number = AESGCM(key), bytearray(), 0

    def add(self, plain: bytes) -> bytes:
        """What can be sealed already; the rest waits, so that the last piece is known as such."""
        self._waiting += plain
        sealed = bytearray()
        while len(self._waiting) > PIECE:
            piece = bytes(self._waiting[:PIECE])
            del self._waiting[:PIECE]
            sealed += self._seal(piece, last=False)
        return bytes(sealed)

    def end(self) -> bytes:
        return self._seal(bytes(self._waiting), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), piece, None)
        self._number += 1
        return sealed


def sealed_size(size: int) -> int:
    """Of a file with so many bytes."""
    return size + _TAG * pieces_of(size)


def pieces_of(size: int) -> int:
    return max(1, -(-size // PIECE))


async def opened(key: bytes, size: int, sealed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The plain file of `size` bytes, a piece at a time. NotWhole."""
    cipher, waiting, number, last = AESGCM(key), bytearray(), 0, pieces_of(size) - 1
    async for some in sealed:
        waiting += some
        while len(waiting) >= PIECE + _TAG and number < last:
            yield _open(cipher, bytes(waiting[: PIECE + _TAG]), number, last=False)
            del waiting[: PIECE + _TAG]
            number += 1
    if number != last:
        raise NotWhole
    yield _open(cipher, bytes(waiting), number, last=True)


def _open(cipher: AESGCM, piece: bytes, number: int, *, last: bool) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), piece, None)
    except InvalidTag as error:
        raise NotWhole from error


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])
