"""The verdict, in the order of RECORDS.md §4; it fails closed.

A check that fails on the way to "this is what the issuer signed and logged" ends the examination.
After that the worst of revoked, superseded, suspended, expired, status-stale is the verdict.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter

import msgspec

from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.canonical import digest
from backend.records.verdict.cosignatures import Cosigned
from backend.records.verdict.credential import (
    MOMENT_FORMAT,
    Claims,
    ClaimsDisagree,
    check,
    moment,
)
from backend.records.verdict.jws import Jws, check_signature, parse
from backend.records.verdict.leaf import Kind, Leaf, RecordRef, parse_leaf
from backend.records.verdict.opened import Opened, OpenedList, read_proof
from backend.records.verdict.proof import check_inclusion
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import PURPOSES
from backend.records.verdict.trust import Trust, TrustedIssuer, TrustedKey, parse_trust
from backend.records.verdict.words import Verdict

CLOCK_SKEW = timedelta(minutes=2)
ABREAST = 32
"""Records that take their steps together: from 16 to 200 the gain is the same."""
_OVER = object()
_SET = {
    "revocation": Verdict.REVOKED,
    "suspension": Verdict.SUSPENDED,
    "refresh": Verdict.SUPERSEDED,
}
_SIGNED_AT = attrgetter("signed_at")
_WORST_FIRST = [
    Verdict.REVOKED,
    Verdict.SUPERSEDED,
    Verdict.SUSPENDED,
    Verdict.EXPIRED,
    Verdict.STATUS_STALE,
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
    def __init__(
        self,
        bundle: Bundle,
        trust: Trust,
        opened: Opened,
        now: datetime,
        newer_status: dict[str, StatusEvidence] | None = None,
    ) -> None:
        self.bundle, self.trust, self.opened = bundle, trust, opened
        self.newer_status = newer_status or {}
        self.sha256 = digest(bundle.record)
        # Seconds since 1970, as the claims have them; what is later than `latest` is dated ahead.
        self.now, self.latest = now.timestamp(), (now + CLOCK_SKEW).timestamp()
        self.outcome = Outcome()
        self.found: set[Verdict] = set()

    def passed(self, name: str, evidence: str) -> None:
        self.outcome.checks.append(Check(name, True, evidence))

    def failed(self, name: str, evidence: str) -> None:
        self.outcome.checks.append(Check(name, False, evidence))

    def cosigned(self, note: str) -> list[Cosigned]:
        """By whom of the pinned witnesses; a time that is yet to come is nobody's word."""
        if not self.trust.log.witnesses:
            return []
        return [one for one in self.opened.cosigned(note) if one.at <= self.latest]

    def too_few(self, seen: list[Cosigned]) -> str:
        wanted, named = self.trust.log.quorum, len(self.trust.log.witnesses)
        return f"{len(seen)} of the {named} pinned witnesses signed this checkpoint, not {wanted}"

    def ended(self, name: str, evidence: object, verdict: Verdict) -> _Ended:
        self.failed(name, str(evidence))
        self.outcome.verdict = verdict
        return _Ended()


class Examiner:
    """For many records under one set of pins: what they share is opened once.

    Same checks, same outcome as `verify`, whatever was examined before. The caller does not change
    `trust` afterwards. A few megabytes at most.
    """

    def __init__(self, trust: Trust) -> None:
        self._trust, self._opened = trust, Opened(trust)

    @staticmethod
    def of(trust: Trust) -> "Examiner":
        """This process's own for pins of this very content."""
        return _examiner(msgspec.json.encode(trust))

    def examine(
        self,
        bundle: Bundle,
        now: datetime,
        *,
        newer_status: dict[str, StatusEvidence] | None = None,
    ) -> Outcome:
        """`newer_status`: lists fetched since the bundle was made; the freshest good one counts."""
        exam = _Examination(bundle, self._trust, self._opened, now, newer_status)
        _take_steps([exam])
        return exam.outcome

    def examine_all(self, bundles: Sequence[Bundle], now: datetime) -> list[Outcome]:
        """`examine` on each, in the order given, at three quarters of its time.

        The steps are taken by some dozens of records together, one step by all before the next:
        what a step needs stays in the processor's caches, which the curve's arithmetic empties.
        """
        outcomes = []
        for first in range(0, len(bundles), ABREAST):
            abreast = bundles[first : first + ABREAST]
            exams = [_Examination(one, self._trust, self._opened, now) for one in abreast]
            _take_steps(exams)
            outcomes += [exam.outcome for exam in exams]
        return outcomes


@lru_cache(4)
def _examiner(pins: bytes) -> Examiner:
    return Examiner(parse_trust(pins))


