from msgspec.structs import replace

from backend.curriculum.opening import why_not_open
from courses.format import Edition
from courses.loader import load_edition
from courses.programmes import lessons_of
from tests.courses import CONTENT

EDITION: Edition = load_edition(CONTENT)
DEMO = EDITION.programme("DEMO")


def test_a_programme_being_written_names_the_first_lesson_missing() -> None:
    programme = EDITION.programme("TR-IA")
    reason = why_not_open(EDITION, programme, with_lecture=set())
    assert reason is not None
    assert reason.en.startswith("Being written: M15-L01 and ")
    assert reason.zh.startswith("内容编写中：M15-L01 等")


def test_lectures_alone_do_not_open_what_is_not_written() -> None:
    programme = EDITION.programme("LEAD")
    codes = {lesson.code for lesson in lessons_of(EDITION, programme)}
    assert why_not_open(EDITION, programme, codes) is not None


def test_a_written_programme_waits_for_its_lectures() -> None:
    reason = why_not_open(EDITION, DEMO, with_lecture={"M02-L02"})
    assert reason is not None
    assert reason.en == "M02-L01 and 0 more lessons have no playable lecture yet"


def test_a_written_programme_with_lectures_and_items_is_open() -> None:
    assert why_not_open(EDITION, DEMO, with_lecture={"M02-L01"}) is None


def test_a_bank_below_five_papers_keeps_the_programme_closed() -> None:
    small = replace(EDITION, items=EDITION.items[:20])
    assert why_not_open(small, DEMO, with_lecture={"M02-L01"}) is not None
