"""Ten thousand bundles by a stranger's hand: the twins never disagree, and never accept what the
software of others refuses. Half of the shots are the same in each run, half are new."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import joserfc.jws
import jsonschema_rs
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import import_key
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier

from backend.records.verdict.canonical import from_base64url, parse_canonical
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import Bits
from backend.records.verdict.trust import parse_trust
from backend.records.verdict.words import Verdict
from tests.backend.records.vectors import SHARED
from tests.backend.records.verdict import mutations, packings
from tests.backend.records.verdict.crossfire import Crossfire, payload_of
from tests.backend.records.verdict.twins import Case, Python, Twin, javascript_twin, plain

SHOTS = {"tokens": 2_000, "headers": 350, "claims": 350, "proofs": 850, "lists": 200}
SHOTS["cosigned"] = 100
ZIPS, BITS, ENTRIES, PINS = 300, 200, 500, 150
NEW_SEED = int.from_bytes(os.urandom(4))


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with javascript_twin() as started:
        yield started


@pytest.fixture(scope="module", params=[29_490, NEW_SEED], ids=["the same shots", "new shots"])
def fire(request: pytest.FixtureRequest) -> Crossfire:
    print("seed", request.param)  # shown when a test fails
    return Crossfire(request.param)


def test_the_shots_are_ten_thousand() -> None:
    assert 2 * (sum(SHOTS.values()) + ZIPS + BITS + ENTRIES + PINS) >= 10_000


def test_the_twins_agree_in_every_word_and_accept_nothing_that_others_refuse(
    fire: Crossfire, twin: Twin
) -> None:
    ours, bundles = Python(), fire.cases(SHOTS)
    answers = twin.examine(bundles)
    outcomes = [ours.outcome(case) for case in bundles]
    for case, outcome, theirs in zip(bundles, outcomes, answers(), strict=True):
        assert plain(outcome) == theirs, case.shown
    assert {o.verdict for o in outcomes} >= set(Verdict) - {Verdict.EXPIRED, Verdict.SUPERSEDED}
    signed = {
        case.shown.record: outcome.claims is not None
        for case, outcome in zip(bundles, outcomes, strict=True)
        if any(check.ok and check.name == "signature" for check in outcome.checks)
        and not isinstance(case.shown, bytes)
    }
    assert len(signed) > 50
    others_agree(fire, twin, signed)


def others_agree(fire: Crossfire, twin: Twin, signed: dict[bytes, bool]) -> None:
    """`signed`: what our signature check let pass, and whether its claims passed too."""
    schema = SHARED / "schemas" / "ob_v3p0_achievementcredential_schema.json"
    validator = schema.exists() and jsonschema_rs.validator_for(json.loads(schema.read_text()))
    by_alg = {alg: pem_of(key.public_key()) for alg, _, key in fire.keys}
    keys = {alg: import_key(pem, KTY[alg]) for alg, pem in by_alg.items()}
    badges = {alg: OB3Verifier(pem) for alg, pem in by_alg.items()}
    jwks = dict(zip(KTY, (key.jwk for key in fire.trust.issuers[0].record_keys), strict=True))
    algs = {record: alg_of(record) for record in signed}
    assert set(algs.values()) == set(KTY)
    sent = [
        {"jwk": msgspec.to_builtins(jwks[alg]), "alg": alg, "record": twin.blob(record)}
        for record, alg in algs.items()
    ]
    assert all(twin.ask("jose", sent))
    for record, alg in algs.items():
        joserfc.jws.deserialize_compact(record, keys[alg], algorithms=[alg])
        if signed[record]:
            claims = json.loads(payload_of(record))
            if validator:
                validator.validate(claims)
            if "exp" not in claims:  # it asks this machine's clock
                badges[alg].verify(record.decode())


KTY: dict[str, Literal["EC", "RSA"]] = {"ES256": "EC", "RS256": "RSA"}


def alg_of(record: bytes) -> str:
    return str(json.loads(from_base64url(record.partition(b".")[0]))["alg"])


def pem_of(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_zips_are_read_alike(fire: Crossfire, twin: Twin) -> None:
    ours, zips = Python(), [fire.zip() for _ in range(ZIPS)]
    answers = twin.examine(zips)
    found = [plain(ours.outcome(case)) for case in zips]
    assert found == answers()
    assert Counter(told["verdict"] for told in found)["valid"] > 10


def refused(work: Any) -> dict[str, Any]:
    try:
        return {"given": work()}
    except Refused as error:
        return {"refused": str(error).partition(":")[0]}


def test_packed_bits_are_read_alike(fire: Crossfire, twin: Twin) -> None:
    texts = [packings.packed_bits(fire.dice, fire.some_bits()) for _ in range(BITS)]
    asked = [{"text": text, "index": fire.dice.randrange(131_072)} for text in texts]
    ours = [refused(lambda of=of: Bits.decode(of["text"])[of["index"]]) for of in asked]
    assert ours == twin.ask("bits", asked)
    assert sum("given" in answer for answer in ours) > 10


def test_entries_are_canonical_for_both_or_for_neither(fire: Crossfire, twin: Twin) -> None:
    entry = fire.world.entries[0]
    texts = [mutations.claims(fire.dice, entry) for _ in range(ENTRIES - 50)]
    texts += [mutations.nudged(fire.dice, entry) for _ in range(50)]
    ours = [refused(lambda text=text: bool(parse_canonical(text)) or True) for text in texts]
    theirs = twin.ask("canonical", [{"content": twin.blob(text)} for text in texts])
    assert ours == [
        {**answer, **({"given": True} if "given" in answer else {})} for answer in theirs
    ]


def test_pins_are_whole_for_both_or_for_neither(fire: Crossfire, twin: Twin) -> None:
    pins = msgspec.json.encode(fire.trust)
    texts = [mutations.claims(fire.dice, pins) for _ in range(PINS)]
    ours = [refused(lambda text=text: bool(parse_trust(text))) for text in texts]
    theirs = twin.ask("trust", [{"content": twin.blob(text)} for text in texts])
    assert [set(answer) for answer in ours] == [set(answer) for answer in theirs]


def test_another_reader_of_open_badges_takes_our_record_and_not_a_changed_one(twin: Twin) -> None:
    fire = Crossfire(1)
    pem = pem_of(fire.world.record_key.public_key())
    record = fire.good.record.decode()
    read = OB3Verifier(pem).verify(record)
    assert read.issuer.id == fire.trust.issuers[0].id
    head, body, signature = record.split(".")
    with pytest.raises(OB3VerificationError):
        OB3Verifier(pem).verify(f"{head}.{body[:40]}A{body[41:]}.{signature}")
    shown = Case(shown=fire.good, trust=fire.trust, now=fire.cases({"tokens": 1})[0].now)
    assert twin.examine([shown])() == [plain(Python().outcome(shown))]
