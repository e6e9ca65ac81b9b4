"""A printed record: a PDF with the bundle inside, closed with the issuer's seal over every byte.

A bundle proves itself, but not what the paper around it shows: whoever changes a name on the page
can leave the bundle untouched. So the last thing before `startxref` is a comment that no viewer
shows, the seal: a JWS over the SHA-256 of all other bytes. It needs no network and no server's
memory. Like the holder's own file it is not in the log, so a key that was compromised seals
nothing any more; the holder prints anew.

A file that was saved by another program is not the one that was issued either, and is told so.
"""

import re
import zlib
from datetime import datetime
from functools import partial

import msgspec

from backend.records.verdict.bundle import MAX_BUNDLE_BYTES, Bundle, StatusEvidence, read_bundle
from backend.records.verdict.canonical import canonical, digest, parse_canonical
from backend.records.verdict.jws import check_signature, parse, public_key, read_header
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust
from backend.records.verdict.verify import Check, Outcome, verify
from backend.records.verdict.words import Verdict

TYP = "guanbiao-print+jwt"
MAX_PDF_BYTES = 4_000_000
_MARK = b"%guanbiao-seal-1 "
_TAIL = re.compile(rb"startxref\n[0-9]{1,10}\n%%EOF\n?\Z")
_SEALED = re.compile(rb"%guanbiao-seal-1 ([A-Za-z0-9_.-]{1,8192})\n(?=" + _TAIL.pattern + rb")")
_ZIP = b"/application#2Fzip"
_STREAM = re.compile(rb"stream\r?\n")
_LENGTH = re.compile(rb"/Length ([0-9]{1,8})(?![0-9]| [0-9]+ R)")
_DICTIONARY_BYTES = 1_024
_NOT_OURS = "not a PDF as it is issued here: changed, or saved by another program"


class SealClaims(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    iss: str
    iat: int
    name: str
    """Of the holder, as printed: the file is the holder's own."""
    print_sha256: str
    """Of the whole file without the line of the seal."""
    record: str
    record_sha256: str


class Print(msgspec.Struct, frozen=True):
    """What was found in a PDF; `seal` None: this is not the file that was issued."""

    outcome: Outcome
    seal: SealClaims | None = None


def is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-")


def print_sha256(unsealed: bytes) -> str:
    """Refused unless `unsealed` ends as a PDF does, so that a seal can be put in."""
    _end_of(unsealed)
    return digest(unsealed)


def sealed_print(unsealed: bytes, seal: bytes) -> bytes:
    at = _end_of(unsealed)
    return b"".join([unsealed[:at], _MARK, seal, b"\n", unsealed[at:]])


def _end_of(content: bytes) -> int:
    found = _TAIL.search(content, max(0, len(content) - 64))
    if found is None:
        raise Refused(_NOT_OURS)
    return found.start()


def seal_payload(claims: SealClaims) -> bytes:
    return canonical(msgspec.to_builtins(claims))


def examine_print(
    content: bytes,
    trust: Trust,
    now: datetime,
    *,
    newer_status: dict[str, StatusEvidence] | None = None,
) -> Print:
    """The verdict on the bundle inside, and `tampered` whenever the file around it is another."""
    try:
        bundle = read_bundle(bundle_in(content))
    except Refused as error:
        return Print(Outcome(verdict=Verdict.TAMPERED, checks=[Check("print", False, str(error))]))
    outcome = verify(bundle, trust, now, newer_status=newer_status)
    if outcome.claims is None:  # of a record that nobody signed no seal is worth a look
        return Print(outcome)
    try:
        seal = read_seal(content, bundle, outcome.claims.id, trust)
    except Refused as error:
        outcome.verdict = Verdict.TAMPERED
        outcome.checks.append(Check("print", False, str(error)))
        return Print(outcome)
    outcome.checks.append(Check("print", True, f"sha256 {seal.print_sha256}"))
    return Print(outcome, seal)


def bundle_in(content: bytes) -> bytes:
    """The zip that is attached. One there must be, and one only: no reader may see another one."""
    if len(content) > MAX_PDF_BYTES:
        raise Refused("PDF too large")
    at = content.find(_ZIP)
    if not is_pdf(content) or at < 0 or content.find(_ZIP, at + 1) >= 0:
        raise Refused(_NOT_OURS)
    start = content.rfind(b" obj", max(0, at - _DICTIONARY_BYTES), at)
    opens = _STREAM.search(content, at, at + _DICTIONARY_BYTES)
    if start < 0 or opens is None:
        raise Refused(_NOT_OURS)
    about = content[start : opens.start()]
    length = _LENGTH.search(about)
    if length is None:
        raise Refused(_NOT_OURS)
    end = opens.end() + int(length[1])
    if not content[end : end + 11].lstrip(b"\r\n").startswith(b"endstream"):
        raise Refused(_NOT_OURS)
    packed = content[opens.end() : end]
    return packed if b"/Filter" not in about else _inflated(packed, about)


def _inflated(packed: bytes, about: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=-15)
    try:
        content = stream.decompress(packed[2:], MAX_BUNDLE_BYTES + 1)
    except zlib.error as error:
        raise Refused(_NOT_OURS) from error
    if b"/FlateDecode" not in about or len(content) > MAX_BUNDLE_BYTES or not stream.eof:
        raise Refused(_NOT_OURS)
    return content


def read_seal(content: bytes, bundle: Bundle, record_id: str, trust: Trust) -> SealClaims:
    """Refused unless a trusted key of the record's own issuer sealed this very file for it."""
    found = _SEALED.search(content, max(0, len(content) - 8_320))
    if found is None:
        raise Refused("this file is not the one that was issued: its seal is missing")
    token = parse(found[1], partial(read_header, types=(TYP,)))
    known = trust.record_key(token.header.kid)
    if known is None:
        raise Refused(f"sealed by a key that is not trusted: {token.header.kid}")
    issuer, key = known
    if key.compromised_at_index is not None:
        raise Refused("sealed by a key that was compromised since: ask the holder to print anew")
    check_signature(token, public_key(key.jwk))
    claims = _claims(token.payload)
    if claims.iss != issuer.id:
        raise Refused("sealed by another issuer")
    if (claims.record, claims.record_sha256) != (record_id, digest(bundle.record)):
        raise Refused("the seal belongs to another record")
    if claims.print_sha256 != digest(content[: found.start()] + content[found.end() :]):
        raise Refused("this file is not the one that was issued: it was changed afterwards")
    return claims


def _claims(payload: bytes) -> SealClaims:
    try:
        return msgspec.convert(parse_canonical(payload), SealClaims)
    except msgspec.ValidationError as error:
        raise Refused("a seal of another kind") from error
