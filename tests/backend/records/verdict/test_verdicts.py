"""One case a verdict, and a stranger's hand at every part of a bundle."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.canonical import base64url
from backend.records.verdict.credential import Checked
from backend.records.verdict.jws import jwk_of
from backend.records.verdict.leaf import Kind
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust
from backend.records.verdict.verify import Examiner, Outcome, verify
from backend.records.verdict.words import CHECKS, MEANING, Verdict
from tests.backend.records.making import START
from tests.backend.records.verdict.world import ADDRESS, NOW, World, with_status

WORLD = World()
GOOD = WORLD.bundle()


def replaced(bundle: Bundle, **changes: Any) -> Bundle:
    return msgspec.structs.replace(bundle, **changes)


WARM = Examiner(WORLD.trust)
"""It has seen all the bundles of this page, the bad ones too."""


def judged(
    bundle: Bundle,
    trust: Trust | None = None,
    later: float = 0,
    newer: dict[str, StatusEvidence] | None = None,
) -> Outcome:
    """Through both doors, which must agree in every word."""
    now = NOW + timedelta(seconds=later)
    cold = verify(bundle, trust or WORLD.trust, now, newer_status=newer)
    examiner = Examiner(trust) if trust else WARM
    for _ in range(2):
        assert examiner.examine(bundle, now, newer_status=newer) == cold
    return cold


def verdict(bundle: Bundle, trust: Trust | None = None, later: float = 0) -> Verdict:
    return judged(bundle, trust, later).verdict


def test_a_record_as_it_left_the_issuer_is_valid_by_every_check() -> None:
    outcome = judged(GOOD)
    assert outcome.verdict is Verdict.VALID
    assert all(check.ok for check in outcome.checks)
    named = [check.name for check in outcome.checks]
    order = ["size", "header", "key", "signature", "claims", "schema", "times", "log"]
    assert named == [*order, "key-at-index", "revocation", "suspension", "refresh"]
    assert set(named) <= set(CHECKS)


def test_every_verdict_has_its_words() -> None:
    assert set(MEANING) == set(Verdict)


def unlogged() -> Bundle:
    world = World()
    world.record_key, world.status_key, world.log_key = (
        WORLD.record_key,
        WORLD.status_key,
        WORLD.log_key,
    )
    return replaced(world.bundle(), proof=None)


CASES: dict[str, tuple[Callable[[], Bundle], float, Verdict]] = {
    "a set revocation bit": (lambda: WORLD.bundle("revocation"), 0, Verdict.REVOKED),
    "a set suspension bit": (lambda: WORLD.bundle("suspension"), 0, Verdict.SUSPENDED),
    "a set refresh bit": (lambda: WORLD.bundle("refresh"), 0, Verdict.SUPERSEDED),
    "revoked outranks suspended": (
        lambda: WORLD.bundle("suspension", "revocation"),
        0,
        Verdict.REVOKED,
    ),
    "revoked stays revoked when the list is old": (
        lambda: WORLD.bundle("revocation"),
        9_000,
        Verdict.REVOKED,
    ),
    "a list older than its time": (lambda: GOOD, 300, Verdict.STATUS_STALE),
    "a list in its last second": (lambda: GOOD, 269, Verdict.VALID),
    "no list at all": (lambda: replaced(GOOD, status={}), 0, Verdict.STATUS_STALE),
    "one list missing": (
        lambda: replaced(GOOD, status={"revocation": GOOD.status["revocation"]}),
        0,
        Verdict.STATUS_STALE,
    ),
    "a list that is not in the log": (
        lambda: with_status(GOOD, revocation=StatusEvidence(WORLD.list("revocation"), b"")),
        0,
        Verdict.STATUS_STALE,
    ),
    "a list of another purpose": (
        lambda: with_status(GOOD, revocation=GOOD.status["suspension"]),
        0,
        Verdict.STATUS_STALE,
    ),
    "a list signed in the future": (
        lambda: with_status(
            GOOD, revocation=WORLD.published("revocation", at=NOW + timedelta(hours=1))
        ),
        0,
        Verdict.STATUS_STALE,
    ),
    "past its end": (
        lambda: WORLD.bundle(valid_until=START + timedelta(seconds=60)),
        30,
        Verdict.EXPIRED,
    ),
    "before its end": (
        lambda: WORLD.bundle(valid_until=START + timedelta(seconds=61)),
        30,
        Verdict.VALID,
    ),
    "before its beginning": (lambda: GOOD, -3_600, Verdict.UNKNOWN),
    "no proof": (lambda: replaced(GOOD, proof=None), 0, Verdict.NOT_LOGGED),
    "another entry's proof": (
        lambda: replaced(GOOD, proof=GOOD.status["revocation"].proof),
        0,
        Verdict.NOT_LOGGED,
    ),
    "signed but never logged": (unlogged, 0, Verdict.NOT_LOGGED),
    "another checkpoint beside the proof": (
        lambda: replaced(GOOD, checkpoint=b"training.example/log\n1\n"),
        0,
        Verdict.NOT_LOGGED,
    ),
    "signed by a stranger": (lambda: World().bundle(), 0, Verdict.UNTRUSTED_KEY),
    "not a token": (lambda: replaced(GOOD, record=b"hello"), 0, Verdict.TAMPERED),
    "an empty file": (lambda: replaced(GOOD, record=b""), 0, Verdict.TAMPERED),
    "a token of a megabyte": (lambda: replaced(GOOD, record=b"a" * 10**6), 0, Verdict.TAMPERED),
}


@pytest.mark.parametrize(("made", "later", "expected"), CASES.values(), ids=CASES.keys())
def test_verdict(made: Callable[[], Bundle], later: float, expected: Verdict) -> None:
    assert verdict(made(), later=later) is expected


def test_a_newer_list_counts_more_than_the_bundles_own() -> None:
    newer = {"revocation": WORLD.published("revocation", set_=True, at=NOW)}
    assert judged(GOOD, newer=newer).verdict is Verdict.REVOKED


def test_an_older_list_cannot_hide_a_revocation() -> None:
    old = {p: WORLD.published(p, at=START - timedelta(seconds=60)) for p in ("revocation",)}
    revoked = WORLD.bundle("revocation")
    assert judged(revoked, newer=old).verdict is Verdict.REVOKED


@pytest.mark.parametrize(
    ("purpose", "seconds", "expected"),
    [
        pytest.param("revocation", 0, Verdict.REVOKED, id="revoked, signed in one second"),
        pytest.param("suspension", 0, Verdict.SUSPENDED, id="suspended, signed in one second"),
        pytest.param("revocation", 1, Verdict.REVOKED, id="revoked is final"),
        pytest.param("refresh", 1, Verdict.SUPERSEDED, id="superseded is final"),
        pytest.param("suspension", 1, Verdict.VALID, id="suspended may have ended"),
    ],
)
def test_a_clear_list_beside_a_set_one(purpose: str, seconds: int, expected: Verdict) -> None:
    """Decisions and lists have whole seconds: a clear and a set list may have the same one."""
    clear = {purpose: WORLD.published(purpose, at=START + timedelta(seconds=seconds))}
    assert judged(WORLD.bundle(purpose), newer=clear).verdict is expected


AHEAD = {
    "a list dated ahead hides no suspension": (False, {"suspension"}, Verdict.SUSPENDED),
    "a list dated ahead makes no right one stale": (False, set[str](), Verdict.VALID),
    "a suspension dated ahead gives way to a right list": (True, set[str](), Verdict.VALID),
}


def beside_a_list_dated_ahead(name: str) -> tuple[Bundle, dict[str, StatusEvidence], Verdict]:
    """A bundle whose list was signed by a clock a day ahead, beside the right and older list."""
    set_, now_set, expected = AHEAD[name]
    ahead = WORLD.published("suspension", set_=set_, at=NOW + timedelta(days=1))
    right = {"suspension": WORLD.bundle(*now_set).status["suspension"]}
    return with_status(GOOD, suspension=ahead), right, expected


@pytest.mark.parametrize("name", AHEAD)
def test_a_list_that_is_dated_ahead_is_no_newer_one(name: str) -> None:
    bundle, right, expected = beside_a_list_dated_ahead(name)
    assert judged(bundle, newer=right).verdict is expected


def test_a_checkpoint_by_another_key_proves_nothing() -> None:
    jws = WORLD.signed(WORLD.payload())
    index = WORLD.logged(WORLD.issue_leaf(jws))
    proof = WORLD.proof(index, Ed25519PrivateKey.generate())
    assert verdict(replaced(GOOD, record=jws, proof=proof)) is Verdict.NOT_LOGGED


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param({"from_index": 10_000}, Verdict.UNTRUSTED_KEY, id="before it was announced"),
        pytest.param({"compromised_at_index": 0}, Verdict.UNTRUSTED_KEY, id="after it was stolen"),
        pytest.param({"compromised_at_index": 10_000}, Verdict.VALID, id="stolen only later"),
        pytest.param({"retired_at": "2026-03-03T00:00:00Z"}, Verdict.VALID, id="retired since"),
    ],
)
def test_a_key_counts_at_the_place_in_the_log(key: dict[str, Any], expected: Verdict) -> None:
    trust = WORLD.trust
    issuer = trust.issuers[0]
    changed = msgspec.structs.replace(issuer.record_keys[0], **key)
    issuer = msgspec.structs.replace(issuer, record_keys=[changed])
    assert verdict(GOOD, msgspec.structs.replace(trust, issuers=[issuer])) is expected


def test_a_trusted_key_cannot_speak_for_another_issuer() -> None:
    trust = WORLD.trust
    other = msgspec.structs.replace(trust.issuers[0], id="https://other.example/issuers/platform")
    changed = msgspec.structs.replace(trust, issuers=[other])
    assert verdict(GOOD, changed) is Verdict.UNTRUSTED_KEY


# --- a stranger's hand ------------------------------------------------------------------------


def resigned(header: dict[str, Any], payload: dict[str, Any] | None = None) -> Bundle:
    """A token with this header, signed with the true key, as far as that goes."""
    _, body, _ = GOOD.record.split(b".")
    claims = json.dumps(payload).encode() if payload else jwt.utils.base64url_decode(body)
    token = jwt.PyJWS().encode(claims, WORLD.record_key, algorithm="ES256")
    head = base64url(json.dumps(header).encode())
    signed = f"{head}.{token.split('.')[1]}"
    key = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
    signature = base64url(key.sign(signed.encode(), WORLD.record_key))
    return replaced(GOOD, record=f"{signed}.{signature}".encode())


KID = WORLD.kid(WORLD.record_key)
OWN = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": KID, "typ": "JWT"},
        {"alg": "HS256", "kid": KID, "typ": "JWT"},
        {"alg": "ES256", "kid": KID},
        {"alg": "ES256", "kid": KID, "typ": "jwt"},
        {"alg": "ES256", "kid": "key-1", "typ": "JWT"},
        {"alg": "ES256", "typ": "JWT"},
        {"alg": "ES256", "kid": KID, "typ": "JWT", "crit": ["exp"]},
        {
            "alg": "ES256",
            "kid": KID,
            "typ": "JWT",
            "jwk": msgspec.to_builtins(jwk_of(OWN.public_key())),
        },
    ],
    ids=lambda header: ",".join(f"{k}={str(v)[:12]}" for k, v in header.items()),
)
def test_a_header_with_anything_else_is_refused(header: dict[str, Any]) -> None:
    assert verdict(resigned(header)) is Verdict.TAMPERED


def test_a_member_given_twice_is_refused() -> None:
    head = base64url(f'{{"alg":"ES256","kid":"{KID}","kid":"{KID}","typ":"JWT"}}'.encode())
    record = f"{head}.{GOOD.record.decode().partition('.')[2]}".encode()
    assert verdict(replaced(GOOD, record=record)) is Verdict.TAMPERED


def claims() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jwt.utils.base64url_decode(GOOD.record.split(b".")[1]))
    return found


HEADER = {"alg": "ES256", "kid": KID, "typ": "JWT"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"iss": "https://x.example"}, Verdict.TAMPERED, id="another iss"),
        pytest.param({"jti": "urn:uuid:0"}, Verdict.TAMPERED, id="another jti"),
        pytest.param({"nbf": 0}, Verdict.TAMPERED, id="another nbf"),
        pytest.param({"exp": 9_999_999_999}, Verdict.TAMPERED, id="an exp of its own"),
        pytest.param({"vc": {}}, Verdict.UNKNOWN, id="a vc claim"),
        pytest.param({"exp": None}, Verdict.UNKNOWN, id="an end that is null"),
        pytest.param({"evidence": [], "type": []}, Verdict.UNKNOWN, id="lists of nothing"),
        pytest.param({"name": ""}, Verdict.UNKNOWN, id="no name"),
        pytest.param({"name": "undefined undefined"}, Verdict.UNKNOWN, id="a program's word"),
        pytest.param({"name": "王 NaN"}, Verdict.UNKNOWN, id="another, in capitals"),
        pytest.param({"name": "undef\u0131ned"}, Verdict.UNKNOWN, id="with a dotless i"),
        pytest.param({"name": "Nonesuch banana"}, Verdict.NOT_LOGGED, id="words that contain one"),
        pytest.param({"validFrom": "2026-03-02T01:00:00.5Z"}, Verdict.UNKNOWN, id="half a second"),
    ],
)
def test_signed_claims_that_are_not_ours(changes: dict[str, Any], expected: Verdict) -> None:
    assert verdict(resigned(HEADER, {**claims(), **changes})) is expected


def parts(bundle: Bundle) -> dict[str, bytes]:
    assert bundle.proof is not None
    status = {f"{p} jws": e.jws for p, e in bundle.status.items()}
    proofs = {f"{p} proof": e.proof for p, e in bundle.status.items()}
    return {"record": bundle.record, "proof": bundle.proof, **status, **proofs}


def rebuilt(members: dict[str, bytes]) -> Bundle:
    status = {p: StatusEvidence(members[f"{p} jws"], members[f"{p} proof"]) for p in GOOD.status}
    return Bundle(record=members["record"], proof=members["proof"], status=status)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_bundle_with_a_changed_byte_is_valid(data: st.DataObject) -> None:
    members = parts(GOOD)
    name = data.draw(st.sampled_from(sorted(members)))
    content = bytearray(members[name])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    changed = verdict(rebuilt({**members, name: bytes(content)}))
    assert changed is not Verdict.VALID
    if name == "record":
        assert changed in {Verdict.TAMPERED, Verdict.UNTRUSTED_KEY}
    elif name == "proof":
        assert changed is Verdict.NOT_LOGGED
    else:
        assert changed is Verdict.STATUS_STALE


@given(st.sampled_from(sorted(parts(GOOD))), st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_garbage_in_any_part_gives_a_verdict_and_never_an_error(name: str, junk: bytes) -> None:
    assert verdict(rebuilt({**parts(GOOD), name: junk})) is not Verdict.VALID


def test_the_mirrored_signature_is_not_accepted_in_place_of_the_logged_one() -> None:
    """ECDSA lets anyone turn (r, s) into (r, n-s): signed still, but not what was logged."""
    head, body, signature = GOOD.record.decode().split(".")
    raw = jwt.utils.base64url_decode(signature)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    mirrored = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    record = f"{head}.{body}.{base64url(mirrored)}".encode()
    assert verdict(replaced(GOOD, record=record)) is Verdict.NOT_LOGGED


def test_pyjwt_agrees_with_our_reading() -> None:
    public = WORLD.record_key.public_key()
    options: Any = {"verify_exp": False, "verify_nbf": False}
    decoded = jwt.decode(GOOD.record, public, algorithms=["ES256"], options=options)
    outcome = judged(GOOD)
    assert outcome.claims is not None
    assert decoded["credentialSubject"]["licenseNumber"] == (
        outcome.claims.credential_subject.license_number
    )
    header = jwt.get_unverified_header(GOOD.record)
    assert header == {"alg": "ES256", "kid": KID, "typ": "JWT"}


def test_unchecked_claims_cannot_become_a_signed_record() -> None:
    broken = {**claims(), "jti": "urn:uuid:something-else"}
    with pytest.raises(Refused):
        Checked(json.dumps(broken).encode())


def test_leaves_speak_of_hashes_and_random_ids_only() -> None:
    leaf = WORLD.issue_leaf(GOOD.record)
    assert set(json.loads(leaf.entry)) == {"v", "type", "ts", "kid", "sha256", "ref"}
    assert leaf.type is Kind.ISSUED
    assert ADDRESS in leaf.kid