def verify(
    bundle: Bundle,
    trust: Trust,
    now: datetime,
    *,
    newer_status: dict[str, StatusEvidence] | None = None,
) -> Outcome:
    """One record, with nothing remembered."""
    return Examiner(trust).examine(bundle, now, newer_status=newer_status)


def _take_steps(exams: Sequence[_Examination]) -> None:
    under_way = [_steps(exam) for exam in exams]
    while under_way:
        under_way = [steps for steps in under_way if next(steps, _OVER) is not _OVER]


def _steps(exam: _Examination) -> Iterator[None]:
    """Waits after each for the other records."""
    try:
        jws = _read_header(exam)
        issuer, key = _find_key(exam, jws)
        yield
        _check_signature(exam, jws, key)
        yield
        claims, number = _check_claims(exam, jws, issuer)
        _check_times(exam, claims)
        yield
        _check_log(exam, key, claims, number)
        yield
        _check_status(exam, claims, issuer, number)
    except _Ended:
        return
    exam.outcome.verdict = min(exam.found, key=_WORST_FIRST.index, default=Verdict.VALID)


def _read_header(exam: _Examination) -> Jws:
    try:
        jws = parse(exam.bundle.record, exam.opened.header)
    except Refused as error:
        raise exam.ended("header", error, Verdict.TAMPERED) from None
    exam.passed("size", f"{len(exam.bundle.record)} bytes")
    exam.passed("header", f"{jws.header.alg}, {jws.header.typ}")
    return jws


def _find_key(exam: _Examination, jws: Jws) -> tuple[TrustedIssuer, TrustedKey]:
    found = exam.opened.record_key(jws.header.kid)
    if found is None:
        raise exam.ended("key", jws.header.kid, Verdict.UNTRUSTED_KEY)
    exam.outcome.issuer = found[0].id
    exam.outcome.demonstration = found[0].demonstration
    exam.passed("key", jws.header.kid)
    return found


def _check_signature(exam: _Examination, jws: Jws, key: TrustedKey) -> None:
    try:
        check_signature(jws, exam.opened.public_key(key.jwk))
    except Refused as error:
        raise exam.ended("signature", error, Verdict.TAMPERED) from None
    exam.passed("signature", f"{jws.header.alg}, sha256 {exam.sha256}")


def _check_claims(exam: _Examination, jws: Jws, issuer: TrustedIssuer) -> tuple[Claims, int]:
    """The claims, and the number of the record's status list."""
    try:
        claims = check(jws.payload)
    except ClaimsDisagree as error:
        raise exam.ended("claims", error, Verdict.TAMPERED) from None
    except Refused as error:
        raise exam.ended("schema", error, Verdict.UNKNOWN) from None
    if claims.iss != issuer.id:
        raise exam.ended("claims", "the key belongs to another issuer", Verdict.UNTRUSTED_KEY)
    number = _list_number(claims, issuer)
    if number is None:
        raise exam.ended("schema", "status list at a foreign address", Verdict.UNKNOWN)
    exam.outcome.claims = claims
    exam.passed("claims", f"issuer {claims.iss}")
    exam.passed("schema", "Open Badges 3.0")
    return claims, number


def _list_number(claims: Claims, issuer: TrustedIssuer) -> int | None:
    address = claims.credential_status.status_list_credential
    number = address.removeprefix(f"{issuer.address}/status/revocation/")
    if number == address or not (number.isascii() and number.isdecimal()) or len(number) > 9:
        return None
    return int(number) if str(int(number)) == number else None


def _check_times(exam: _Examination, claims: Claims) -> None:
    if claims.nbf > exam.latest:
        raise exam.ended("times", f"not valid before {claims.valid_from}", Verdict.UNKNOWN)
    if claims.exp is not None and claims.exp <= exam.now:
        exam.found.add(Verdict.EXPIRED)
        exam.failed("times", f"valid until {claims.valid_until}")
    else:
        exam.passed("times", f"from {claims.valid_from} until {claims.valid_until or 'withdrawn'}")


def _check_log(exam: _Examination, key: TrustedKey, claims: Claims, number: int) -> None:
    try:
        index, size, note = _logged_at(exam, key, claims, number)
    except Refused as error:
        raise exam.ended("log", error, Verdict.NOT_LOGGED) from None
    exam.outcome.log_index, exam.outcome.tree_size = index, size
    exam.passed("log", f"entry {index} of {size} in {exam.trust.log.origin}")
    _check_witnesses(exam, note)
    why_not = key.why_not_at(index)
    if why_not:
        raise exam.ended("key-at-index", why_not, Verdict.UNTRUSTED_KEY)
    exam.passed("key-at-index", f"key announced at entry {key.from_index}")


