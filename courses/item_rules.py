"""What makes a question sound. One rule set for check questions and for items of the bank."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

from courses.format import CheckQuestion, Edition, Item, Kind
from courses.problem import Problem

LETTERED = re.compile(r"(选项|答案)\s*[A-F](?![A-Za-z0-9])|(?<![A-Za-z录])[A-F]\s*(项|选项)")
"""Options are shuffled for every learner, so a text must not call one by its letter."""
ABOUT_THE_OTHERS = re.compile(r"^(以上|上述)(都|均|全|皆)|^(都|均)(对|不对|正确|是|不是)$")
STANDS_OUT, MOST_STANDING_OUT = 1.25, 0.25
"""A key a quarter longer than every other option stands out; at most a quarter of a bank may."""
MACHINE_MARKED = {Kind.SINGLE: (1, 1), Kind.MULTIPLE: (2, 99), Kind.TRUE_FALSE: (1, 1)}


def check(edition: Edition) -> Iterator[Problem]:
    questions = [q for m in edition.modules for lesson in m.lessons for q in lesson.check_questions]
    for question in (*questions, *edition.items):
        yield from _sound(question)
    yield from _repeated(questions)
    yield from _repeated(edition.items)
    for item in edition.items:
        if not item.id.startswith(f"{item.module}-"):
            cure = f"begin it with {item.module}-"
            yield Problem(item.id, "the id is not of its module", cure)
    for module in sorted({item.module for item in edition.items}):
        yield from _given_away_by_length([i for i in edition.items if i.module == module])


def _sound(question: CheckQuestion) -> Iterator[Problem]:
    where = question.id
    ids = [option.id for option in question.options]
    least, most = MACHINE_MARKED.get(question.kind, (0, 99))
    if question.kind not in MACHINE_MARKED:
        yield Problem(where, f"{question.kind} is not marked by machine", "use another kind")
    if len(set(ids)) != len(ids) or len(ids) < (2 if question.kind is Kind.TRUE_FALSE else 3):
        yield Problem(where, "too few options, or two with one letter", "give three or more")
    if stray := set(question.key) - set(ids):
        yield Problem(where, f"key {sorted(stray)} is no option", "use the options' own letters")
    if not least <= len(set(question.key)) <= most or len(set(question.key)) != len(question.key):
        wanted = "exactly one option" if most == 1 else "two or more options"
        yield Problem(where, f"key {list(question.key)} for kind {question.kind}", f"name {wanted}")
    yield from _sound_words(question)


def _sound_words(question: CheckQuestion) -> Iterator[Problem]:
    where, texts = question.id, [option.text.strip() for option in question.options]
    if len(set(texts)) != len(texts) or not all(texts):
        yield Problem(where, "two options say the same, or one is empty", "write them apart")
    if not question.stem.strip():
        yield Problem(where, "the stem is empty", "write the question")
    if not question.explanation.strip():
        yield Problem(where, "the explanation is empty", "say why the key is right")
    if not question.citation.standard.strip():
        yield Problem(where, "the citation is empty", "name the standard or rule")
    if LETTERED.search(question.stem + question.explanation):
        yield Problem(where, "an option is called by its letter", "quote its words: order changes")
    if any(ABOUT_THE_OTHERS.search(text) for text in texts):
        cure = "say it in words of its own: order changes"
        yield Problem(where, "an option speaks of the others", cure)


def _repeated(questions: Sequence[CheckQuestion]) -> Iterator[Problem]:
    by_stem = defaultdict(list)
    for question in questions:
        by_stem[_bare(question.stem)].append(question.id)
    for ids in by_stem.values():
        if len(ids) > 1:
            yield Problem(", ".join(ids), "the same stem", "keep one, or ask something else")


def _bare(stem: str) -> str:
    """The stem without blanks and punctuation, which do not make it another question."""
    folded = unicodedata.normalize("NFKC", stem)
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN").casefold()


def _given_away_by_length(items: Sequence[Item]) -> Iterator[Problem]:
    """Test-wise learners pick the longest option; it must not be the right one too often."""
    singles = [item for item in items if item.kind is Kind.SINGLE]
    told = [item for item in singles if _key_stands_out(item)]
    if len(singles) >= 10 and len(told) > MOST_STANDING_OUT * len(singles):
        what = f"in {len(told)} of {len(singles)} items the key is much the longest option"
        cure = f"make wrong options as long, for example in {told[0].id}"
        yield Problem(singles[0].module, what, cure)


def _key_stands_out(item: Item) -> bool:
    lengths = {option.id: len(option.text) for option in item.options}
    others = max((length for id_, length in lengths.items() if id_ not in item.key), default=0)
    return lengths.get(item.key[0] if item.key else "", 0) > STANDS_OUT * others
