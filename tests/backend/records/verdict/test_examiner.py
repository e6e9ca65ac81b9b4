"""One examiner for many records says what a cold `verify` says, whatever it has seen before."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.records.verdict.bundle import Bundle, StatusEvidence
from backend.records.verdict.opened import Opened
from backend.records.verdict.refusal import Refused
from backend.records.verdict.status_list import PURPOSES
from backend.records.verdict.verify import ABREAST, Examiner, verify
from backend.records.verdict.words import Verdict
from tests.backend.records.making import START
from tests.backend.records.verdict.world import NOW, World, with_status

WORLD = World()
BATCH = WORLD.bundles(5)
REVOKED, STRANGER = WORLD.bundle("revocation"), World().bundle()
WITHOUT_LISTS = msgspec.structs.replace(BATCH[0], status={})
SEEN = [*BATCH, REVOKED, STRANGER, WITHOUT_LISTS]
WARM = Examiner(WORLD.trust)
PARTS = ["record", "proof", *(f"{p} {part}" for p in PURPOSES for part in ("jws", "proof"))]


def flipped(content: bytes, at: float, mask: int) -> bytes:
    changed = bytearray(content)
    changed[int(at * len(content))] ^= mask
    return bytes(changed)


def tampered(bundle: Bundle, part: str, at: float = 0.5, mask: int = 1) -> Bundle:
    if part in {"record", "proof"}:
        content = flipped(getattr(bundle, part), at, mask)
        return msgspec.structs.replace(bundle, **{part: content})
    purpose, member = part.split()
    evidence = bundle.status[purpose]
    content = flipped(getattr(evidence, member), at, mask)
    return with_status(bundle, **{purpose: msgspec.structs.replace(evidence, **{member: content})})


@st.composite
def presented(draw: st.DrawFn) -> tuple[Bundle, float]:
    """A bundle, perhaps with a part of another one or a changed byte, and when it is shown."""
    bundle = draw(st.sampled_from(SEEN))
    other = draw(st.sampled_from(SEEN))
    change = draw(st.sampled_from(["nothing", "byte", "lists", "purposes", "proof"]))
    if change == "byte" and bundle.status:
        at = draw(st.floats(0, 1, exclude_max=True))
        bundle = tampered(bundle, draw(st.sampled_from(PARTS)), at, draw(st.integers(1, 255)))
    elif change == "lists":
        bundle = msgspec.structs.replace(bundle, status=other.status)
    elif change == "purposes" and other.status:
        bundle = with_status(bundle, revocation=other.status["suspension"])
    elif change == "proof":
        bundle = msgspec.structs.replace(bundle, proof=other.proof)
    return bundle, draw(st.sampled_from([0, 0, 269, 270, 9_000, -3_600]))


@given(st.lists(presented(), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_warm_examiner_never_disagrees_with_a_cold_verify(
    shown: list[tuple[Bundle, float]],
) -> None:
    fresh = Examiner(WORLD.trust)
    for bundle, later in shown:
        now = NOW + timedelta(seconds=later)
        cold = verify(bundle, WORLD.trust, now)
        assert WARM.examine(bundle, now) == cold
        assert fresh.examine(bundle, now) == cold


@given(st.lists(presented(), max_size=2 * ABREAST + 1), st.sampled_from([0, 269, 9_000]))
@settings(max_examples=40, deadline=None)
def test_records_that_take_their_steps_together_are_judged_as_if_alone(
    shown: list[tuple[Bundle, float]], later: float
) -> None:
    now, bundles = NOW + timedelta(seconds=later), [bundle for bundle, _ in shown]
    alone = [verify(bundle, WORLD.trust, now) for bundle in bundles]
    assert Examiner(WORLD.trust).examine_all(bundles, now) == alone


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("first", ["the good one first", "the tampered one first"])
def test_a_tampered_part_neither_spoils_nor_borrows_what_is_remembered(
    part: str, first: str
) -> None:
    examiner, good, bad = Examiner(WORLD.trust), BATCH[0], tampered(BATCH[0], part)
    if first.startswith("the good"):
        assert examiner.examine(good, NOW).verdict is Verdict.VALID
    for _ in range(2):
        assert examiner.examine(bad, NOW).verdict is not Verdict.VALID
    assert examiner.examine(good, NOW).verdict is Verdict.VALID


def test_records_of_one_list_have_bits_of_their_own() -> None:
    """The list is remembered; whose bit is set is asked for each record."""
    world = World()
    first, second = world.bundles(2)  # the identity is now that of the second
    status = {p: world.published(p, set_=p == "revocation") for p in PURPOSES}
    examiner = Examiner(world.trust)
    verdicts = [
        examiner.examine(msgspec.structs.replace(bundle, status=status), NOW).verdict
        for bundle in (first, second, first)
    ]
    assert verdicts == [Verdict.VALID, Verdict.REVOKED, Verdict.VALID]


def test_freshness_is_judged_at_the_moment_of_each_question() -> None:
    examiner = Examiner(WORLD.trust)
    ages = [0, 270, 0, -3_600]
    verdicts = [examiner.examine(BATCH[0], NOW + timedelta(seconds=age)).verdict for age in ages]
    assert verdicts == [Verdict.VALID, Verdict.STATUS_STALE, Verdict.VALID, Verdict.UNKNOWN]


def test_an_examiner_goes_by_its_own_pins_only() -> None:
    ours, theirs = Examiner(WORLD.trust), Examiner(World().trust)
    assert ours.examine(BATCH[0], NOW).verdict is Verdict.VALID
    assert theirs.examine(BATCH[0], NOW).verdict is Verdict.UNTRUSTED_KEY


def test_a_process_keeps_one_examiner_for_equal_pins() -> None:
    assert Examiner.of(WORLD.trust) is Examiner.of(WORLD.trust)
    issuer = WORLD.trust.issuers[0]
    stolen = msgspec.structs.replace(issuer.record_keys[0], compromised_at_index=0)
    issuer = msgspec.structs.replace(issuer, record_keys=[stolen])
    changed = msgspec.structs.replace(WORLD.trust, issuers=[issuer])
    assert Examiner.of(WORLD.trust).examine(BATCH[0], NOW).verdict is Verdict.VALID
    assert Examiner.of(changed).examine(BATCH[0], NOW).verdict is Verdict.UNTRUSTED_KEY


def test_what_is_remembered_is_bounded_and_refusals_are_not_kept() -> None:
    opened, issuer = Opened(WORLD.trust), WORLD.trust.issuers[0]
    jws = WORLD.list("revocation")
    for number in range(200):
        junk = StatusEvidence(jws, str(number).encode())
        assert opened.status_list(issuer, "revocation", 1, junk).unlogged
        with pytest.raises(Refused):
            opened.checkpoint(f"junk {number}")
    assert opened.lists.cache_info().currsize == opened.lists.cache_info().maxsize == 64
    assert opened.checkpoint.cache_info().currsize == 0


def test_a_list_signed_before_the_key_was_announced_is_never_remembered_as_published() -> None:
    issuer = WORLD.trust.issuers[0]
    late = msgspec.structs.replace(issuer.status_keys[0], from_index=10_000)
    issuer = msgspec.structs.replace(issuer, status_keys=[late])
    trust = msgspec.structs.replace(WORLD.trust, issuers=[issuer])
    examiner = Examiner(trust)
    for bundle in (*BATCH, BATCH[0]):
        assert examiner.examine(bundle, START).verdict is Verdict.STATUS_STALE