def _check_witnesses(exam: _Examination, note: str) -> None:
    """Before they are asked for, a word of those that signed; nothing where none did."""
    seen = exam.cosigned(note)
    if len(seen) < exam.trust.log.quorum:
        raise exam.ended("witnesses", exam.too_few(seen), Verdict.NOT_LOGGED)
    if seen:
        said = [f"{one.name} at {moment(one.at).strftime(MOMENT_FORMAT)}" for one in seen]
        exam.passed("witnesses", f"signed by {', '.join(said)}")


def _logged_at(
    exam: _Examination, key: TrustedKey, claims: Claims, number: int
) -> tuple[int, int, str]:
    """Its place, the size of the tree that its proof is of, and that tree's checkpoint."""
    if exam.bundle.proof is None:
        raise Refused("no proof of inclusion")
    proof = read_proof(exam.bundle.proof)
    checkpoint = exam.opened.checkpoint(proof.note)
    check_inclusion(proof, checkpoint)
    if exam.bundle.checkpoint is not None and exam.bundle.checkpoint != proof.note.encode():
        raise Refused("the checkpoint is not the one the proof ends at")
    index = int(claims.credential_status.status_list_index)
    meant = Leaf(
        type=Kind.ISSUED,
        ts=claims.valid_from,
        kid=key.kid,
        sha256=exam.sha256,
        ref=RecordRef(claims.id, number, index).text,
    )
    if proof.entry != meant.entry:  # an entry has one spelling
        parse_leaf(proof.entry)
        raise Refused("the proof is of something else")
    return proof.index, checkpoint.size, proof.note


def _check_status(exam: _Examination, claims: Claims, issuer: TrustedIssuer, number: int) -> None:
    index = int(claims.credential_status.status_list_index)
    used = []
    for purpose in PURPOSES:
        given = [exam.newer_status.get(purpose), exam.bundle.status.get(purpose)]
        lists = _readable(exam, issuer, purpose, number, given, index)
        if lists:
            used.append(_telling(exam, lists, purpose, index))
            _read_bit(exam, purpose, used[-1], index)
        else:
            exam.failed(purpose, "no signed status list at hand")
            exam.found.add(Verdict.STATUS_STALE)
    if used:
        exam.outcome.status_as_of = min(used, key=_SIGNED_AT).as_of


def _readable(
    exam: _Examination,
    issuer: TrustedIssuer,
    purpose: str,
    number: int,
    given: list[StatusEvidence | None],
    index: int,
) -> list[OpenedList]:
    lists = []
    for evidence in given:
        if evidence is None:
            continue
        try:
            opened = exam.opened.status_list(issuer, purpose, number, evidence)
            _ = opened.bits[index]
            lists.append(opened)
        except Refused as error:
            exam.failed("status", f"{purpose}: {error}")
    return lists


def _telling(exam: _Examination, lists: list[OpenedList], purpose: str, index: int) -> OpenedList:
    """The newest list that is not dated ahead; of two of one second, the one with the bit set.

    Revoked and superseded are final, so there no newer list takes a set bit back. A list that a
    clock signed while it ran ahead is older than it says: it counts where there is no other.
    """
    if len(lists) == 1:
        return lists[0]
    final = purpose != "suspension"

    def rank(found: OpenedList) -> tuple[bool, bool, int, bool]:
        set_ = found.bits[index]
        return final and set_, not _is_ahead(exam, found), found.signed_at, set_

    return max(lists, key=rank)


def _is_ahead(exam: _Examination, found: OpenedList) -> bool:
    return found.signed_at > exam.latest


def _read_bit(exam: _Examination, purpose: str, newest: OpenedList, index: int) -> None:
    """A set bit is believed from any signed list; a clear one only from a logged, fresh list."""
    if newest.bits[index]:
        exam.found.add(_SET[purpose])
        exam.failed(purpose, f"{_SET[purpose]} as of {newest.as_of}")
    elif newest.unlogged:
        exam.found.add(Verdict.STATUS_STALE)
        exam.failed(purpose, f"list of {newest.as_of} is not in the log: {newest.unlogged}")
    elif len(seen := exam.cosigned(newest.note)) < exam.trust.log.quorum:
        exam.found.add(Verdict.STATUS_STALE)
        exam.failed(purpose, f"list of {newest.as_of}: {exam.too_few(seen)}")
    elif newest.expires_at <= exam.now or _is_ahead(exam, newest):
        exam.found.add(Verdict.STATUS_STALE)
        exam.failed(purpose, f"clear as of {newest.as_of}, which is not now")
    else:
        exam.passed(purpose, f"clear as of {newest.as_of}")
