from hypothesis import given
from hypothesis import strategies as st

from backend.organisations.spreadsheets import harmless

COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNSEEN = " \u00a0\u3000\u0085\u200b\ufeff"


@given(st.text(st.sampled_from([*COMPUTED, *UNSEEN, "a", "学"]), max_size=6))
def test_no_cell_begins_as_a_formula_and_other_texts_stay(text: str) -> None:
    cell = harmless(text)
    assert not cell.lstrip(UNSEEN).startswith(COMPUTED)
    assert cell in (text, f"'{text}")
