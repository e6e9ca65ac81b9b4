from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.checker import check
from courses.comparison import (
    Again,
    Change,
    Part,
    ProgrammeChange,
    compare,
    for_programme,
    lesson_sha256,
)
from courses.format import Bilingual, Edition, Lesson, Module
from courses.loader import load_edition
from courses.programmes import lessons_of
from courses.rules import LessonRuleGiven, RulesGiven
from tests.courses import current_edition
from tests.courses.two_editions import KEPT, first_edition, second_edition

EDITION = current_edition()
FIRST = EDITION.lesson("M02-L01")


def with_lessons(*lessons: Lesson) -> Edition:
    """The edition with these as its module M02."""
    modules = [
        msgspec.structs.replace(module, lessons=lessons) if module.code == "M02" else module
        for module in EDITION.modules
    ]
    return msgspec.structs.replace(EDITION, modules=tuple(modules))


def lessons() -> list[Lesson]:
    module: Module = EDITION.module("M02")
    return list(module.lessons)


def found(old: Edition, new: Edition) -> dict[str, Change]:
    """What is not as it was."""
    return {c.code: c.change for c in compare(old, new) if c.change is not Change.SAME}


def test_an_edition_is_the_same_as_itself() -> None:
    assert found(EDITION, EDITION) == {}


def test_what_announces_a_lesson_is_not_the_lesson() -> None:
    renamed = msgspec.structs.replace(
        FIRST, title=Bilingual(zh="另一个题目", en="Another"), summary="Another.", objective=None
    )
    assert lesson_sha256(renamed) == lesson_sha256(FIRST)


def test_each_part_that_differs_is_named() -> None:
    question = FIRST.check_questions[0]
    other = msgspec.structs.replace(
        FIRST,
        text=FIRST.text + "另外。",
        check_questions=(msgspec.structs.replace(question, stem="另一问？"),),
    )
    changes = {c.code: c for c in compare(EDITION, with_lessons(other, *lessons()[1:]))}
    assert changes["M02-L01"].change is Change.CHANGED
    assert changes["M02-L01"].parts == (Part.TEXT, Part.QUESTIONS)


def test_an_editorial_correction_leaves_the_lesson_the_same_and_says_what_differs() -> None:
    corrected = msgspec.structs.replace(FIRST, text=FIRST.text + "。")
    newer = with_lessons(corrected, *lessons()[1:])
    judged = {c.code: c for c in compare(EDITION, newer, editorial={"M02-L01"})}["M02-L01"]
    assert (judged.change, judged.parts) == (Change.SAME, (Part.TEXT,))


def test_a_lesson_under_another_code_has_moved_and_its_questions_ids_with_it() -> None:
    question = msgspec.structs.replace(FIRST.check_questions[0], id="M02-L07-Q1")
    moved = msgspec.structs.replace(
        FIRST, code="M02-L07", check_questions=(question, *FIRST.check_questions[1:])
    )
    changes = {c.code: c for c in compare(EDITION, with_lessons(*lessons()[1:], moved))}
    assert changes["M02-L07"].change is Change.MOVED
    assert changes["M02-L07"].before == "M02-L01"
    assert "M02-L01" not in changes


def test_lessons_that_change_places_have_both_moved() -> None:
    first, second, *rest = lessons()
    swapped = [
        msgspec.structs.replace(second, code=first.code),
        msgspec.structs.replace(first, code=second.code),
    ]
    assert found(EDITION, with_lessons(*swapped, *rest)) == {
        "M02-L01": Change.MOVED,
        "M02-L02": Change.MOVED,
    }


def test_lessons_not_written_are_not_taken_for_each_other() -> None:
    blank = [msgspec.structs.replace(one, text="", check_questions=()) for one in lessons()]
    old = with_lessons(*blank[:2])
    assert found(old, with_lessons(blank[1])) == {"M02-L01": Change.GONE}
    assert found(old, with_lessons(lessons()[0], blank[1])) == {"M02-L01": Change.NEW}


def test_a_programme_without_a_lesson_has_lost_it_though_the_edition_has_it() -> None:
    demo = EDITION.programme("DEMO")
    other = msgspec.structs.replace(demo, lessons=("M02-L02",))
    programmes = [other if p.code == "DEMO" else p for p in EDITION.programmes]
    newer = msgspec.structs.replace(EDITION, programmes=tuple(programmes))
    changed = for_programme(EDITION, newer, "DEMO", compare(EDITION, newer))
    assert changed is not None
    asked = tuple(lesson.code for lesson in lessons_of(EDITION, demo))
    assert (changed.gone, changed.new, dict(changed.kept)) == (asked, ("M02-L02",), {})


def test_electives_come_along_and_are_asked_of_nobody() -> None:
    changed = for_programme(EDITION, EDITION, "CE-AUD", compare(EDITION, EDITION))
    assert changed is not None
    assert changed.kept["M06-L01"] == "M06-L01"
    assert {code[:3] for code in changed.asked} == {"M17"}


