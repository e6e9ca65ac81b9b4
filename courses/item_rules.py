"""What is wrong with questions and items of an edition, one by one and as a bank."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from courses.format import CheckQuestion, Citation, Edition, Item, Kind
from courses.items.interactions import Case, Choice, Interaction, Multiple, Single, TrueFalse
from courses.items.item import changed_without_version
from courses.items.rich_text import RichText, plain
from courses.items.soundness import LETTERED, interaction_problems, stem_problems
from courses.items.text_soundness import text_problems
from courses.problem import Problem

STANDS_OUT, MOST_STANDING_OUT = 1.25, 0.25
"""A key a quarter longer than every other option stands out; at most a quarter of a bank may."""
OF_A_LESSON: Mapping[Kind, type[Single | Multiple | TrueFalse]] = {
    Kind.SINGLE: Single,
    Kind.MULTIPLE: Multiple,
    Kind.TRUE_FALSE: TrueFalse,
}


def check(edition: Edition) -> Iterator[Problem]:
    questions = [q for m in edition.modules for lesson in m.lessons for q in lesson.check_questions]
    for question in questions:
        yield from question_problems(question)
    for item in edition.items:
        yield from item_problems(item)
    yield from _repeated([(question.id, question.stem) for question in questions])
    yield from _repeated([(item.id, plain(item.stem)) for item in edition.items])
    for item in edition.items:
        if not item.id.startswith(f"{item.module}-"):
            cure = f"begin it with {item.module}-"
            yield Problem(item.id, "the id is not of its module", cure)
    yield from _lessons_known(edition)
    for module in sorted({item.module for item in edition.items}):
        yield from _given_away_by_length([i for i in edition.items if i.module == module])


def _lessons_known(edition: Edition) -> Iterator[Problem]:
    taught = {lesson.code: m.code for m in edition.modules for lesson in m.lessons}
    for item in edition.items:
        if isinstance(item.lesson, str) and taught.get(item.lesson) != item.module:
            what = f"{item.module} has no lesson {item.lesson}"
            yield Problem(item.id, what, "correct `lesson`, or leave it out")


def versions_kept(old: Edition, new: Edition) -> Iterator[Problem]:
    """An item that asks something else than in the edition before it says so by its version."""
    for code in changed_without_version(old.items, new.items):
        what = f"it asks something else than in {old.code} under the same version"
        yield Problem(code, what, "raise its `version`, or give it another id")


def question_problems(question: CheckQuestion) -> Iterator[Problem]:
    """Of a question at a lesson's end, which a machine marks at once."""
    if question.kind not in OF_A_LESSON:
        yield Problem(question.id, f"{question.kind} is not marked by machine", "use another kind")
        return
    options = tuple(Choice(id=option.id, text=option.text) for option in question.options)
    asked = OF_A_LESSON[question.kind](options=options, key=question.key)
    yield from _sound(question.id, question.stem, asked, question.explanation, question.citation)


def item_problems(item: Item) -> Iterator[Problem]:
    """Of one item by itself: also for one that is about to be imported or saved."""
    yield from _sound(item.id, item.stem, item.interaction, item.explanation, item.citation)
    if isinstance(item.interaction, Case):
        for part in item.interaction.parts:
            if part.explanation:
                yield from text_problems(item.id, part.explanation)


def _sound(
    where: str, stem: RichText, asked: Interaction, explanation: RichText, citation: Citation
) -> Iterator[Problem]:
    yield from interaction_problems(where, asked)
    yield from stem_problems(where, stem, asked)
    yield from text_problems(where, explanation)
    if not plain(explanation).strip():
        yield Problem(where, "the explanation is empty", "say why the key is right")
    if not citation.standard.strip():
        yield Problem(where, "the citation is empty", "name the standard or rule")
    if LETTERED.search(plain(explanation)):
        yield Problem(where, "an option is called by its letter", "quote its words: order changes")


def _repeated(stems: Sequence[tuple[str, str]]) -> Iterator[Problem]:
    by_stem = defaultdict(list)
    for id_, stem in stems:
        by_stem[_bare(stem)].append(id_)
    for ids in by_stem.values():
        if len(ids) > 1:
            yield Problem(", ".join(ids), "the same stem", "keep one, or ask something else")


def _bare(stem: str) -> str:
    """The stem without blanks and punctuation, which do not make it another question."""
    folded = unicodedata.normalize("NFKC", stem)
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN").casefold()


def _given_away_by_length(items: Sequence[Item]) -> Iterator[Problem]:
    """Test-wise learners pick the longest option; it must not be the right one too often."""
    singles = [(i.id, i.interaction) for i in items if isinstance(i.interaction, Single)]
    told = [id_ for id_, asked in singles if _key_stands_out(asked)]
    if len(singles) >= 10 and len(told) > MOST_STANDING_OUT * len(singles):
        what = f"in {len(told)} of {len(singles)} items the key is much the longest option"
        cure = f"make wrong options as long, for example in {told[0]}"
        yield Problem(items[0].module, what, cure)


def _key_stands_out(asked: Single) -> bool:
    lengths = {option.id: len(plain(option.text)) for option in asked.options}
    others = max((length for id_, length in lengths.items() if id_ not in asked.key), default=0)
    return lengths.get(asked.key[0] if asked.key else "", 0) > STANDS_OUT * others
