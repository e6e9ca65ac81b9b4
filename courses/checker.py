"""Is an edition fit to be published? `python -m courses.checker FOLDER` prints what is not.

The loader has seen to forms; here content is judged. Fit is not open: a programme without texts is
well-formed, it only stays closed (`whats_missing`).
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import UNSET

from courses import exam_rules, hours_report, item_pictures, item_rules, national_rules
from courses.effort import characters
from courses.format import Edition, Lesson, Module, Programme
from courses.loader import load_edition, sha256_of
from courses.order import circular, required
from courses.problem import ContentUnreadable, Problem
from courses.programmes import lessons_of, module_rule, programme_rule
from courses.rules import RulesGiven

LESSONS_A_CLASS_HOUR = 3
TEXT_CHARACTERS = range(1000, 2601)
"""A text within a quarter hour: 3 to 9 minutes of reading beside the lecture."""

Rule = Callable[[Edition], Iterator[Problem]]


def check(edition: Edition) -> list[Problem]:
    """Everything wrong with the edition, in the order of the rules; empty when it may be published.

    Rules after the first two rely on what those check, so they run only on sound references.
    """
    problems = [problem for rule in (unique_codes, known_codes) for problem in rule(edition)]
    if not problems:
        problems = [problem for rule in CONTENT_RULES for problem in rule(edition)]
    return problems


def unique_codes(edition: Edition) -> Iterator[Problem]:
    questions = [q for m in edition.modules for lesson in m.lessons for q in lesson.check_questions]
    groups = {
        "module": [module.code for module in edition.modules],
        "lesson": [lesson.code for module in edition.modules for lesson in module.lessons],
        "programme": [programme.code for programme in edition.programmes],
        "exam": [exam.code for exam in edition.exams],
        "question or item": [q.id for q in questions] + [item.id for item in edition.items],
    }
    for what, codes in groups.items():
        for code, times in Counter(codes).items():
            if times > 1:
                yield Problem(code, f"{times} {what}s have this code", "give each its own code")


def known_codes(edition: Edition) -> Iterator[Problem]:
    """Every reference leads somewhere."""
    modules = {module.code for module in edition.modules}
    lessons = {lesson.code for module in edition.modules for lesson in module.lessons}
    exams = {exam.code for exam in edition.exams}
    marked = {blueprint.exam for blueprint in edition.blueprints}
    figures = {figure.name for figure in edition.figures} | {""}
    programmes = {programme.code for programme in edition.programmes}
    for programme in edition.programmes:
        named = {code for requirement in programme.requirements for code in requirement.modules}
        yield from _unknown(programme.code, "module", named - modules)
        yield from _unknown(programme.code, "lesson", set(programme.lessons) - lessons)
        yield from _unknown(programme.code, "exam", {programme.exam} - exams)
        yield from _unknown(programme.code, "figure", {programme.validity} - figures)
        yield from _unknown(programme.code, "programme", set(required(programme)) - programmes)
        if not 1 <= programme.credit_rate_or_one <= 2:
            what = f"credit_rate is {programme.credit_rate_or_one}"
            yield Problem(programme.code, what, "give a number from 1 to 2, or leave it out")
    for code in circular(edition):
        what = "its required programmes lead back to it"
        yield Problem(code, what, "take one of them out of `requires`")
    for code in sorted(exams - marked):
        yield Problem(code, "the exam has no blueprint", "add [[blueprints]] in exams.toml")
    topics = {module.code: module.topic for module in edition.modules}
    topics |= {item.id: item.topic for item in edition.items}
    for where, topic in topics.items():
        yield from _unknown(where, "topic", {topic} - set(edition.topics))


def _unknown(where: str, what: str, codes: set[str]) -> Iterator[Problem]:
    for code in sorted(codes):
        yield Problem(where, f"there is no {what} {code}", "correct the code, or add what it names")


def hours_add_up(edition: Edition) -> Iterator[Problem]:
    """1 class hour = 3 lessons; a programme's hours = those it asks of its modules."""
    if edition.class_hour_seconds != LESSONS_A_CLASS_HOUR * edition.lesson_seconds:
        cure = "set class_hour_seconds to three times lesson_seconds"
        yield Problem("edition.toml", "a class hour is not three lessons", cure)
    hours = {module.code: module.class_hours for module in edition.modules}
    for module in edition.modules:
        due = module.class_hours * LESSONS_A_CLASS_HOUR
        if len(module.lessons) != due:
            what = f"{len(module.lessons)} lessons for {module.class_hours} class hours"
            yield Problem(module.code, what, f"list {due} lessons, or correct class_hours")
    for programme in edition.programmes:
        if not programme.demonstration:
            yield from _programme_hours(programme, hours)


def _programme_hours(programme: Programme, hours: dict[str, int]) -> Iterator[Problem]:
    asked = sum(requirement.class_hours for requirement in programme.requirements)
    if asked != programme.class_hours:
        what = f"class_hours is {programme.class_hours}, its modules ask for {asked}"
        yield Problem(programme.code, what, "make the two agree")
    for requirement in programme.requirements:
        offered = sum(hours[code] for code in requirement.modules)
        fits = requirement.class_hours <= offered
        if not (fits if requirement.elective else requirement.class_hours == offered):
            what = f"asks {requirement.class_hours} class hours of {requirement.modules}: {offered}"
            yield Problem(programme.code, what, "ask for the module's own class hours")
    named = Counter(code for asked in programme.requirements for code in asked.modules)
    for code, times in named.items():
        if times > 1:
            what = f"names {code} {times} times, and its hours would count for each"
            yield Problem(programme.code, what, "ask for each module once, or let it be chosen")


