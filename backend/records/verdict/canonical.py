"""Bytes that two programs agree on: canonical JSON (RFC 8785), hashes, strict base64."""

import binascii
from contextlib import suppress
from hashlib import sha256
from typing import Any

import msgspec
import pybase64
import rfc8785

from backend.records.verdict.refusal import Refused

_MOST_EXACT = 2**53 - 1
_ALWAYS_PLAIN = frozenset({str, bool, type(None)})


def canonical(value: Any) -> bytes:
    """What is plain, msgspec writes the same at a twentieth of the time."""
    if _is_plain(value):
        with suppress(UnicodeEncodeError):
            return msgspec.json.encode(value, order="sorted")
    return rfc8785.dumps(value)


def _is_plain(value: Any) -> bool:
    """Without what is written differently elsewhere: no fraction, no large number, and no member
    whose place among others depends on how its name is encoded."""
    kind, inner = type(value), value
    if kind in _ALWAYS_PLAIN:
        return True
    if kind is int:
        return bool(-_MOST_EXACT <= value <= _MOST_EXACT)
    if kind is dict:
        if not all(type(name) is str and name.isascii() for name in value):
            return False
        inner = value.values()
    elif kind is not list and kind is not tuple:
        return False
    return all(type(one) in _ALWAYS_PLAIN or _is_plain(one) for one in inner)


def digest(content: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return sha256(content).hexdigest()


def parse_canonical(content: bytes) -> Any:
    """JSON that is already in canonical form: no doubled keys, no second spelling of a value."""
    try:
        value = msgspec.json.decode(content)
        same = canonical(value) == content
    except (
        msgspec.DecodeError,
        UnicodeDecodeError,
        rfc8785.CanonicalizationError,
        RecursionError,
    ) as error:
        raise Refused("not JSON") from error
    if not same:
        raise Refused("not canonical JSON")
    return value


def base64url(content: bytes) -> str:
    return pybase64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str | bytes) -> bytes:
    """Without padding, and in the one spelling that encodes these bytes.

    A reader forgives bits left over at the end, and here the two other signs of plain base64;
    encoding again finds both out.
    """
    try:
        given = text.encode("ascii") if isinstance(text, str) else text
        plain = given.replace(b"-", b"+").replace(b"_", b"/")
        content = pybase64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("not base64url in its one spelling") from error
    if pybase64.urlsafe_b64encode(content).rstrip(b"=") != given:
        raise Refused("not base64url in its one spelling")
    return content


def from_base64(text: str) -> bytes:
    """Standard alphabet with padding, in the one spelling that encodes these bytes."""
    try:
        content = binascii.a2b_base64(text)
    except (binascii.Error, ValueError) as error:
        raise Refused("not base64 in its one spelling") from error
    if binascii.b2a_base64(content, newline=False).decode() != text:
        raise Refused("not base64 in its one spelling")
    return content
