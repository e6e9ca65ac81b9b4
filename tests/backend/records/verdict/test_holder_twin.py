"""The page's reader of a holder's file beside ours, on files by a stranger's hand: they agree in
every word, and read nothing out of a file that the software of others refuses."""

import os
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
import rfc8785

from backend.records.holder.domain import FIELDS, HolderDraft
from backend.records.signing import sign_holder
from backend.records.verdict.canonical import base64url, canonical
from backend.records.verdict.holder import disclosure_digest, read_holder
from backend.records.verdict.refusal import Refused
from backend.records.verdict.trust import Trust
from tests.backend.records import test_holder as holder
from tests.backend.records.verdict import holder_cases, mutations
from tests.backend.records.verdict.twins import Twin, javascript_twin
from tests.backend.records.verdict.world import World

NEW_SEED = int.from_bytes(os.urandom(4))
SHOTS = 300


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with javascript_twin() as started:
        yield started


def ours(compact: bytes, pins: Trust) -> dict[str, Any]:
    try:
        held = read_holder(compact, holder.RECORD, holder.RECORD_ID, pins)
    except Refused as refused:
        return {"refused": str(refused)}
    said = {name: plain(value) for name, value in held.said.items()}
    return {"given": {"said": said, "issuer": held.issuer, "issuedAt": str(held.issued_at)}}


def plain(value: Any) -> str:
    """Canonical JSON; of a number too large for that only that it is one."""
    try:
        return canonical(value).decode()
    except rfc8785.CanonicalizationError:
        return "beyond"


def theirs(twin: Twin, compacts: list[bytes], pins: Trust) -> list[dict[str, Any]]:
    common = {
        "trust": twin.blob(msgspec.json.encode(pins)),
        "record": twin.blob(holder.RECORD),
        "recordId": holder.RECORD_ID,
    }
    return twin.ask("holder", [{**common, "compact": twin.blob(one)} for one in compacts])


def test_both_read_the_file_of_cases_as_it_was_read_when_it_was_made(twin: Twin) -> None:
    pins, record, record_id, cases = holder_cases.read()
    common = {"trust": twin.blob(msgspec.json.encode(pins)), "record": twin.blob(record)}
    asked = [
        {**common, "recordId": record_id, "compact": twin.blob(case["compact"].encode())}
        for case in cases
    ]
    for case, answer in zip(cases, twin.ask("holder", asked), strict=True):
        if "refused" in case:
            assert answer == {"refused": case["refused"]}, case["name"]
            with pytest.raises(Refused, match=re.escape(case["refused"])):
                read_holder(case["compact"].encode(), record, record_id, pins)
        else:
            read = read_holder(case["compact"].encode(), record, record_id, pins).said
            assert read == case["said"], case["name"]
            assert answer["given"]["said"] == {n: plain(v) for n, v in read.items()}, case["name"]


def test_both_read_what_is_right_and_refuse_what_is_not_in_the_same_words(twin: Twin) -> None:
    pins = holder.WORLD.trust
    draft = holder.made()
    right = [holder.signed(draft, show) for show in (FIELDS, ("name",), ("score", "employer"), ())]
    right += [b" \n" + right[0] + b"\r\n\x0b"]
    wrong = [holder.REFUSED[name]() for name in holder.REFUSED]
    answers = theirs(twin, [*right, *wrong], pins)
    assert answers == [ours(one, pins) for one in [*right, *wrong]]
    assert ["given" in answer for answer in answers] == [True] * len(right) + [False] * len(wrong)
    key = msgspec.structs.replace(pins.issuers[0].record_keys[0], compromised_at_index=9)
    issuer = msgspec.structs.replace(pins.issuers[0], record_keys=[key])
    stolen = msgspec.structs.replace(pins, issuers=[issuer])
    assert theirs(twin, right, stolen) == [ours(one, stolen) for one in right]


@pytest.mark.parametrize("seed", [29_490, NEW_SEED], ids=["the same shots", "new shots"])
def test_files_by_a_stranger_s_hand_are_read_alike(seed: int, twin: Twin) -> None:
    print("seed", seed)  # shown when a test fails
    dice, pins = Random(seed), holder.WORLD.trust
    shots = [shot(dice) for _ in range(SHOTS)]
    told = [ours(one, pins) for one in shots]
    assert theirs(twin, shots, pins) == told
    believed = [one.strip() for one, answer in zip(shots, told, strict=True) if "given" in answer]
    assert 10 < len(believed) < SHOTS
    for one, seen in zip(believed, holder.by_the_other_program(believed), strict=True):
        assert "refused" not in seen, one


def shot(dice: Random) -> bytes:
    kinds = [nudged, shuffled, header, claims, disclosed, retold, shuffled]
    return dice.choice(kinds)(dice)


def nudged(dice: Random) -> bytes:
    return mutations.nudged(dice, holder.signed(holder.made()))


def shuffled(dice: Random) -> bytes:
    """Disclosures in another order, doubled, lost, or lent by another file."""
    signed, *rest = holder.signed(holder.made()).split(b"~")[:-1]
    foreign = holder.signed(holder.made()).split(b"~")[1:-1]
    pool = rest if dice.random() < 0.7 else [*rest, *foreign, b"", b"e30"]
    return b"~".join([signed, *dice.sample(pool, dice.randrange(len(pool) + 1)), b""])


def retold(dice: Random) -> bytes:
    signed, *rest = holder.signed(holder.made()).split(b"~")
    other = holder.WORLD.signed(holder.WORLD.payload())
    return b"~".join([mutations.retold(dice, signed, other), *rest])


def header(dice: Random) -> bytes:
    key = holder.WORLD.record_key
    kid, stranger = holder.WORLD.kid(key), World().kid(key)
    told = mutations.header(dice, "ES256", kid, stranger)
    if dice.random() < 0.7:
        told = told.replace(b'"JWT"', b'"dc+sd-jwt"')
    return token(told, msgspec.json.encode(holder.made().claims))


def claims(dice: Random) -> bytes:
    return token(right_header(), mutations.claims(dice, msgspec.json.encode(holder.made().claims)))


def right_header() -> bytes:
    kid = holder.WORLD.kid(holder.WORLD.record_key)
    return msgspec.json.encode({"alg": "ES256", "kid": kid, "typ": "dc+sd-jwt"})


def token(told: bytes, payload: bytes) -> bytes:
    return mutations.token(told, payload, holder.WORLD.record_key) + b"~"


def disclosed(dice: Random) -> bytes:
    """What an issuer that lost its mind might have signed."""
    words = [*mutations.TEXTS, *mutations.NUMBERS, *mutations.WORDS]
    name = dice.choice([*(f'"{field}"' for field in FIELDS), *words])
    values = [dice.choice(words), dice.choice(['{"a":1,"a":2}', "[1,[2]]", '{"name":"x"}'])]
    content = f'["{dice.randrange(9)}",{name},{dice.choice(values)}]'.encode()
    if dice.random() < 0.2:
        content = mutations.nudged(dice, content)
    disclosure = base64url(content).encode()
    draft = holder.made()
    digests = [*draft.claims.digests[1:], disclosure_digest(disclosure)]
    signed = msgspec.structs.replace(draft.claims, digests=digests)
    key = holder.WORLD.record_key
    compact = HolderDraft(signed, {}).compact(sign_holder(signed, key, holder.WORLD.kid(key)), ())
    return compact + disclosure + b"~"