def rules_can_be_met(edition: Edition) -> Iterator[Problem]:
    """Each rule stands where it means something, and can be met within the hours there are."""
    for module in edition.modules:
        if isinstance(module.rules, RulesGiven) and module.rules.programme is not UNSET:
            cure = "write it in programmes.toml, or for all programmes in edition.toml"
            yield Problem(module.code, "a module has no rule for programmes", cure)
    for programme in edition.programmes:
        codes = {code for asked in programme.requirements for code in asked.modules}
        for module in (edition.module(code) for code in sorted(codes)):
            yield from _module_rule(edition, programme, module)
        asked = programme_rule(edition, programme).class_session_hours
        if asked > programme.class_hours and not programme.demonstration:
            what = f"asks {asked} class hours in classes, of {programme.class_hours} in all"
            yield Problem(programme.code, what, "ask for fewer in classes")


def _module_rule(edition: Edition, programme: Programme, module: Module) -> Iterator[Problem]:
    rule, where = module_rule(edition, programme, module), f"{programme.code} {module.code}"
    if rule.class_session_hours > module.class_hours and not programme.demonstration:
        what = f"asks {rule.class_session_hours} class hours in classes, of {module.class_hours}"
        yield Problem(where, what, "ask for fewer in classes")
    if not rule.lessons_percent and not rule.class_session_hours:
        yield Problem(where, "asks for no lesson and no class", "ask for one of them")


def lessons_readable(edition: Edition) -> Iterator[Problem]:
    for module in edition.modules:
        for lesson in module.lessons:
            if not lesson.code.startswith(f"{module.code}-L"):
                cure = f"begin it with {module.code}-L"
                yield Problem(lesson.code, "the code is not of its module", cure)
            yield from _lesson_readable(lesson)


def _lesson_readable(lesson: Lesson) -> Iterator[Problem]:
    length = characters(lesson.text)
    if lesson.text and length not in TEXT_CHARACTERS:
        what = f"the text has {length} characters"
        cure = f"keep it between {TEXT_CHARACTERS.start} and {TEXT_CHARACTERS.stop - 1}"
        yield Problem(lesson.code, what, cure)
    if lesson.text and not lesson.check_questions:
        yield Problem(lesson.code, "no check questions", f"write {lesson.code}.toml")
    if lesson.text and not lesson.summary:
        yield Problem(lesson.code, "no English summary", "add `summary` in module.toml")
    if lesson.check_questions and not lesson.text:
        yield Problem(lesson.code, "questions without a text", f"write {lesson.code}.md")


def whats_missing(edition: Edition, programme: Programme) -> tuple[Problem, ...]:
    """Why the programme cannot open, lectures apart (they live outside the edition; what lessons
    are worth with them is `courses.worth`'s to say)."""
    unwritten = [lesson for lesson in lessons_of(edition, programme) if not lesson.written]
    texts = tuple(
        Problem(lesson.code, "no text or questions yet", "write the lesson") for lesson in unwritten
    )
    return texts + tuple(exam_rules.bank_problems(edition, programme))


CONTENT_RULES: tuple[Rule, ...] = (
    hours_add_up,
    rules_can_be_met,
    lessons_readable,
    item_rules.check,
    national_rules.check,
    exam_rules.check,
)


def main(folder: Path) -> int:
    try:
        edition = load_edition(folder)
        found = item_pictures.missing(edition, item_pictures.pictures(folder))
        problems: tuple[Problem, ...] = (*check(edition), *found)
    except ContentUnreadable as error:
        problems = error.problems
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem(s); nothing was published")
        return 1
    print(summary(edition))
    for warning in _warnings(edition):
        print(f"  warning: {warning}")
    print("class hours, with texts and questions alone (guanbiao edition hours counts lectures):")
    for line in hours_report.lines(edition, {}, {}):
        print(f"  {line}")
    return 0


def _warnings(edition: Edition) -> Iterator[Problem]:
    """Of programmes that could open: the others have more to do first."""
    for programme in edition.programmes:
        if not whats_missing(edition, programme):
            yield from exam_rules.warnings(edition, programme)


def summary(edition: Edition) -> str:
    lessons = [lesson for module in edition.modules for lesson in module.lessons]
    written = sum(lesson.written for lesson in lessons)
    ready = [p.code for p in edition.programmes if not whats_missing(edition, p)]
    return (
        f"edition {edition.code}: no problems\n"
        f"  {len(edition.modules)} modules, {len(lessons)} lessons ({written} written), "
        f"{len(edition.items)} items\n"
        f"  programmes with all texts and items: {', '.join(ready) or 'none'}\n"
        f"  sha256 {sha256_of(edition)}"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m courses.checker courses/content/2026.1")
    sys.exit(main(Path(sys.argv[1])))
