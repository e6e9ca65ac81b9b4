"""Each fault an author could plant, and what the checker says of it."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from msgspec.structs import replace

from courses.blueprint import blueprint_of
from courses.checker import check
from courses.format import Band, Bilingual, Citation, Edition, Item, Kind, Level
from courses.items.interactions import Choice
from courses.items.rich_text import plain
from tests.courses import CONTENT
from tests.courses.items.samples import key_of, options_of

S = TypeVar("S", bound=msgspec.Struct)
Fault = Callable[[Edition], Edition]


def with_(things: tuple[S, ...], at: int, **changes: object) -> tuple[S, ...]:
    return (*things[:at], replace(things[at], **changes), *things[at + 1 :])


def module(**changes: object) -> Fault:
    """A fault in M02, the second module."""
    return lambda e: replace(e, modules=with_(e.modules, 1, **changes))


def lesson(**changes: object) -> Fault:
    """A fault in M02-L01."""
    return lambda e: module(lessons=with_(e.modules[1].lessons, 0, **changes))(e)


def question(**changes: object) -> Fault:
    """A fault in the first check question, M02-L01-Q1."""
    return lambda e: lesson(
        check_questions=with_(e.modules[1].lessons[0].check_questions, 0, **changes)
    )(e)


def item(**changes: object) -> Fault:
    """A fault in M02-001, a single-choice item."""
    return lambda e: replace(e, items=with_(e.items, 0, **changes))


def programme(**changes: object) -> Fault:
    """A fault in LEAD."""
    return lambda e: replace(e, programmes=with_(e.programmes, 0, **changes))


def exam(**changes: object) -> Fault:
    """A fault in E1."""
    return lambda e: replace(e, exams=with_(e.exams, 0, **changes))


def blueprint(at: int, **changes: object) -> Fault:
    return lambda e: replace(e, blueprints=with_(e.blueprints, at, **changes))


def several(at: int, **changes: object) -> Fault:
    """A fault in the item at a place of the bank."""
    return lambda e: replace(e, items=with_(e.items, at, **changes))


def asked(at: int = 0, **changes: object) -> Fault:
    """A fault in what the item at a place of the bank asks."""
    return lambda e: several(at, interaction=replace(e.items[at].interaction, **changes))(e)


def a_key_of(kind: Kind, key: tuple[str, ...]) -> Fault:
    return lambda e: asked([i.kind for i in e.items].index(kind), key=key)(e)


def all_of(item: Item, options: tuple[Choice, ...]) -> Item:
    return replace(item, interaction=replace(item.interaction, options=options))


def without(level: Level) -> Fault:
    return lambda e: replace(e, items=tuple(i for i in e.items if i.level is not level))


def section_points(points: float) -> Fault:
    return lambda e: exam(sections=with_(e.exams[0].sections, 0, points=points))(e)


def same_stem(e: Edition) -> Edition:
    return several(1, stem=f"{plain(e.items[0].stem)} ")(e)


def banded(band: Band) -> Fault:
    return lambda e: exam(sections=with_(e.exams[0].sections, 0, difficulty=band))(e)


def all_twins(e: Edition) -> Edition:
    """Of five groups, which are enough for each cell and too few for a paper of ten."""
    items = tuple(replace(item, twin_group="甲乙丙丁戊"[n % 5]) for n, item in enumerate(e.items))
    return blueprint(0, bank_multiple=1)(replace(e, items=items))


def stray_lesson(e: Edition) -> Edition:
    return module(lessons=with_(e.modules[1].lessons, 5, code="M05-L77"))(e)


def long_keys(e: Edition) -> Edition:
    def padded(o: Choice, key: tuple[str, ...]) -> Choice:
        return replace(o, text=f"{o.text}，而且说得特别详细特别完整" * 2) if o.id in key else o

    return replace(
        e,
        items=tuple(
            all_of(i, tuple(padded(o, key_of(i)) for o in options_of(i) if isinstance(o, Choice)))
            for i in e.items
        ),
    )


A, B, C = Choice(id="A", text="甲"), Choice(id="B", text="乙"), Choice(id="C", text="丙")
ALL = Choice(id="C", text="以上都对")
NOWHERE = Citation(standard=" ", edition="")

FAULTS = [
    ("a module listed twice", lambda e: replace(e, modules=e.modules + e.modules[:1]), "M01"),
    ("a lesson code used twice", lesson(code="M02-L02"), "M02-L02"),
    ("an item id used twice", item(id="M02-002"), "M02-002"),
    ("an item with a check question's id", item(id="M02-L01-Q1"), "M02-L01-Q1"),
    ("a programme on an unknown module", lambda e: replace(e, modules=e.modules[:-1]), "TECH"),
    ("a programme on an unknown exam", programme(exam="E9"), "no exam E9"),
    ("a programme on an unknown lesson", programme(lessons=("M09-L99",)), "no lesson M09-L99"),
    ("a programme on an unknown figure", programme(validity="for-ever"), "no figure for-ever"),
    ("an exam without a blueprint", lambda e: replace(e, blueprints=e.blueprints[1:]), "E1"),
    ("an item on an unknown topic", item(topic="天文"), "no topic 天文"),
    (
        "a module short of a lesson",
        lambda e: module(lessons=e.modules[1].lessons[:-1])(e),
        "5 less",
    ),
    ("a module with other hours", module(class_hours=3), "6 lessons for 3 class hours"),
    ("a programme that may be raced through", programme(credit_rate=2.5), "credit_rate is 2.5"),
    ("a programme whose hours do not add up", programme(class_hours=5), "its modules ask for 4"),
    ("a class hour of another length", lambda e: replace(e, class_hour_seconds=3600), "class hour"),
    ("a lesson under another module's code", stray_lesson, "M05-L77"),
    ("a text that is too short", lesson(text="太短"), "2 characters"),
    ("a text that is too long", lesson(text="长" * 3000), "3000 characters"),
    ("a text without questions", lesson(check_questions=()), "no check questions"),
    ("questions without a text", lesson(text=""), "questions without a text"),
    ("a lesson without a summary", lesson(summary=""), "no English summary"),
    ("a key that is no option", asked(key=("X",)), "no option"),
    ("two keys on a single choice", a_key_of(Kind.SINGLE, ("A", "B")), "exactly one"),
    ("one key on a multiple choice", a_key_of(Kind.MULTIPLE, ("A",)), "two or more"),
    ("two keys on true or false", a_key_of(Kind.TRUE_FALSE, ("T", "F")), "exactly one"),
    ("no key at all", question(key=()), "exactly one"),
    ("a key named twice", a_key_of(Kind.MULTIPLE, ("A", "A")), "two or more"),
    ("a kind no machine marks", question(kind=Kind.ESSAY), "not marked by machine"),
    ("too few options", asked(options=(A, B), key=("A",)), "too few options"),
    ("two options with one letter", asked(options=(A, B, replace(C, id="A"))), "one letter"),
    ("two options that say the same", asked(options=(A, B, replace(A, id="C"))), "say the same"),
    ("an option about the others", asked(options=(A, B, ALL)), "speaks of the others"),
    ("an explanation that calls an option by letter", item(explanation="选项B正确"), "its letter"),
    ("no explanation", question(explanation=" "), "explanation is empty"),
    ("no citation", item(citation=NOWHERE), "citation is empty"),
    ("an empty stem", question(stem=""), "stem is empty"),
    ("the same stem but for a blank", same_stem, "same stem"),
    ("an item under another module's id", item(id="M05-001"), "not of its module"),
    ("a bank whose longest options are right", long_keys, "much the longest option"),
    ("an exam of other than 100 points", section_points(9), "90"),
    ("an exam with another pass mark", exam(pass_mark=59), "exam E1"),
    ("an exam with another length", exam(minutes=21), "exam E1"),
    ("a programme with another exam", programme(exam="E2"), "programme LEAD"),
    ("level shares of its own", blueprint(0, levels={Level.RECALL: 100}), "levels differ"),
    ("a blueprint without the national topics", blueprint(2, topics=()), "topics differ"),
    ("a bank multiple below five", blueprint(0, bank_multiple=4), "five papers"),
    ("a bank too small for an open programme", without(Level.ANALYSE), "write 5 more"),
    (
        "a cell in the reader's language",
        without(Level.ANALYSE),
        "诚信 × 分析：现有试题 0 题，需要 5",
    ),
    ("an item on another module's lesson", item(lesson="M03-L01"), "M02 has no lesson M03-L01"),
    ("a twin that is alone", item(twin_group="甲"), "alone in the twin group 甲"),
    ("a band without an inside", banded(Band(lowest=4, highest=3)), "no average difficulty"),
    ("a band that the bank does not reach", banded(Band(lowest=1, highest=1)), "write easier"),
    ("an exam that asks for anchors there are not", blueprint(0, anchor_percent=20), "锚题"),
    ("items that are all twins of each other", all_twins, "no twins of those other"),
]


def test_nothing_is_wrong_with_the_edition_before_a_fault_is_planted(edition: Edition) -> None:
    assert check(edition) == []


@pytest.mark.parametrize(
    ("plant", "told"), [pytest.param(plant, told, id=name) for name, plant, told in FAULTS]
)
def test_a_planted_fault_is_found_with_place_and_cure(
    edition: Edition, plant: Fault, told: str
) -> None:
    problems = check(plant(edition))
    assert any(told in str(problem) for problem in problems), list(map(str, problems))
    assert all(problem.where and problem.what and problem.cure for problem in problems)


def test_all_faults_are_told_at_once(edition: Edition) -> None:
    spoiled = question(explanation="")(lesson(summary="")(asked(key=("X",))(edition)))
    places = {problem.where for problem in check(spoiled)}
    assert {"M02-L01", "M02-L01-Q1", "M02-001"} <= places


def test_a_topic_of_the_blueprint_counted_in_two_rows_is_found(edition: Edition) -> None:
    rows = edition.blueprints[2].topics
    doubled = with_(rows, 0, topics=("法规", "诚信", "审核"))
    problems = check(blueprint(2, topics=doubled)(edition))
    assert any("two rows" in problem.what for problem in problems)


def test_an_unwritten_programme_is_no_fault(edition: Edition) -> None:
    bare = Bilingual(zh="新", en="new")
    assert check(module(title=bare)(edition)) == []
    assert blueprint_of(edition, edition.programme("LEAD")).topics


def run_checker(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "courses.checker", str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_command_sums_up_a_sound_edition() -> None:
    done = run_checker(CONTENT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "19 modules, 246 lessons (6 written), 97 items" in done.stdout


def test_the_command_fails_on_a_folder_without_an_edition(tmp_path: Path) -> None:
    done = run_checker(tmp_path)
    assert done.returncode == 1
    assert "edition.toml: the file is missing" in done.stdout
