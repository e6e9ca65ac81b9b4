"""The verdict, in the order of RECORDS.md §4; it fails closed.

A check that fails on the way to "this is what the issuer signed and logged" ends the examination.
After that the worst of revoked, superseded, suspended, expired, status-stale is the verdict.
"""

from datetime import UTC, datetime, timedelta

import msgspec

from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.canonical import digest
from backend.records.verdict.credential import (
    MOMENT_FORMAT,
    Claims,
    ClaimsDisagree,
    check,
    moment,
)
from backend.records.verdict.jws import Jws, check_signature, parse, public_key
from backend.records.verdict.leaf import Kind, RecordRef, parse_leaf, status_ref
from backend.records.verdict.proof import Proof, check_proof
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import PURPOSES, Bits, parse_status
from backend.records.verdict.trust import Trust, TrustedIssuer, TrustedKey
from backend.records.verdict.words import Verdict

CLOCK_SKEW = timedelta(minutes=2)
_SET = {
    "revocation": Verdict.REVOKED,
    "suspension": Verdict.SUSPENDED,
    "refresh": Verdict.SUPERSEDED,
}
_WORST_FIRST = [
    Verdict.REVOKED,
    Verdict.SUPERSEDED,
    Verdict.SUSPENDED,
    Verdict.EXPIRED,
    Verdict.STATUS_STALE,
    Verdict.VALID,
]


class Check(msgspec.Struct, frozen=True):
    name: str
    ok: bool
    evidence: str


class Outcome(msgspec.Struct, kw_only=True):
    """The verdict with each check's evidence; `claims` only once the signature held."""

    verdict: Verdict = Verdict.UNKNOWN
    checks: list[Check] = msgspec.field(default_factory=list)
    claims: Claims | None = None
    issuer: str | None = None
    demonstration: bool = False
    log_index: int | None = None
    tree_size: int | None = None
    status_as_of: str | None = None
    """The oldest of the dates at which the lists used were signed."""


class _Ended(Exception):
    """The examination is over: the outcome holds its verdict."""


class _Examination:
    def __init__(self, bundle: Bundle, trust: Trust, now: datetime) -> None:
        self.bundle, self.trust, self.now = bundle, trust, now.astimezone(UTC)
        self.outcome = Outcome()
        self.found: set[Verdict] = {Verdict.VALID}

    def passed(self, name: str, evidence: str) -> None:
        self.outcome.checks.append(Check(name, True, evidence))

    def failed(self, name: str, evidence: str) -> None:
        self.outcome.checks.append(Check(name, False, evidence))

    def ended(self, name: str, evidence: object, verdict: Verdict) -> _Ended:
        self.failed(name, str(evidence))
        self.outcome.verdict = verdict
        return _Ended()


def verify(
    bundle: Bundle,
    trust: Trust,
    now: datetime,
    *,
    newer_status: dict[str, StatusEvidence] | None = None,
) -> Outcome:
    """`newer_status`: lists fetched since the bundle was made; the freshest good one counts."""
    exam = _Examination(bundle, trust, now)
    try:
        jws = _read_header(exam)
        issuer, key = _find_key(exam, jws)
        _check_signature(exam, jws, key)
        claims = _check_claims(exam, jws, issuer)
        _check_times(exam, claims)
        _check_log(exam, jws, key, claims, issuer)
        _check_status(exam, claims, issuer, newer_status or {})
    except _Ended:
        return exam.outcome
    exam.outcome.verdict = next(v for v in _WORST_FIRST if v in exam.found)
    return exam.outcome


def _read_header(exam: _Examination) -> Jws:
    try:
        jws = parse(exam.bundle.record)
    except Refused as error:
        raise exam.ended("header", error, Verdict.TAMPERED) from None
    exam.passed("size", f"{len(exam.bundle.record)} bytes")
    exam.passed("header", f"{jws.header.alg}, {jws.header.typ}")
    return jws


