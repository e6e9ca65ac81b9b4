"""The first national edition against the map of the domain, written out here once more."""

import pytest

from courses.checker import check, whats_missing
from courses.effort import characters, credit_seconds
from courses.exam_rules import pool_for
from courses.format import Edition, Kind, Level
from courses.items.kinds import Status
from courses.papers.drawing import draw
from courses.papers.pool import group_of
from tests.courses.items.samples import key_of
from tests.courses.papers.judging import faults

MODULE_HOURS = {
    "M01": 4, "M02": 2, "M03": 4, "M04": 6, "M05": 2, "M06": 2, "M07": 4, "M08": 4, "M09": 4,
    "M10": 4, "M11": 8, "M12": 8, "M13": 8, "M14": 2, "M15": 4, "M16": 4, "M17": 8, "M18": 2,
    "M19": 2,
}  # fmt: skip
PROGRAMMES = {
    "LEAD": (["M09"], 4, "E1"),
    "MGR": (["M02", "M03", "M04", "M05", "M06"], 16, "E2"),
    "IA-E": (["M02", "M03", "M04", "M05", "M06", "M07", "M08"], 24, "E3"),
    "IA-U": (["M01", "M02", "M07", "M08", "M14", "M12"], 24, "E3"),
    "IA-R": (["M01", "M02", "M07", "M08", "M14", "M13"], 24, "E3"),
    "AUD": ([f"M0{n}" for n in range(1, 9)] + ["M10", "M11"], 40, "E4"),
    "TECH": (["M02", "M10", "M19"], 8, "E1"),
    "CONS": (["M02", "M03", "M04", "M05", "M06", "M18"], 18, "E2"),
    "TR-IA": (["M15"], 4, "E5"),
    "TR-AUD": (["M15", "M16"], 8, "E5"),
    "CE-AUD": (["M17"], 16, "E5"),
}
EXAMS = {
    "E1": ([(10, 10)], 60, 20),
    "E2": ([(40, 1.5), (10, 2), (20, 1)], 60, 60),
    "E3": ([(40, 1), (15, 2), (10, 1), (2, 10)], 70, 90),
    "E4": ([(30, 1), (10, 2), (10, 1), (2, 10), (4, 5)], 70, 120),
    "E5": ([(30, 2), (10, 3), (10, 1)], 70, 60),
}


def test_the_edition_passes_its_own_check(edition: Edition) -> None:
    assert [str(problem) for problem in check(edition)] == []


def test_modules_have_the_national_hours_and_three_lessons_each_hour(edition: Edition) -> None:
    assert {m.code: m.class_hours for m in edition.modules} == MODULE_HOURS
    assert {m.code: len(m.lessons) for m in edition.modules} == {
        code: 3 * hours for code, hours in MODULE_HOURS.items()
    }


@pytest.mark.parametrize("code", PROGRAMMES)
def test_programmes_are_the_national_ones(edition: Edition, code: str) -> None:
    programme = edition.programme(code)
    modules, hours, exam = PROGRAMMES[code]
    assert (list(programme.modules), programme.class_hours, programme.exam) == (
        modules,
        hours,
        exam,
    )


def test_there_are_no_programmes_beside_them_but_the_demonstration(edition: Edition) -> None:
    assert {p.code for p in edition.programmes} == {*PROGRAMMES, "DEMO"}
    demo = edition.programme("DEMO")
    assert (demo.demonstration, demo.lessons, demo.modules) == (True, ("M02-L01",), ("M02",))


@pytest.mark.parametrize("code", EXAMS)
def test_exams_have_the_national_shape_and_a_hundred_points(edition: Edition, code: str) -> None:
    exam = edition.exam(code)
    shape = ([(s.count, s.points) for s in exam.sections], exam.pass_mark, exam.minutes)
    assert shape == EXAMS[code]
    assert exam.total_points == 100


def test_every_lesson_has_a_title_of_its_own_in_both_languages(edition: Edition) -> None:
    lessons = [lesson for module in edition.modules for lesson in module.lessons]
    assert len({(lesson.module, lesson.title.zh) for lesson in lessons}) == len(lessons) == 246
    assert all(lesson.title.en for lesson in lessons)


def test_module_two_is_written_in_full(edition: Edition) -> None:
    for lesson in edition.module("M02").lessons:
        assert 1200 <= characters(lesson.text) <= 2200
        assert len(lesson.check_questions) >= 3
        assert lesson.summary
        assert credit_seconds(lesson, 0) < 900
        assert credit_seconds(lesson, 480) == 900


def test_only_the_demonstration_could_open_today(edition: Edition) -> None:
    ready = [p.code for p in edition.programmes if not whats_missing(edition, p)]
    assert ready == ["DEMO"]


def test_module_two_has_five_short_exams_and_items_of_every_lesson(edition: Edition) -> None:
    items = [item for item in edition.items if item.module == "M02" and item.in_use]
    groups = {
        level: {group_of(i) for i in items if i.level is level and i.kind is not Kind.MULTIPLE}
        for level in Level
    }
    assert [len(groups[level]) for level in Level] >= [15, 20, 10, 5]
    taught = {(item.lesson, item.level) for item in items}
    assert taught >= {(lesson.code, Level.ANALYSE) for lesson in edition.module("M02").lessons}
    assert len(taught) == 24
    assert all(item.difficulty and item.citation.standard for item in items)


def test_hundreds_of_short_papers_of_module_two_are_right(edition: Edition) -> None:
    demo = edition.programme("DEMO")
    pool = pool_for(edition, demo)
    papers = [draw(pool, n.to_bytes(32, "big")).items for n in range(400)]
    assert not [fault for one in papers for fault in faults(one, pool.exam, pool.blueprint)]
    drawn = {item.id for one in papers for item in one}
    choosable = [item for item in edition.items if item.kind is not Kind.MULTIPLE]
    assert drawn == {item.id for item in choosable if item.in_use}


def test_every_lesson_of_module_two_can_be_practised(edition: Edition) -> None:
    practised = {item.lesson for item in edition.items if item.status is Status.PRACTICE}
    assert practised == {lesson.code for lesson in edition.module("M02").lessons}


def test_the_key_does_not_favour_a_letter(edition: Edition) -> None:
    keys = [key_of(item)[0] for item in edition.items if item.kind is Kind.SINGLE]
    assert max(keys.count(letter) for letter in "ABCD") < len(keys) / 2


def test_true_and_false_both_occur_at_every_level_that_has_them(edition: Edition) -> None:
    true_false = [item for item in edition.items if item.kind is Kind.TRUE_FALSE]
    assert {key_of(item) for item in true_false} == {("T",), ("F",)}
    assert {item.level for item in edition.items} == set(Level)


def test_disputed_figures_are_dated_and_marked_unconfirmed(edition: Edition) -> None:
    assert edition.figures
    assert not any(figure.confirmed for figure in edition.figures)
    named = {p.validity for p in edition.programmes if p.validity}
    assert {edition.figure(name, edition.figures[0].since) for name in named} == {3}
