"""What lessons are worth against what a programme asks for: nobody is given the difference."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from courses.effort import NOMINAL_SECONDS, credit_seconds
from courses.format import Edition, Programme
from courses.hours_report import lines
from courses.programmes import every_lesson_of, lessons_of
from courses.rules import ModuleRuleGiven, ProgrammeRuleGiven, RulesGiven
from courses.worth import ProgrammeWorth, worth_of
from tests.courses import current_edition
from tests.courses.full import in_full

EDITION = in_full(current_edition())
MGR, CE_AUD = EDITION.programme("MGR"), EDITION.programme("CE-AUD")
ENOUGH = NOMINAL_SECONDS - credit_seconds(EDITION.lesson("M02-L01"), 0)


def lectures(programme: Programme, **other: int) -> dict[str, int]:
    """Just long enough, but for `M02_L01=seconds`."""
    codes = [lesson.code for lesson in every_lesson_of(EDITION, programme)]
    return dict.fromkeys(codes, ENOUGH) | {c.replace("_", "-"): n for c, n in other.items()}


def ruled(programme: Programme, rules: RulesGiven) -> ProgrammeWorth:
    """With two lessons a minute short."""
    short = lectures(programme, M02_L01=ENOUGH - 60, M03_L02=ENOUGH - 60)
    return worth_of(EDITION, replace(programme, rules=rules), short)


def test_what_is_missing_is_told_by_module_and_lesson() -> None:
    worth = worth_of(EDITION, MGR, lectures(MGR, M03_L02=ENOUGH - 61))
    assert worth.missing_seconds == 61
    (lacking,) = [one for one in worth.requirements if one.missing_seconds]
    assert (lacking.modules, lacking.asked_seconds) == (("M03",), 4 * 2700)
    (short,) = lacking.short
    assert (short.code, short.missing_seconds) == ("M03-L02", 61)
    assert (short.lecture_seconds, short.lecture_needed_seconds) == (ENOUGH - 61, ENOUGH)
    assert worth_of(EDITION, MGR, lectures(MGR)).missing_seconds == 0


def test_a_long_lesson_makes_up_for_no_short_one() -> None:
    assert worth_of(EDITION, MGR, lectures(MGR, M03_L01=5000, M03_L02=0)).missing_seconds == ENOUGH


def test_what_everybody_sits_in_a_class_is_not_missing() -> None:
    in_module = RulesGiven(module=ModuleRuleGiven(class_session_hours=1))
    in_any = RulesGiven(programme=ProgrammeRuleGiven(class_session_hours=1))
    assert ruled(MGR, RulesGiven()).missing_seconds == 120
    for rules in (in_module, in_any):
        worth = ruled(MGR, rules)
        assert worth.missing_seconds == 0
        assert sum(one.class_seconds for one in worth.requirements) == 120, (
            "no more than is missing"
        )


def test_electives_count_by_whole_modules_that_are_open() -> None:
    choice = worth_of(EDITION, CE_AUD, lectures(CE_AUD)).requirements[1]
    assert (choice.elective, choice.missing_seconds, len(choice.lessons)) == (True, 0, 144)
    one_module = {c: s for c, s in lectures(CE_AUD).items() if c.startswith(("M17", "M07", "M11"))}
    assert worth_of(EDITION, CE_AUD, one_module).requirements[1].missing_seconds == 0
    del one_module["M11-L24"]
    choice = worth_of(EDITION, CE_AUD, one_module).requirements[1]
    assert choice.missing_seconds == 4 * 2700, "M07 has four of the eight hours; M11 is not open"
    assert choice.short == ()


def test_a_demonstration_asks_for_what_its_lesson_is_worth() -> None:
    demo = EDITION.programme("DEMO")
    assert worth_of(EDITION, demo, {"M02-L01": 5}).missing_seconds == 0


@given(st.lists(st.integers(0, 2 * ENOUGH), min_size=6, max_size=6))
def test_a_programme_lacks_exactly_what_its_lessons_are_short_of(seconds: list[int]) -> None:
    tech = EDITION.programme("TECH")
    codes = [lesson.code for lesson in lessons_of(EDITION, tech)][:6]
    worth = worth_of(EDITION, tech, lectures(tech) | dict(zip(codes, seconds, strict=True)))
    assert worth.missing_seconds == sum(max(0, ENOUGH - one) for one in seconds)


def test_authors_read_which_lecture_is_how_much_too_short(edition: Edition) -> None:
    told = list(lines(edition, {"M02-L01": 300}, {}))
    assert told[0] == "M02: lessons are worth 53 of 90 minutes, 37 missing"
    assert told[1] == (
        "  M02-L01: worth 13:05 of 15:00; a lecture of 6:55 makes it whole (its lecture has 5:00)"
    )
    assert "(no lecture yet)" in told[2]
    assert "LEAD: 180 minutes missing: M09 180 min" in told
    assert told[-1] == "DEMO: its lessons are worth its hours"
