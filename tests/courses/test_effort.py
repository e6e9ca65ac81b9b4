from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from courses.effort import credit_seconds
from courses.format import Edition, Lesson


def lesson_of(edition: Edition, text: str, questions: int) -> Lesson:
    written = edition.lesson("M02-L01")
    return replace(written, text=text, check_questions=written.check_questions[:1] * questions)


def test_three_hundred_characters_are_a_minute_and_so_is_a_question(edition: Edition) -> None:
    assert credit_seconds(lesson_of(edition, "字" * 300, 2), 100) == 60 + 2 * 60 + 100


def test_blanks_are_not_read(edition: Edition) -> None:
    assert credit_seconds(lesson_of(edition, " \n\t" * 500, 0), 0) == 0


@given(
    text=st.integers(0, 5000),
    questions=st.integers(0, 20),
    seconds=st.integers(-10, 10_000),
    more=st.integers(0, 1000),
)
def test_credit_is_bounded_and_never_falls_with_more_effort(
    edition: Edition, text: int, questions: int, seconds: int, more: int
) -> None:
    credit = credit_seconds(lesson_of(edition, "字" * text, questions), seconds)
    assert 0 <= credit <= 900
    for greater in (
        credit_seconds(lesson_of(edition, "字" * (text + more), questions), seconds),
        credit_seconds(lesson_of(edition, "字" * text, questions + more), seconds),
        credit_seconds(lesson_of(edition, "字" * text, questions), seconds + more),
    ):
        assert greater >= credit