def _find_key(exam: _Examination, jws: Jws) -> tuple[TrustedIssuer, TrustedKey]:
    found = exam.trust.record_key(jws.header.kid)
    if found is None:
        raise exam.ended("key", jws.header.kid, Verdict.UNTRUSTED_KEY)
    exam.outcome.issuer = found[0].id
    exam.outcome.demonstration = found[0].demonstration
    exam.passed("key", jws.header.kid)
    return found


def _check_signature(exam: _Examination, jws: Jws, key: TrustedKey) -> None:
    try:
        check_signature(jws, public_key(key.jwk))
    except Refused as error:
        raise exam.ended("signature", error, Verdict.TAMPERED) from None
    exam.passed("signature", f"ES256, sha256 {digest(exam.bundle.record)}")


def _check_claims(exam: _Examination, jws: Jws, issuer: TrustedIssuer) -> Claims:
    try:
        claims = check(jws.payload)
    except ClaimsDisagree as error:
        raise exam.ended("claims", error, Verdict.TAMPERED) from None
    except Refused as error:
        raise exam.ended("schema", error, Verdict.UNKNOWN) from None
    if claims.iss != issuer.id:
        raise exam.ended("claims", "the key belongs to another issuer", Verdict.UNTRUSTED_KEY)
    if _list_number(claims, issuer) is None:
        raise exam.ended("schema", "status list at a foreign address", Verdict.UNKNOWN)
    exam.outcome.claims = claims
    exam.passed("claims", f"issuer {claims.iss}")
    exam.passed("schema", "Open Badges 3.0")
    return claims


def _list_number(claims: Claims, issuer: TrustedIssuer) -> int | None:
    address = claims.credential_status.status_list_credential
    number = address.removeprefix(f"{issuer.address}/status/revocation/")
    if number == address or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        return None
    return int(number) if str(int(number)) == number else None


def _check_times(exam: _Examination, claims: Claims) -> None:
    if moment(claims.nbf) > exam.now + CLOCK_SKEW:
        raise exam.ended("times", f"not valid before {claims.valid_from}", Verdict.UNKNOWN)
    if claims.exp is not None and moment(claims.exp) <= exam.now:
        exam.found.add(Verdict.EXPIRED)
        exam.failed("times", f"valid until {claims.valid_until}")
    else:
        exam.passed("times", f"from {claims.valid_from} until {claims.valid_until or 'withdrawn'}")


def _check_log(
    exam: _Examination, jws: Jws, key: TrustedKey, claims: Claims, issuer: TrustedIssuer
) -> None:
    try:
        index, size = _logged_at(exam, jws, claims, issuer)
    except Refused as error:
        raise exam.ended("log", error, Verdict.NOT_LOGGED) from None
    exam.outcome.log_index, exam.outcome.tree_size = index, size
    exam.passed("log", f"entry {index} of {size} in {exam.trust.log.origin}")
    why_not = key.why_not_at(index)
    if why_not:
        raise exam.ended("key-at-index", why_not, Verdict.UNTRUSTED_KEY)
    exam.passed("key-at-index", f"key announced at entry {key.from_index}")


def _logged_at(
    exam: _Examination, jws: Jws, claims: Claims, issuer: TrustedIssuer
) -> tuple[int, int]:
    if exam.bundle.proof is None:
        raise Refused("no proof of inclusion")
    proof = Proof.parse(_text(exam.bundle.proof))
    checkpoint = check_proof(proof, exam.trust.log.note_key)
    if exam.bundle.checkpoint not in {None, proof.note.encode()}:
        raise Refused("the checkpoint is not the one the proof ends at")
    status = claims.credential_status
    number = _list_number(claims, issuer)
    assert number is not None  # checked with the claims
    ref = RecordRef(claims.id, number, int(status.status_list_index)).text
    leaf = parse_leaf(proof.entry)
    said = (leaf.type, leaf.sha256, leaf.kid, leaf.ts, leaf.ref)
    meant = (Kind.ISSUED, digest(exam.bundle.record), jws.header.kid, claims.valid_from, ref)
    if said != meant:
        raise Refused("the proof is of something else")
    return proof.index, checkpoint.size


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Refused("not text") from error


