"""What a holder says of himself beside a record: an SD-JWT (RFC 9901) in the shape of SD-JWT VC
(draft-ietf-oauth-sd-jwt-vc-19, typ `dc+sd-jwt`), read strictly.

It names the record it belongs to in claims that are always visible, and is worth what that record
is worth: examine the record first. Nothing of it is in the log, so a key that was compromised names
nobody any more, whenever it signed; the holder fetches another.
"""

from typing import Any, Literal

import msgspec

from backend.records.verdict.canonical import base64url, digest, from_base64url
from backend.records.verdict.jws import KEY_ID, Header, check_signature, parse, public_key
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust

TYPE = "urn:guanbiao:credential:holder:1"
TYP = "dc+sd-jwt"
FIELDS = ("name", "id_document", "employer", "registration_number", "score")
"""What may be disclosed, each alone. The number of digests is always that of these fields, so that
it does not tell which of them there are."""
MAX_BYTES = 32_768


class HolderClaims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    iss: str
    iat: int
    vct: str
    record: str
    """`urn:uuid:` of the record."""
    record_sha256: str
    """Of the record as signed, in hexadecimal: of this very one."""
    digests: list[str] = msgspec.field(name="_sd")
    algorithm: Literal["sha-256"] = msgspec.field(name="_sd_alg")


class Held(msgspec.Struct, frozen=True):
    """What was disclosed, by field."""

    said: dict[str, Any]
    issuer: str
    issued_at: int


def disclosure_digest(disclosure: bytes) -> str:
    """Of a disclosure as it travels, in base64url (RFC 9901, section 4.2.3)."""
    return base64url(bytes.fromhex(digest(disclosure)))


def read_holder(compact: bytes, record: bytes, record_id: str, trust: Trust) -> Held:
    """What is disclosed about the holder of `record`. Refused unless a trusted key of the record's
    own issuer signed it for this very record."""
    if len(compact) > MAX_BYTES:
        raise Refused("holder's file too long")
    signed, *disclosures = compact.strip().split(b"~")
    if not disclosures or disclosures.pop():
        raise Refused("not an SD-JWT without key binding")
    token = parse(signed, _header)
    found = trust.record_key(token.header.kid)
    if found is None:
        raise Refused(f"signed by a key that is not trusted: {token.header.kid}")
    issuer, key = found
    if key.compromised_at_index is not None:
        raise Refused("signed by a key that was compromised since: ask the holder for a new one")
    check_signature(token, public_key(key.jwk))
    claims = _claims(token.payload)
    if (claims.iss, claims.vct) != (issuer.id, TYPE):
        raise Refused("of another issuer or another type")
    if (claims.record, claims.record_sha256) != (record_id, digest(record)):
        raise Refused("it belongs to another record")
    return Held(_disclosed(claims, disclosures), issuer.id, claims.iat)


def _header(part: bytes) -> Header:
    header: Header = _strict(from_base64url(part), Header, "header of another kind")
    # The algorithm is for the key to say. Whoever wrote the id of the key need not be trusted.
    if header.typ != TYP or not KEY_ID.fullmatch(header.kid):
        raise Refused("holder's file: header of another kind")
    return header


def _claims(payload: bytes) -> HolderClaims:
    claims: HolderClaims = _strict(payload, HolderClaims, "claims of another kind")
    if len(set(claims.digests)) != len(claims.digests):
        raise Refused("a digest is given twice")
    return claims


def _strict(content: bytes, kind: type[Any], otherwise: str) -> Any:
    """Typed, and in the one spelling in which we write it: no doubled or unknown member."""
    try:
        value = msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(f"holder's file: {otherwise}") from error
    if sorted(msgspec.json.encode(value)) != sorted(content):
        raise Refused(f"holder's file: {otherwise}")
    return value


def _disclosed(claims: HolderClaims, disclosures: list[bytes]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for disclosure in disclosures:
        if disclosure_digest(disclosure) not in claims.digests:
            raise Refused("a disclosure that the issuer did not sign")
        name, value = _opened(disclosure)
        if name in said:
            raise Refused(f"{name} is disclosed twice")
        said[name] = value
    return said


def _opened(disclosure: bytes) -> tuple[str, Any]:
    try:
        _, name, value = msgspec.json.decode(from_base64url(disclosure), type=tuple[str, str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused("a disclosure of another kind") from error
    if name not in FIELDS:
        raise Refused(f"a field that is not known: {name[:40]}")
    return name, value
