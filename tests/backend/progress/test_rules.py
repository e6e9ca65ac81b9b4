"""Rules and what they say is missing, as tables and as properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.progress.rules.domain import (
    ElectiveStanding,
    Explanation,
    LessonFacts,
    LessonStanding,
    MissingPart,
    ModuleFacts,
    ModuleStanding,
    Part,
    ProgrammeFacts,
    Requirement,
    enough,
    evaluate,
    gate,
)
from courses.rules import LessonRule, ModuleRule

LECTURE = 1000
DONE = LessonFacts(duration_seconds=LECTURE, watched_seconds=950, questions=3, questions_right=3)


@pytest.mark.parametrize(
    ("facts", "zh", "en"),
    [
        pytest.param(
            LessonFacts(duration_seconds=LECTURE, watched_seconds=230, questions=3)
            , "还差 12 分钟和 3 道检查题", "12 minutes and 3 check questions to go",
            id="a quarter watched",
        ),
        pytest.param(
            LessonFacts(duration_seconds=LECTURE, watched_seconds=890, questions=3,
                        questions_right=2),
            "还差 1 分钟和 1 道检查题", "1 minute and 1 check question to go",
            id="a minute and a question, and no plural",
        ),
        pytest.param(
            LessonFacts(duration_seconds=LECTURE, watched_seconds=949, questions=3,
                        questions_right=3),
            "还差 1 分钟", "1 minute to go", id="a second is told as a minute",
        ),
        pytest.param(
            LessonFacts(duration_seconds=LECTURE, watched_seconds=900, pending_seconds=50,
                        questions=3, questions_right=3),
            "还差 1 次在线确认", "1 presence check to go", id="all seen, nobody known to be there",
        ),
        pytest.param(
            LessonFacts(duration_seconds=LECTURE, watched_seconds=900, pending_seconds=50,
                        questions=3, questions_right=1),
            "还差 2 道检查题", "2 check questions to go", id="the questions join what waits",
        ),
        pytest.param(
            LessonFacts(questions=1, questions_right=1),
            "还差 1 分钟", "1 minute to go", id="a lesson without a lecture is never met",
        ),
        pytest.param(
            LessonFacts(duration_seconds=LECTURE, watched_seconds=LECTURE),
            "还差 1 道检查题", "1 check question to go", id="nor one without questions",
        ),
        pytest.param(DONE, "", "", id="met"),
        pytest.param(LessonFacts(awarded=True), "", "", id="what was awarded stays"),
    ],
)  # fmt: skip
def test_a_learner_reads_what_a_lesson_lacks(facts: LessonFacts, zh: str, en: str) -> None:
    told = evaluate(LessonRule(), facts)
    assert (told.zh, told.en, told.met) == (zh, en, zh == "")


@pytest.mark.parametrize(
    ("seconds", "percent", "met"),
    [
        pytest.param(569, 95, False, id="a second short of 95 %"),
        pytest.param(570, 95, True, id="exactly 95 %"),
        pytest.param(599, 100, False, id="a second short of all"),
    ],
)
def test_enough_of_a_lecture(seconds: int, percent: int, met: bool) -> None:
    assert enough(seconds, 600, percent) is met


def test_a_lecture_without_length_is_never_enough() -> None:
    assert not enough(0, 0, 1)


def test_reading_and_questions_are_asked_for_only_where_the_rule_says_so() -> None:
    reading = LessonRule(reading_seconds=300, check_questions=False, watched_percent=50)
    half = LessonFacts(duration_seconds=LECTURE, watched_seconds=500, questions=3, read_seconds=61)
    assert evaluate(reading, half).en == "4 minutes of reading to go"


def lessons(*awarded: bool) -> tuple[LessonStanding, ...]:
    return tuple(
        LessonStanding(facts=LessonFacts(awarded=one, worth_seconds=900)) for one in awarded
    )


@pytest.mark.parametrize(
    ("percent", "awarded", "to_go"),
    [
        pytest.param(100, (True, False, False), 2, id="every lesson"),
        pytest.param(50, (True, False, False), 1, id="half of three are two"),
        pytest.param(50, (True, True, False), 0, id="and two are enough"),
        pytest.param(0, (False, False, False), 0, id="none where a class teaches"),
    ],
)
def test_a_module_asks_for_a_share_of_its_lessons(
    percent: int, awarded: tuple[bool, ...], to_go: int
) -> None:
    told = evaluate(
        ModuleRule(lessons_percent=percent), ModuleFacts(code="M08", lessons=lessons(*awarded))
    )
    wanted = MissingPart(part=Part.LESSONS, amount=to_go, module="M08")
    assert told == Explanation((wanted,) if to_go else ())


def test_a_programme_says_each_missing_hour_once() -> None:
    module = ModuleStanding(
        rule=ModuleRule(class_session_hours=1),
        facts=ModuleFacts(code="M08", lessons=lessons(True, False), class_seconds=2640),
    )
    facts = ProgrammeFacts(modules=(module,), earned_seconds=3540, class_seconds=2640)
    rule = Requirement(required_seconds=7200, class_seconds=3600, exam=True)
    told = evaluate(rule, facts)
    assert told.en == (
        "1 lesson, 16 minutes in a class, 30 minutes of class hours and 1 exam to go"
    )
    assert told.zh == "还差 1 个小节、16 分钟面授、30 分钟学时和 1 场考试"
    assert gate(told)[1].endswith("and 1 exam to go before the exam opens.")


def test_a_rule_judges_facts_of_its_own_kind_alone() -> None:
    with pytest.raises(TypeError, match="ModuleRule does not judge LessonFacts"):
        evaluate(ModuleRule(), LessonFacts())


small = st.integers(0, 4000)
lesson_facts = st.builds(
    LessonFacts,
    duration_seconds=st.none() | st.integers(1, 3600),
    watched_seconds=small,
    pending_seconds=small,
    questions=st.integers(0, 5),
    questions_right=st.integers(0, 5),
    read_seconds=small,
    worth_seconds=st.integers(1, 900),
    awarded=st.booleans(),
)
lesson_rules = st.builds(
    LessonRule,
    watched_percent=st.integers(1, 100),
    check_questions=st.booleans(),
    reading_seconds=st.integers(0, 900),
)


@given(lesson_rules, lesson_facts)
def test_a_lesson_s_explanation_is_empty_exactly_when_its_rule_is_met(
    rule: LessonRule, facts: LessonFacts
) -> None:
    watched = facts.duration_seconds is not None and (
        facts.watched_seconds * 100 >= facts.duration_seconds * rule.watched_percent
    )
    answered = not rule.check_questions or facts.questions_right >= max(1, facts.questions)
    met = facts.awarded or (watched and answered and facts.read_seconds >= rule.reading_seconds)
    told = evaluate(rule, facts)
    assert told.met is met
    assert (told.zh == "") is (told.en == "") is met


@given(
    st.lists(
        st.builds(
            ModuleStanding,
            rule=st.builds(
                ModuleRule,
                lessons_percent=st.integers(0, 100),
                class_session_hours=st.integers(0, 2),
            ),
            facts=st.builds(
                ModuleFacts,
                code=st.just("M08"),
                lessons=st.lists(
                    st.builds(LessonStanding, facts=lesson_facts), max_size=3
                ).map(tuple),
                class_seconds=small,
            ),
        ),
        max_size=3,
    ).map(tuple),
    small, small, small, small, st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_programme_s_explanation_is_empty_exactly_when_its_rule_is_met(
    modules: tuple[ModuleStanding, ...],
    earned: int, in_class: int, required: int, required_in_class: int,
    exam: bool, passed: bool,
) -> None:  # fmt: skip
    def module_met(one: ModuleStanding) -> bool:
        awarded = sum(lesson.facts.awarded for lesson in one.facts.lessons)
        enough = awarded * 100 >= len(one.facts.lessons) * one.rule.lessons_percent
        return enough and one.facts.class_seconds >= one.rule.class_session_hours * 2700

    met = (
        all(map(module_met, modules))
        and earned >= required
        and in_class >= required_in_class
        and (passed or not exam)
    )
    rule = Requirement(required_seconds=required, class_seconds=required_in_class, exam=exam)
    facts = ProgrammeFacts(
        modules=modules, earned_seconds=earned, class_seconds=in_class, exam_passed=passed
    )
    told = evaluate(rule, facts)
    assert told.met is met
    assert all(one.amount > 0 for one in told.missing)


def test_electives_are_asked_for_by_their_hours_whichever_module_they_are_of() -> None:
    choice = ElectiveStanding(modules=("M06", "M07"), asked_seconds=360 * 60, earned_seconds=21000)
    facts = ProgrammeFacts(electives=(choice,), earned_seconds=21000)
    told = evaluate(Requirement(required_seconds=360 * 60), facts)
    assert (told.zh, told.en) == ("还差 10 分钟选修", "10 minutes of electives to go")
    assert [one.part for one in told.missing] == [Part.ELECTIVES], "and not as class hours again"


def test_more_electives_than_asked_make_up_for_no_compulsory_lesson() -> None:
    choice = ElectiveStanding(modules=("M06", "M07"), asked_seconds=900, earned_seconds=9000)
    module = ModuleFacts(code="M17", lessons=(LessonStanding(facts=LessonFacts()),))
    facts = ProgrammeFacts(
        modules=(ModuleStanding(facts=module),), electives=(choice,), earned_seconds=9000
    )
    assert evaluate(Requirement(required_seconds=1800), facts).zh == "还差 1 个小节"
