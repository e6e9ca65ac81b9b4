"""AES-128 of whole segments (RFC 8216 §5.2): CBC with PKCS #7 padding.

It keeps a stored or cached copy from being watched without the key; it is no rights management:
whoever may watch has the key.
"""

import os

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB
from cryptography.hazmat.primitives.padding import PKCS7

from media_pipeline.packaging.playlists import Key

BLOCK = 16
KEY_URI = "key"
METHOD = "AES-128"
PIECE = 1024 * 1024


class BrokenCipher(ValueError):
    """The segment cannot be opened with this key; the message says why."""


def new_key() -> bytes:
    return os.urandom(BLOCK)


def initial_vector(key: Key, number: int) -> bytes:
    """Of the segment with that media sequence number (RFC 8216 §5.2)."""
    if key.iv is None:
        return number.to_bytes(BLOCK, "big")
    digits = key.iv.removeprefix("0x").removeprefix("0X")
    try:
        return int(digits, 16).to_bytes(BLOCK, "big")
    except (ValueError, OverflowError) as error:
        raise BrokenCipher(f"the IV {key.iv[:40]!r} is no hexadecimal of 128 bits") from error


def encrypt(plain: bytes, key: bytes, iv: bytes) -> bytes:
    padder = PKCS7(BLOCK * 8).padder()
    sealing = Cipher(AES128(key), CBC(iv)).encryptor()
    return sealing.update(padder.update(plain) + padder.finalize()) + sealing.finalize()


def decrypt(sealed: bytes, key: bytes, iv: bytes) -> bytes:
    """Raises BrokenCipher where key and segment do not fit."""
    if not sealed or len(sealed) % BLOCK:
        raise BrokenCipher("its length is no multiple of 16 bytes")
    opening = Cipher(AES128(key), CBC(iv)).decryptor()
    padded = opening.update(sealed) + opening.finalize()
    unpadder = PKCS7(BLOCK * 8).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise BrokenCipher("its padding is wrong: another key, or cut short") from error


def decrypted_head(head: bytes, key: bytes, said: Key, number: int) -> bytes:
    """The first bytes of a segment from its first bytes; a last block that was cut is left."""
    opening = Cipher(AES128(key), CBC(initial_vector(said, number))).decryptor()
    return opening.update(head[: len(head) // BLOCK * BLOCK])


def decrypted_size(size: int, tail: bytes, key: bytes) -> int:
    """Of the plain segment, from the last two blocks of the sealed one."""
    if size < 2 * BLOCK or size % BLOCK or len(tail) != 2 * BLOCK:
        raise BrokenCipher("its length is no multiple of 16 bytes")
    opening = Cipher(AES128(key), ECB()).decryptor()
    padding = opening.update(tail[BLOCK:])[-1] ^ tail[BLOCK - 1]
    if not 1 <= padding <= BLOCK:
        raise BrokenCipher("its padding is wrong: another key, or cut short")
    return size - padding
