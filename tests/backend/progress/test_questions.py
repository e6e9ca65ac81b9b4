"""Questions of presence checks: the lesson's own words, and nobody else's."""

import random

import pytest

from backend.progress.presence.questions import OPTIONS, question, sentences
from courses.format import Lesson
from tests.courses import current_edition

LESSONS = [lesson for module in current_edition().modules for lesson in module.lessons]
WRITTEN = [lesson for lesson in LESSONS if lesson.written]


def test_sentences_are_whole_and_without_their_marks() -> None:
    text = "# 标题不算一句话，不算。\n\n- **专利**是一种需要申请才能取得的权利。短。\n\n没有句号"
    assert sentences(text) == ["专利是一种需要申请才能取得的权利。"]


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.code)
def test_exactly_one_option_stands_in_the_lesson_s_text(lesson: Lesson) -> None:
    plain, draw = lesson.text.replace("**", ""), random.Random(7)
    places = set()
    for _ in range(40):
        asked = question(lesson, LESSONS, draw.randrange)
        inside = [option.id for option in asked.options if option.text in plain]
        assert (len(asked.options), inside) == (OPTIONS, [asked.right])
        places.add(asked.right)
    assert places == set("ABCD"), "the right one stands anywhere"


def test_a_lesson_without_text_is_asked_for_by_its_title() -> None:
    bare = next(lesson for lesson in LESSONS if not lesson.text)
    asked = question(bare, LESSONS, random.Random(7).randrange)
    titles = {option.id: option.text for option in asked.options}
    assert titles[asked.right] == bare.title.zh
