import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.organisations.credit_codes import (
    ALPHABET,
    CreditCodeNotValid,
    check_character,
    typed_credit_code,
)

FIRST_17 = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", ["914403001922038216", "9144030071526726XG"])
def test_codes_of_real_licences_are_valid(code: str) -> None:
    assert typed_credit_code(code) == code


def test_the_check_character_of_the_standard_s_example_is_3() -> None:
    assert check_character("91350100M000100Y4") == "3"


@given(FIRST_17, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_changed_character_is_caught(first: str, place: int, other: str) -> None:
    code = first + check_character(first)
    assert typed_credit_code(code) == code
    changed = code[:place] + other + code[place + 1 :]
    if changed != code:
        with pytest.raises(CreditCodeNotValid):
            typed_credit_code(changed)


@given(FIRST_17)
def test_full_width_lower_case_and_spaced_out_it_is_the_same_code(first: str) -> None:
    code = first + check_character(first)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code.lower())
    assert unicodedata.normalize("NFKC", wide) == code.lower()
    assert typed_credit_code(f" {wide[:6]} {wide[6:]}-") == code


@pytest.mark.parametrize(("letter", "meant"), [("O", "0"), ("i", "1"), ("S", "5"), ("ｚ", "2")])
def test_a_letter_that_no_code_has_is_named_with_what_was_meant(letter: str, meant: str) -> None:
    with pytest.raises(CreditCodeNotValid) as refused:
        typed_credit_code("91440300192203821" + letter)
    assert f"→ {meant}" in refused.value.fields["code"]


@given(st.text(max_size=30))
def test_whatever_else_is_typed_is_refused_and_nothing_breaks(text: str) -> None:
    with suppress(CreditCodeNotValid):
        assert len(typed_credit_code(text)) == 18
