"""Rules as data: what nobody says stays as it was, and the nearest to the learner wins."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from courses.checker import check
from courses.format import Edition
from courses.loader import canonical, from_canonical, load_edition, sha256_of
from courses.problem import ContentUnreadable
from courses.programmes import lesson_rule, module_rule, programme_rule
from courses.rules import (
    LessonRule,
    LessonRuleGiven,
    ModuleRule,
    ModuleRuleGiven,
    ProgrammeRule,
    ProgrammeRuleGiven,
    RulesGiven,
)

PUBLISHED = "d52216e84d009cd04efa779c553f6be0bdb48e0cf02f98e39360c2a55377cffc"


def with_rules(edition: Edition, place: str, rules: RulesGiven) -> Edition:
    """`place`: the edition itself, module M02, or programme MGR."""
    if place == "edition":
        return replace(edition, rules=rules)
    kind, code = ("modules", "M02") if place == "M02" else ("programmes", "MGR")
    kept = tuple(
        replace(one, rules=rules) if one.code == code else one for one in getattr(edition, kind)
    )
    return replace(edition, **{kind: kept})


def watched_percent(edition: Edition, programme: str) -> int:
    found = edition.programme(programme)
    return lesson_rule(edition, found, edition.lesson("M02-L01")).watched_percent


def test_the_published_edition_keeps_its_hash_and_has_the_defaults(edition: Edition) -> None:
    mgr, lesson = edition.programme("MGR"), edition.lesson("M02-L01")
    assert sha256_of(edition) == PUBLISHED
    assert lesson_rule(edition, mgr, lesson) == LessonRule(
        watched_percent=95, check_questions=True, reading_seconds=0
    )
    assert module_rule(edition, mgr, edition.module("M02")) == ModuleRule(
        lessons_percent=100, class_session_hours=0
    )
    assert programme_rule(edition, mgr) == ProgrammeRule(class_session_hours=0)


def test_the_nearest_to_the_learner_wins_field_by_field(edition: Edition) -> None:
    def lesson(**given: int) -> RulesGiven:
        return RulesGiven(lesson=LessonRuleGiven(**given))  # type: ignore[arg-type]

    changed = with_rules(edition, "edition", lesson(watched_percent=90, reading_seconds=60))
    assert watched_percent(changed, "MGR") == 90
    changed = with_rules(changed, "M02", lesson(watched_percent=99))
    assert watched_percent(changed, "MGR") == watched_percent(changed, "TECH") == 99
    changed = with_rules(changed, "MGR", lesson(watched_percent=80))
    assert (watched_percent(changed, "MGR"), watched_percent(changed, "TECH")) == (80, 99)
    mgr = changed.programme("MGR")
    assert lesson_rule(changed, mgr, changed.lesson("M02-L01")).reading_seconds == 60
    assert from_canonical(canonical(changed)) == changed
    assert sha256_of(changed) != sha256_of(edition)


def test_authors_write_rules_as_three_short_tables(draft: Path) -> None:
    append(draft / "edition.toml", "[rules.lesson]\nwatched_percent = 100\n")
    append(draft / "M02/module.toml", "[rules.module]\nclass_session_hours = 1\n", first=True)
    path = draft / "programmes.toml"
    text = path.read_text(encoding="utf-8")
    said = "yearly = true\nrules.programme = { class_session_hours = 8 }\n"
    path.write_text(text.replace("yearly = true\n", said), encoding="utf-8")
    edition = load_edition(draft)
    yearly = edition.programme("CE-AUD")
    assert programme_rule(edition, yearly).class_session_hours == 8
    assert module_rule(edition, yearly, edition.module("M02")).class_session_hours == 1
    assert watched_percent(edition, "MGR") == 100
    assert check(edition) == []


@pytest.mark.parametrize(
    ("said", "what"),
    [
        pytest.param("[rules.lesson]\nwatched_percent = 0", "`int` >= 1", id="nothing to watch"),
        pytest.param("[rules.lesson]\nwatched_prcent = 9", "watched_prcent", id="a misspelt rule"),
        pytest.param("[rules.lessons]\n", "unknown field `lessons`", id="a misspelt table"),
        pytest.param("[rules.lesson]\nreading_seconds = 901", "<= 900", id="an endless reading"),
    ],
)
def test_a_rule_that_cannot_be_is_named_with_its_place(draft: Path, said: str, what: str) -> None:
    append(draft / "edition.toml", said)
    with pytest.raises(ContentUnreadable) as refused:
        load_edition(draft)
    (problem,) = refused.value.problems
    assert "edition.toml, line" in problem.where
    assert what in problem.what


@pytest.mark.parametrize(
    ("place", "rules", "what"),
    [
        pytest.param(
            "M02",
            RulesGiven(programme=ProgrammeRuleGiven(class_session_hours=1)),
            "a module has no rule for programmes",
            id="a module that speaks of programmes",
        ),
        pytest.param(
            "M02",
            RulesGiven(module=ModuleRuleGiven(class_session_hours=3)),
            "asks 3 class hours in classes, of 2",
            id="more hours in a class than the module has",
        ),
        pytest.param(
            "MGR",
            RulesGiven(programme=ProgrammeRuleGiven(class_session_hours=17)),
            "asks 17 class hours in classes, of 16 in all",
            id="more hours in classes than the programme has",
        ),
        pytest.param(
            "MGR",
            RulesGiven(module=ModuleRuleGiven(lessons_percent=0)),
            "asks for no lesson and no class",
            id="a module that asks for nothing",
        ),
    ],
)
def test_a_rule_that_cannot_be_met_is_not_published(
    edition: Edition, place: str, rules: RulesGiven, what: str
) -> None:
    assert what in {problem.what for problem in check(with_rules(edition, place, rules))}


def append(path: Path, text: str, *, first: bool = False) -> None:
    """A table at the end, or before the file's first list of tables."""
    said = path.read_text(encoding="utf-8")
    at = said.index("\n[[") if first else len(said)
    path.write_text(f"{said[:at]}\n{text}{said[at:]}", encoding="utf-8")
