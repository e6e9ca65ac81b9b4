from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from courses.items.wording import normalised, read_number

FULL_WIDTH = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)} | {" ": "\u3000"})
FEW = settings(max_examples=40)
TYPED = st.text(st.sampled_from("aZ1证 \"'.,;:!?。《》“-—é"), max_size=10)


@FEW
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12))
def test_a_text_in_full_width_is_the_same_text(text: str) -> None:
    assert normalised(text.translate(FULL_WIDTH)) == normalised(text)


@FEW
@given(TYPED)
def test_what_is_normal_stays_so(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@FEW
@given(st.decimals(-(10**9), 10**9, places=3))
def test_a_number_is_read_exactly_however_it_is_typed(number: Decimal) -> None:
    assert read_number(f"{number:f}") == (Fraction(number), "")
    assert read_number(f"{number:,f}".translate(FULL_WIDTH)) == (Fraction(number), "")
    assert read_number(f" {number:f} 元") == (Fraction(number), "元")


@FEW
@given(st.text(st.sampled_from("0123.,+-−eE ²５．，%g½①\0"), max_size=12))
def test_no_text_is_too_strange_to_be_read_or_left(text: str) -> None:
    found = read_number(text)
    assert found is None or isinstance(found[0], Fraction)
