"""Strict reading of compact JWS, ES256 or RS256; `backend.records.signing` makes them."""

import re
from collections.abc import Callable, Collection
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
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
KEY_ID = re.compile(r"https?://[\x21-\x7e]{1,512}")
_ECDSA, _RSA, _SHA256 = ec.ECDSA(SHA256()), PKCS1v15(), SHA256()
_SIGNATURE_BYTES = {"ES256": range(64, 65), "RS256": range(256, 513)}
_MODULUS_BYTES = range(256, 513)  # 2,048 to 4,096 bits
_EXPONENT = "AQAB"

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


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
    crv: str = ""
    x: str = ""
    y: str = ""
    n: str = ""
    e: str = ""

    @property
    def thumbprint(self) -> str:
        """RFC 7638."""
        names = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
        members = {m: getattr(self, m) for m in names.get(self.kty, ("crv", "kty", "x"))}
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
    if len(signature) not in _SIGNATURE_BYTES.get(header.alg, ()):
        raise Refused("signature of the wrong length")
    return Jws(header, from_base64url(body), signature, signed)


def read_header(part: bytes, types: Collection[str] = ("JWT", "vc+jwt")) -> Header:
    """From the first part of a compact JWS."""
    raw = from_base64url(part)
    _refuse_doubled_keys(raw)
    try:
        header = msgspec.json.decode(raw, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("header with other members than alg, kid, typ") from error
    if header.alg not in _SIGNATURE_BYTES or header.typ not in types:
        raise Refused("header with a foreign algorithm or type")
    if not KEY_ID.fullmatch(header.kid):
        raise Refused("key id that is no address")
    return header


def _refuse_doubled_keys(raw: bytes) -> None:
    """msgspec keeps the last of two equal keys; other readers keep the first.

    No escapes either: they would be a second way to write a key.
    """
    if b"\\" in raw or any(raw.count(f'"{name}"'.encode()) != 1 for name in ("alg", "kid", "typ")):
        raise Refused("header member missing or given twice")


def public_key(jwk: Jwk) -> PublicKey:
    if jwk.kty == "RSA":
        return _rsa_key(jwk)
    if (jwk.kty, jwk.crv, jwk.n, jwk.e) != ("EC", "P-256", "", ""):
        raise Refused("not a P-256 key")
    x, y = from_base64url(jwk.x), from_base64url(jwk.y)
    if len(x) != 32 or len(y) != 32:
        raise Refused("not a P-256 key")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    try:
        return numbers.public_key()
    except ValueError as error:
        raise Refused("not a point of P-256") from error


def _rsa_key(jwk: Jwk) -> rsa.RSAPublicKey:
    n = from_base64url(jwk.n)
    if (jwk.crv, jwk.x, jwk.y, jwk.e) != ("", "", "", _EXPONENT):
        raise Refused("not an RSA key that is used here")
    if len(n) not in _MODULUS_BYTES or n[0] == 0:
        raise Refused("not an RSA key that is used here")
    try:
        return rsa.RSAPublicNumbers(65_537, int.from_bytes(n)).public_key()
    except ValueError as error:
        raise Refused("not an RSA key that is used here") from error


def check_signature(jws: Jws, key: PublicKey) -> None:
    """A key has one algorithm, whatever the header wishes."""
    try:
        if jws.header.alg == "RS256" and isinstance(key, rsa.RSAPublicKey):
            key.verify(jws.signature, jws.signed, _RSA, _SHA256)
        elif jws.header.alg == "ES256" and isinstance(key, ec.EllipticCurvePublicKey):
            r, s = int.from_bytes(jws.signature[:32]), int.from_bytes(jws.signature[32:])
            key.verify(encode_dss_signature(r, s), jws.signed, _ECDSA)
        else:
            raise Refused("the signature does not hold")
    except InvalidSignature:
        raise Refused("the signature does not hold") from None


def jwk_of(key: PublicKey) -> Jwk:
    if isinstance(key, rsa.RSAPublicKey):
        n = key.public_numbers().n
        return Jwk("RSA", n=base64url(n.to_bytes((n.bit_length() + 7) // 8)), e=_EXPONENT)
    numbers = key.public_numbers()
    x, y = base64url(numbers.x.to_bytes(32)), base64url(numbers.y.to_bytes(32))
    return Jwk("EC", "P-256", x, y)


def members(jwk: Jwk) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(jwk)
    return built
