from msgspec.structs import replace

from backend.curriculum.opening import why_not_open
from courses.format import Edition
from courses.programmes import lessons_of
from tests.courses import current_edition
from tests.courses.full import in_full

EDITION: Edition = current_edition()
DEMO = EDITION.programme("DEMO")
FULL = in_full(EDITION)
"""Only lectures are missing."""


def test_a_programme_being_written_names_the_first_lesson_missing() -> None:
    programme = EDITION.programme("TR-IA")
    reason = why_not_open(EDITION, programme, lectures={})
    assert reason is not None
    assert reason.en.startswith("Being written: M15-L01 and ")
    assert reason.zh.startswith("内容编写中：M15-L01 等")


def test_lectures_alone_do_not_open_what_is_not_written() -> None:
    programme = EDITION.programme("LEAD")
    lectures = {lesson.code: 900 for lesson in lessons_of(EDITION, programme)}
    assert why_not_open(EDITION, programme, lectures) is not None


def test_a_written_programme_waits_for_its_lectures() -> None:
    reason = why_not_open(EDITION, DEMO, lectures={"M02-L02": 900})
    assert reason is not None
    assert reason.en == "M02-L01 and 0 more lessons have no playable lecture yet"


def test_a_written_programme_with_lectures_and_items_is_open() -> None:
    assert why_not_open(EDITION, DEMO, lectures={"M02-L01": 5}) is None


def test_a_bank_below_five_papers_keeps_the_programme_closed() -> None:
    small = replace(EDITION, items=EDITION.items[:20])
    assert why_not_open(small, DEMO, lectures={"M02-L01": 5}) is not None


def test_lessons_that_are_worth_too_little_keep_the_programme_closed_and_it_says_which() -> None:
    tech = FULL.programme("TECH")
    lectures = {lesson.code: 480 for lesson in lessons_of(FULL, tech)}
    assert why_not_open(FULL, tech, lectures) is None
    lectures |= {"M10-L03": 300, "M10-L04": 300, "M19-L01": 1}
    reason = why_not_open(FULL, tech, lectures)
    assert reason is not None
    assert reason.zh == (
        "学时不足：M10 的小节合计 176 分钟，要求 180 分钟，"
        "还差 4 分钟（M10-L03 等 2 个小节的课件偏短）；另有 1 个模块"
    )
    assert reason.en.startswith("Too short: the lessons of M10 come to 176 of 180 minutes, 4 are")


def test_a_programme_with_electives_waits_for_enough_of_them() -> None:
    yearly = FULL.programme("CE-AUD")
    lectures = {lesson.code: 480 for lesson in lessons_of(FULL, yearly)}
    reason = why_not_open(FULL, yearly, lectures)
    assert reason is not None
    assert "come to 0 of 360 minutes" in reason.en
    for module in ("M07", "M10"):
        lectures |= {lesson.code: 480 for lesson in FULL.module(module).lessons}
    assert why_not_open(FULL, yearly, lectures) is None
