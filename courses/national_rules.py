"""Does an edition agree with the national map of hours, programmes and exams?"""

from collections.abc import Iterator, Mapping

from courses import national
from courses.format import Blueprint, Edition, Exam, Kind, Level
from courses.problem import Problem

FULL_MARKS = 100


def check(edition: Edition) -> Iterator[Problem]:
    hours = {module.code: module.class_hours for module in edition.modules}
    yield from _compare("module", national.MODULE_HOURS, hours)
    programmes = {
        p.code: (" ".join(sorted(p.modules)), p.class_hours, p.exam)
        for p in edition.programmes
        if not p.demonstration
    }
    yield from _compare("programme", national.PROGRAMMES, programmes)
    yield from _compare("exam", national.EXAMS, {e.code: _shape(e) for e in edition.exams})
    for exam in edition.exams:
        if exam.total_points != FULL_MARKS:
            what = f"its points add to {exam.total_points}"
            yield Problem(exam.code, what, f"make them {FULL_MARKS}")
    for blueprint in edition.blueprints:
        yield from _blueprint(edition, blueprint)


def _compare(
    what: str, due: Mapping[str, object], found: Mapping[str, object]
) -> Iterator[Problem]:
    for code in sorted(due.keys() | found.keys()):
        if due.get(code) != found.get(code):
            told = f"it is {found.get(code)}, the national map has {due.get(code)}"
            yield Problem(f"{what} {code}", told, "correct it, or have the national map changed")


def _shape(exam: Exam) -> tuple[list[tuple[tuple[Kind, ...], int, float]], int, int]:
    sections = [(section.kinds, section.count, section.points) for section in exam.sections]
    return sections, exam.pass_mark, exam.minutes


def _blueprint(edition: Edition, blueprint: Blueprint) -> Iterator[Problem]:
    where = f"blueprint {blueprint.exam}"
    if tuple(blueprint.levels.get(level) for level in Level) != national.LEVEL_SHARES:
        yield Problem(where, "the levels differ from the national shares", "use 30, 35, 25, 10")
    shares = {row.name: row.share for row in blueprint.topics}
    if shares != national.EXAM_TOPICS.get(blueprint.exam, {}):
        yield Problem(where, "the topics differ from the national shares", "copy the national ones")
    gathered = [topic for row in blueprint.topics for topic in row.topics]
    if len(set(gathered)) != len(gathered) or set(gathered) - set(edition.topics):
        cure = "name each of the edition's topics once at most"
        yield Problem(where, "a topic is in two rows, or unknown", cure)
    if blueprint.bank_multiple < 5:
        yield Problem(where, "the bank may be smaller than five papers", "set bank_multiple to 5")