class _List(msgspec.Struct, frozen=True):
    bits: Bits
    signed_at: int
    expires_at: int
    unlogged: str | None
    """Why it does not count as published; None when its inclusion is proved."""


def _check_status(
    exam: _Examination,
    claims: Claims,
    issuer: TrustedIssuer,
    newer: dict[str, StatusEvidence],
) -> None:
    dates = []
    for purpose in PURPOSES:
        given = [e for e in (newer.get(purpose), exam.bundle.status.get(purpose)) if e]
        lists = _readable(exam, claims, issuer, purpose, given)
        if lists:
            dates.append(_read_bit(exam, claims, purpose, lists))
        else:
            exam.failed(purpose, "no signed status list at hand")
            exam.found.add(Verdict.STATUS_STALE)
    if dates:
        exam.outcome.status_as_of = moment(min(dates)).strftime(MOMENT_FORMAT)


def _readable(
    exam: _Examination,
    claims: Claims,
    issuer: TrustedIssuer,
    purpose: str,
    given: list[StatusEvidence],
) -> list[_List]:
    lists = []
    for evidence in given:
        try:
            lists.append(_open_list(exam, claims, issuer, purpose, evidence))
        except Refused as error:
            exam.failed("status", f"{purpose}: {error}")
    return sorted(lists, key=lambda found: found.signed_at, reverse=True)


def _read_bit(exam: _Examination, claims: Claims, purpose: str, lists: list[_List]) -> int:
    """A set bit is believed from any signed list; a clear one only from a logged, fresh list."""
    newest = lists[0]
    as_of = moment(newest.signed_at).strftime(MOMENT_FORMAT)
    if newest.bits[int(claims.credential_status.status_list_index)]:
        exam.found.add(_SET[purpose])
        exam.failed(purpose, f"{_SET[purpose]} as of {as_of}")
    elif newest.unlogged:
        exam.found.add(Verdict.STATUS_STALE)
        exam.failed(purpose, f"list of {as_of} is not in the log: {newest.unlogged}")
    elif moment(newest.expires_at) <= exam.now or moment(newest.signed_at) > exam.now + CLOCK_SKEW:
        exam.found.add(Verdict.STATUS_STALE)
        exam.failed(purpose, f"clear as of {as_of}, which is not now")
    else:
        exam.passed(purpose, f"clear as of {as_of}")
    return newest.signed_at


def _open_list(
    exam: _Examination,
    claims: Claims,
    issuer: TrustedIssuer,
    purpose: str,
    evidence: StatusEvidence,
) -> _List:
    number = _list_number(claims, issuer)
    address = f"{issuer.address}/status/{purpose}/{number}"
    jws = parse(evidence.jws)
    key = exam.trust.status_key(issuer.id, jws.header.kid)
    if key is None:
        raise Refused(f"signed by a key that is not trusted: {jws.header.kid}")
    check_signature(jws, public_key(key.jwk))
    status = parse_status(jws.payload, address=address, issuer=issuer.id, purpose=purpose)
    bits = Bits.decode(status.credential_subject.encoded_list)
    _ = bits[int(claims.credential_status.status_list_index)]
    ref = status_ref(purpose, number or 0)
    return _List(bits, status.nbf, status.exp, _why_unlogged(exam, evidence, jws, key, ref))


def _why_unlogged(
    exam: _Examination, evidence: StatusEvidence, jws: Jws, key: TrustedKey, ref: str
) -> str | None:
    try:
        proof = Proof.parse(_text(evidence.proof))
        check_proof(proof, exam.trust.log.note_key)
        leaf = parse_leaf(proof.entry)
    except Refused as error:
        return str(error)
    meant = (Kind.STATUS, digest(evidence.jws), jws.header.kid, ref)
    if (leaf.type, leaf.sha256, leaf.kid, leaf.ref) != meant:
        return "its proof is of something else"
    return key.why_not_at(proof.index)
