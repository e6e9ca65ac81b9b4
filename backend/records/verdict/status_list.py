"""W3C Bitstring Status List: one bit a record, the first bit is the highest of the first byte."""

import gzip
import zlib
from collections.abc import Iterable

import msgspec

from backend.records.verdict.canonical import base64url, from_base64url
from backend.records.verdict.credential import (
    MOMENT_FORMAT,
    STATUS_CONTEXT,
    Strict,
    moment,
)
from backend.records.verdict.leaf import Kind
from backend.records.verdict.refusal import Refused

ENTRIES = 131_072
TTL_SECONDS = 300
PURPOSES = ("revocation", "suspension", "refresh")
"""`refresh` says that a newer record took this one's place (superseded)."""
_SETS = {
    "revocation": {Kind.REVOKED},
    "suspension": {Kind.SUSPENDED},
    "refresh": {Kind.SUPERSEDED},
}
_CLEARS: dict[str, set[Kind]] = {
    "revocation": set(),
    "suspension": {Kind.REINSTATED},
    "refresh": set(),
}


class Bits:
    """A fixed number of bits, all zero at first."""

    def __init__(self, content: bytes | None = None) -> None:
        self._bytes = bytearray(content or bytes(ENTRIES // 8))

    def __getitem__(self, index: int) -> bool:
        if not 0 <= index < len(self._bytes) * 8:
            raise Refused("status index outside the list")
        return bool(self._bytes[index >> 3] & (0x80 >> (index & 7)))

    def __setitem__(self, index: int, value: bool) -> None:
        if self[index] is not value:
            self._bytes[index >> 3] ^= 0x80 >> (index & 7)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bits) and self._bytes == other._bytes

    __hash__ = None  # type: ignore[assignment]

    @property
    def encoded(self) -> str:
        """gzip (no time in it, so that equal bits give equal text), then multibase `u`."""
        return "u" + base64url(gzip.compress(bytes(self._bytes), 9, mtime=0))

    @classmethod
    def decode(cls, text: str) -> "Bits":
        if not text.startswith("u") or len(text) > 4 * ENTRIES // 8:
            raise Refused("status list in a foreign encoding")
        return cls(_gunzip(from_base64url(text[1:]), ENTRIES // 8))


def replay(purpose: str, decisions: Iterable[tuple[Kind, int]]) -> Bits:
    """The list after these decisions, oldest first: what the log's leaves must reproduce."""
    bits = Bits()
    for kind, index in decisions:
        if kind in _SETS[purpose]:
            bits[index] = True
        elif kind in _CLEARS[purpose]:
            bits[index] = False
    return bits


def _gunzip(packed: bytes, size: int) -> bytes:
    """Exactly `size` bytes, never one more in memory."""
    stream = zlib.decompressobj(wbits=31)
    try:
        content = stream.decompress(packed, size + 1)
    except zlib.error as error:
        raise Refused("status list that is not gzip of the right length") from error
    if len(content) != size or not stream.eof or stream.unused_data:
        raise Refused("status list that is not gzip of the right length")
    return content


class StatusSubject(Strict, frozen=True):
    id: str
    type: str
    status_purpose: str
    encoded_list: str
    ttl: int


class StatusClaims(Strict, frozen=True):
    context: list[str] = msgspec.field(name="@context")
    id: str
    type: list[str]
    issuer: str
    valid_from: str
    valid_until: str
    credential_subject: StatusSubject
    iss: str
    jti: str
    nbf: int
    exp: int


def status_claims(
    *, address: str, issuer: str, purpose: str, encoded_list: str, signed_at: int
) -> StatusClaims:
    """`address`: the list's own URL; `encoded_list`: `Bits.encoded`; `signed_at`: since 1970."""
    subject = StatusSubject(
        id=f"{address}#list",
        type="BitstringStatusList",
        status_purpose=purpose,
        encoded_list=encoded_list,
        ttl=TTL_SECONDS * 1000,
    )
    return StatusClaims(
        context=[STATUS_CONTEXT],
        id=address,
        type=["VerifiableCredential", "BitstringStatusListCredential"],
        issuer=issuer,
        valid_from=moment(signed_at).strftime(MOMENT_FORMAT),
        valid_until=moment(signed_at + TTL_SECONDS).strftime(MOMENT_FORMAT),
        credential_subject=subject,
        iss=issuer,
        jti=address,
        nbf=signed_at,
        exp=signed_at + TTL_SECONDS,
    )


def parse_status(payload: bytes, *, address: str, issuer: str, purpose: str) -> StatusClaims:
    """The claims, when they are a list of this purpose at this address by this issuer.

    The list itself is read by `Bits.decode`; everything else has one spelling.
    """
    try:
        claims = msgspec.json.decode(payload, type=StatusClaims)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("not a status list") from error
    expected = status_claims(
        address=address,
        issuer=issuer,
        purpose=purpose,
        encoded_list=claims.credential_subject.encoded_list,
        signed_at=claims.nbf,
    )
    if claims != expected:
        raise Refused("status list of another purpose, address or issuer")
    return claims