def test_a_programme_that_is_no_more_changes_nothing_for_its_learners() -> None:
    newer = msgspec.structs.replace(EDITION, programmes=EDITION.programmes[:1])
    gone = EDITION.programmes[-1].code
    assert for_programme(EDITION, newer, gone, compare(EDITION, newer)) is None


def test_a_rule_that_changes_in_one_programme_changes_the_lesson_there_and_nowhere_else() -> None:
    """Unless the correction is judged to be editorial."""
    stricter = RulesGiven(lesson=LessonRuleGiven(watched_percent=100))
    programmes = tuple(
        msgspec.structs.replace(p, rules=stricter) if p.code == "DEMO" else p
        for p in EDITION.programmes
    )
    newer = msgspec.structs.replace(EDITION, programmes=programmes)
    changes = compare(EDITION, newer)
    assert {c.code: c.parts for c in changes if c.parts} == {"M02-L01": (Part.RULE,)}
    demo, manager = (for_programme(EDITION, newer, p, changes) for p in ("DEMO", "MGR"))
    assert demo is not None
    assert manager is not None
    assert demo.again == {"M02-L01": Again("M02-L01", (Part.RULE,))}
    assert not manager.again
    assert "M02-L01" in manager.kept
    lenient = for_programme(EDITION, newer, "DEMO", compare(EDITION, newer, editorial=["M02-L01"]))
    assert lenient is not None
    assert not lenient.again


TEXTS = st.lists(st.sampled_from(["", "甲", "乙", "丙"]), max_size=6)


def edition_of(texts: list[str]) -> Edition:
    """Lessons M02-L01 … with these texts; an empty one is not written."""
    edition = with_lessons(
        *(
            msgspec.structs.replace(
                FIRST,
                code=f"M02-L{nth:02}",
                text=text,
                check_questions=FIRST.check_questions if text else (),
            )
            for nth, text in enumerate(texts, 1)
        )
    )
    whole = msgspec.structs.replace(EDITION.programme("DEMO"), code="M02", lessons=())
    alone = (edition.module("M02"),)
    return msgspec.structs.replace(edition, programmes=(whole,), modules=alone)


@settings(max_examples=50)
@given(TEXTS, TEXTS)
def test_every_lesson_is_judged_once_and_none_continues_in_two(
    before: list[str], after: list[str]
) -> None:
    old, new = edition_of(before), edition_of(after)
    changes = compare(old, new)
    here = [c.code for c in changes if c.change is not Change.GONE]
    assert here == [lesson.code for lesson in new.module("M02").lessons]
    continued = [c.before for c in changes if c.before is not None]
    assert sorted(continued) == [lesson.code for lesson in old.module("M02").lessons]
    texts = {lesson.code: lesson.text for lesson in old.module("M02").lessons}
    for one in changes:
        if one.change in {Change.SAME, Change.MOVED}:
            assert texts[str(one.before)] == new.lesson(one.code).text
        elif one.change is Change.CHANGED:
            assert texts[str(one.before)] != new.lesson(one.code).text


def change_between(old: Edition, new: Edition) -> ProgrammeChange:
    """For a programme of module M02 alone."""
    change = for_programme(old, new, "M02", compare(old, new))
    assert change is not None
    return change


@settings(max_examples=50)
@given(TEXTS, TEXTS, TEXTS)
def test_two_changes_one_after_the_other_keep_only_what_both_keep(
    first: list[str], second: list[str], third: list[str]
) -> None:
    old, middle, new = edition_of(first), edition_of(second), edition_of(third)
    one, two = change_between(old, middle), change_between(middle, new)
    both = one.then(two)
    assert set(both.asks) >= {*both.kept.values(), *(a.code for a in both.again.values())}
    assert both.kept == {o: two.kept[m] for o, m in one.kept.items() if m in two.kept}
    assert not set(both.kept) & set(both.again)
    for before, after in both.kept.items():
        assert old.lesson(before).text == new.lesson(after).text
    assert sorted([*both.asks]) == sorted(
        [*both.new, *both.kept.values(), *(again.code for again in both.again.values())]
    )


def test_two_editions_from_files_differ_as_their_authors_meant(tmp_path: Path) -> None:
    first = first_edition(tmp_path / "first")
    old, new = load_edition(first), load_edition(second_edition(first, tmp_path / "second"))
    assert check(new) == []
    assert found(old, new) == {
        "M02-L02": Change.CHANGED,
        "M02-L03": Change.GONE,
        "M02-L07": Change.NEW,
        "M02-L08": Change.MOVED,
    }
    change = for_programme(old, new, "DEMO", compare(old, new))
    assert change is not None
    assert dict(change.kept) == KEPT
    assert change.again == {"M02-L02": Again("M02-L02", (Part.TEXT,))}
    assert (change.new, change.gone) == (("M02-L07",), ("M02-L03",))
