"""Strict reading of compact JWS, ES256 only. Making them is `backend.records.signing`'s work."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from backend.records.verdict.canonical import (
    base64url,
    canonical,
    digest,
    from_base64url,
)
from backend.records.verdict.refusal import Refused

MAX_JWS_BYTES = 131_072
_MAX_HEADER = 1_024
_KID = re.compile(r"https?://[\x21-\x7e]{1,512}")
_ECDSA = ec.ECDSA(SHA256())


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing else may stand here: no jwk, no x5c, no crit, no embedded trust of any kind."""

    alg: str
    kid: str
    typ: str


class Jws(msgspec.Struct, frozen=True):
    header: Header
    payload: bytes
    signature: bytes
    signed: bytes


class Jwk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    kty: str
    crv: str
    x: str
    y: str = ""

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        members = {"crv": self.crv, "kty": self.kty, "x": self.x}
        if self.kty == "EC":
            members["y"] = self.y
        return base64url(bytes.fromhex(digest(canonical(members))))


def parse(compact: bytes, header_of: Callable[[bytes], Header] | None = None) -> Jws:
    """`header_of` may remember: the header's part is the same in all records of a key."""
    if len(compact) > MAX_JWS_BYTES:
        raise Refused("JWS too long")
    signed, _, last = compact.rpartition(b".")
    first, dot, body = signed.partition(b".")
    if not dot or b"." in body or len(first) > _MAX_HEADER:
        raise Refused("not a compact JWS")
    header = (header_of or read_header)(first)
    signature = from_base64url(last)
    if len(signature) != 64:
        raise Refused("signature of the wrong length")
    return Jws(header, from_base64url(body), signature, signed)


def read_header(part: bytes) -> Header:
    """From the first part of a compact JWS."""
    raw = from_base64url(part)
    _refuse_doubled_keys(raw)
    try:
        header = msgspec.json.decode(raw, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("header with other members than alg, kid, typ") from error
    if header.alg != "ES256" or header.typ not in {"JWT", "vc+jwt"}:
        raise Refused("header with a foreign algorithm or type")
    if not _KID.fullmatch(header.kid):
        raise Refused("key id that is no address")
    return header


def _refuse_doubled_keys(raw: bytes) -> None:
    """msgspec keeps the last of two equal keys; other readers keep the first.

    No escapes either: they would be a second way to write a key.
    """
    if b"\\" in raw or any(raw.count(f'"{name}"'.encode()) != 1 for name in ("alg", "kid", "typ")):
        raise Refused("header member missing or given twice")


def public_key(jwk: Jwk) -> ec.EllipticCurvePublicKey:
    if jwk.kty != "EC" or jwk.crv != "P-256":
        raise Refused("not a P-256 key")
    x, y = from_base64url(jwk.x), from_base64url(jwk.y)
    if len(x) != 32 or len(y) != 32:
        raise Refused("not a P-256 key")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    try:
        return numbers.public_key()
    except ValueError as error:
        raise Refused("not a point of P-256") from error


def check_signature(jws: Jws, key: ec.EllipticCurvePublicKey) -> None:
    r, s = int.from_bytes(jws.signature[:32]), int.from_bytes(jws.signature[32:])
    try:
        key.verify(encode_dss_signature(r, s), jws.signed, _ECDSA)
    except InvalidSignature:
        raise Refused("the signature does not hold") from None


def jwk_of(key: ec.EllipticCurvePublicKey) -> Jwk:
    numbers = key.public_numbers()
    x, y = base64url(numbers.x.to_bytes(32)), base64url(numbers.y.to_bytes(32))
    return Jwk("EC", "P-256", x, y)


def members(jwk: Jwk) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(jwk)
    return built
