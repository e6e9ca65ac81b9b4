import re
from contextlib import nullcontext
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.records.deciding.domain import (
    DECIDABLE,
    Decider,
    OwnRecord,
    UnprovenPerson,
    check_decision,
    check_two_people,
)
from backend.records.domain import (
    SYMBOLS,
    AlreadyDecided,
    Holder,
    NoSuchRecord,
    ReasonMissing,
    SamePerson,
    State,
    checked_reason,
    is_number,
    masked_name,
    new_code,
    new_number,
    state_of,
    typed_code,
    why_waiting,
)
from tests.backend.records.making import some_facts

draws = st.randoms(use_true_random=False)
han = st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1)


@given(draws)
def test_a_number_checks_itself(chance: "st.randoms") -> None:  # type: ignore[valid-type]
    number = new_number(2026, lambda below: chance.randrange(below))  # type: ignore[attr-defined]
    assert is_number(number)
    assert re.fullmatch(r"GB-2026-\w{4}-\w{4}-\w", number)


@given(st.integers(0, 10**12), st.data())
def test_one_wrong_sign_or_two_swapped_ones_are_found(seed: int, data: st.DataObject) -> None:
    signs = [SYMBOLS[seed // 31**i % 31] for i in range(8)]
    order = iter(signs)
    number = new_number(2026, lambda _: SYMBOLS.index(next(order)))
    at = data.draw(st.sampled_from([i for i in range(8, len(number)) if number[i] != "-"]))
    other = data.draw(st.sampled_from(sorted(set(SYMBOLS) - {number[at]})))
    assert not is_number(number[:at] + other + number[at + 1 :])
    for i in range(8, 11):
        swapped = number[:i] + number[i + 1] + number[i] + number[i + 2 :]
        assert swapped == number or not is_number(swapped)


def test_codes_are_too_many_to_try() -> None:
    assert len(SYMBOLS) ** len(new_code(lambda _: 0)) >= 2**60
    assert not set("IOSVZ") & set(SYMBOLS)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王*明"),
        ("张三", "张*"),
        ("欧阳娜娜", "欧**娜"),
        ("李", "*"),
        ("王 小明", "王*明"),
        ("阿卜杜拉·买买提", "阿***提"),
        ("𠮷田", "𠮷*"),
        ("Maria Lopez", "M*** L***"),
        ("Cher", "C***"),
        ("J Doe", "* D***"),
        ("  ", "*"),
    ],
)
def test_masked_name(name: str, masked: str) -> None:
    assert masked_name(name) == masked


@given(han)
def test_a_mask_shows_at_most_two_signs_of_a_chinese_name(name: str) -> None:
    assert len(masked_name(name).replace("*", "")) <= min(2, len(name) - 1)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L"]), min_size=2))
def test_a_mask_shows_one_letter_of_a_word(name: str) -> None:
    assert masked_name(name) == f"{name[0]}***"


@pytest.mark.parametrize(
    ("verified", "method", "demonstration", "why"),
    [
        (True, "counter", False, None),
        (True, "null", True, None),
        (False, None, False, "identity-not-verified"),
        (False, None, True, "identity-not-verified"),
        (True, "null", False, "identity-verified-for-demonstration-only"),
        (True, None, False, "identity-verified-for-demonstration-only"),
        (True, "", False, "identity-verified-for-demonstration-only"),
    ],
)
def test_why_waiting(
    verified: bool, method: str | None, demonstration: bool, why: str | None
) -> None:
    holder = Holder(name="王小明", identity_verified=verified, identity_method=method)
    assert why_waiting(some_facts(UUID(int=1), demonstration=demonstration), holder) == why


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["issued"], State.ISSUED),
        (["issued", "suspended"], State.SUSPENDED),
        (["issued", "suspended", "reinstated"], State.ISSUED),
        (["issued", "suspended", "revoked"], State.REVOKED),
        (["issued", "revoked", "reinstated"], State.REVOKED),
        (["issued", "superseded"], State.SUPERSEDED),
    ],
    ids=lambda value: "→".join(value) if isinstance(value, list) else str(value),
)
def test_state_after_events(kinds: list[str], state: State) -> None:
    assert state_of(kinds) is state


A, B, HOLDER = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.mark.parametrize(
    ("proposer", "approver", "demonstration", "refused"),
    [
        (Decider(id=A, proven=True), Decider(id=A, proven=True), False, SamePerson),
        (Decider(id=A, proven=True), Decider(id=A, proven=True), True, SamePerson),
        (Decider(id=A, proven=True), Decider(id=B, proven=False), False, UnprovenPerson),
        (Decider(id=A, proven=False), Decider(id=B, proven=True), False, UnprovenPerson),
        (Decider(id=A, proven=False), Decider(id=B, proven=False), True, None),
        (Decider(id=A, proven=True), Decider(id=B, proven=True), False, None),
    ],
    ids=[
        "one account, twice",
        "one account, even for a demonstration",
        "a second account that nobody knows",
        "a first account that nobody knows",
        "a demonstration, by demonstration people",
        "two people whose identity was checked",
    ],
)
def test_two_accounts_are_not_two_people(
    proposer: Decider, approver: Decider, demonstration: bool, refused: type[Exception] | None
) -> None:
    with nullcontext() if refused is None else pytest.raises(refused):
        check_two_people(proposer, approver, demonstration=demonstration)


@given(kind=st.sampled_from(sorted(DECIDABLE)), state=st.sampled_from(State))
def test_what_is_final_stays_and_what_is_not_so_cannot_be_ended(kind: str, state: State) -> None:
    possible = state in DECIDABLE[kind]
    with nullcontext() if possible else pytest.raises(AlreadyDecided):
        check_decision(kind, state, holder=HOLDER, deciders=[A])
    if state in {State.REVOKED, State.SUPERSEDED}:
        assert not possible
    with pytest.raises(OwnRecord):
        check_decision(kind, state, holder=HOLDER, deciders=[A, HOLDER])


def test_a_reason_is_needed() -> None:
    assert checked_reason("  替考，  经查实 ") == "替考， 经查实"
    with pytest.raises(ReasonMissing):
        checked_reason(" 无 ")
    with pytest.raises(ReasonMissing):
        checked_reason("a reason with a \x00 in it")


@pytest.mark.parametrize(
    "text", ["", "x", "\x00" * 13, "核" * 13, "GB-2026-0000-0000-1", "A" * 999]
)
def test_what_cannot_be_a_code_is_not_looked_for(text: str) -> None:
    with pytest.raises(NoSuchRecord):
        typed_code(text)


def test_a_code_is_read_as_people_type_it() -> None:
    assert typed_code(" 7k2m9q4tabcde ") == "7K2M9Q4TABCDE"
    assert typed_code("７K2M-9Q4T ABCDE") == "7K2M9Q4TABCDE"
    assert typed_code("ZOISVABCDEFGH") == "2015UABCDEFGH"


@given(draws, st.sampled_from(["", " ", "-", "–", "　"]))
def test_a_number_is_read_however_it_is_divided(
    chance: "st.randoms",  # type: ignore[valid-type]
    between: str,
) -> None:
    number = new_number(2026, lambda below: chance.randrange(below))  # type: ignore[attr-defined]
    assert typed_code(between.join(number.replace("-", "").lower())) == number
