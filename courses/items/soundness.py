"""What makes an item sound: one rule set for questions of lessons and for items of the bank."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    SubQuestion,
    TrueFalse,
)
from courses.items.rich_text import RichText, gap_ids, plain
from courses.items.text_soundness import text_problems
from courses.items.wording import normalised
from courses.problem import Problem

LETTERED = re.compile(r"(选项|答案)\s*[A-F](?![A-Za-z0-9])|(?<![A-Za-z录])[A-F]\s*(项|选项)")
"""Options are shuffled for every learner, so a text must not call one by its letter."""
ABOUT_THE_OTHERS = re.compile(r"^(以上|上述)(都|均|全|皆)|^(都|均)(对|不对|正确|是|不是)$")
MOST_OF_A_NUMBER = Decimal("1e30")
MOST_PLACES = 40
"""Behind the point; 1e-999999 is a number, but one takes seconds to compare it."""


def stem_problems(where: str, stem: RichText, interaction: Interaction) -> Iterator[Problem]:
    if not plain(stem).strip():
        yield Problem(where, "the stem is empty", "write the question")
    yield from text_problems(where, stem)
    if LETTERED.search(plain(stem)):
        yield Problem(where, "an option is called by its letter", "quote its words: order changes")
    marks = list(gap_ids(stem))
    asked = [gap.id for gap in interaction.gaps] if isinstance(interaction, Cloze) else []
    if sorted(marks) != sorted(asked):
        what = f"the stem has gaps {marks}, the item {asked}"
        yield Problem(where, what, "write each gap of the item once in the stem, as [[a]]")


def interaction_problems(where: str, asked: Interaction) -> Iterator[Problem]:
    """Whether the key can be reached, and by one way only."""
    match asked:
        case Single() | TrueFalse() | Multiple():
            yield from _choosing(where, asked)
        case Ordering(options=options, key=key):
            yield from choice_problems(where, options, least=3)
            if sorted(key) != sorted(option.id for option in options):
                yield Problem(where, f"key {list(key)} is no order", "name every element once")
        case Matching():
            yield from _matching(where, asked)
        case Numeric():
            yield from _numeric(where, asked)
        case ShortText():
            yield from _short_text(where, asked)
        case Cloze(gaps=gaps):
            yield from _made_of(where, gaps, "gap")
        case Case(parts=parts):
            yield from _made_of(where, parts, "question")
            for part in parts:
                yield from stem_problems(f"{where} ({part.id})", part.stem, part.interaction)
        case Essay():
            yield from _essay(where, asked)


def choice_problems(where: str, choices: Sequence[Choice], *, least: int) -> Iterator[Problem]:
    ids, texts = [c.id for c in choices], [plain(c.text).strip() for c in choices]
    if len(set(ids)) != len(ids) or len(ids) < least:
        yield Problem(where, "too few options, or two with one letter", "give three or more")
    if len(set(map(normalised, texts))) != len(texts) or not all(texts):
        yield Problem(where, "two options say the same, or one is empty", "write them apart")
    if any(ABOUT_THE_OTHERS.search(text) for text in texts):
        cure = "say it in words of its own: order changes"
        yield Problem(where, "an option speaks of the others", cure)
    for choice in choices:
        yield from text_problems(where, choice.text)


def _choosing(where: str, asked: Single | Multiple | TrueFalse) -> Iterator[Problem]:
    yield from choice_problems(where, asked.options, least=2 if isinstance(asked, TrueFalse) else 3)
    if stray := set(asked.key) - {option.id for option in asked.options}:
        yield Problem(where, f"key {sorted(stray)} is no option", "use the options' own letters")
    several, right = isinstance(asked, Multiple), len(set(asked.key))
    if right != len(asked.key) or (right < 2 if several else right != 1):
        wanted = "two or more options" if several else "exactly one option"
        what = f"key {list(asked.key)} for kind {asked.kind}"
        yield Problem(where, what, f"name {wanted}")


def _matching(where: str, asked: Matching) -> Iterator[Problem]:
    yield from choice_problems(where, asked.left, least=2)
    yield from choice_problems(where, asked.right, least=2)
    left, right = {one.id for one in asked.left}, {one.id for one in asked.right}
    if set(asked.pairs) != left or set(asked.pairs.values()) - right:
        what = f"the pairs {dict(asked.pairs)} do not join every left side to a right one"
        yield Problem(where, what, "give each left id one right id")


def to_mark_by(value: Decimal) -> bool:
    """Finite, and of a size that can be worked with exactly."""
    if not value.is_finite() or abs(value) > MOST_OF_A_NUMBER:
        return False
    return int(value.as_tuple().exponent) >= -MOST_PLACES


def _numeric(where: str, asked: Numeric) -> Iterator[Problem]:
    numbers = [*asked.accepted, *asked.units]
    values = [v for one in asked.accepted for v in (one.value, one.tolerance)]
    values += [unit.factor for unit in asked.units]
    if not all(map(to_mark_by, values)):
        yield Problem(where, "a number without end", "write a number such as 12.5")
        return
    if any(one.tolerance < 0 for one in asked.accepted) or any(u.factor <= 0 for u in asked.units):
        yield Problem(where, "a tolerance below 0, or a unit of 0", "write what is meant")
    if not numbers or not any(one.percent == 100 for one in asked.accepted):
        yield Problem(where, "no number earns all points", "accept one with percent = 100")
    symbols = [normalised(unit.symbol, case_matters=True) for unit in asked.units]
    if len(set(symbols)) != len(symbols) or (asked.unit_needed and not symbols):
        yield Problem(where, "two units alike, or none where one is needed", "list each unit once")


def _short_text(where: str, asked: ShortText) -> Iterator[Problem]:
    texts = [normalised(one.text, case_matters=asked.case_matters) for one in asked.accepted]
    if not all(texts) or len(set(texts)) != len(texts):
        cure = "full and half width, case and blanks make no other answer: keep one of them"
        yield Problem(where, "an accepted answer is empty, or there twice", cure)
    if not any(one.percent == 100 for one in asked.accepted):
        yield Problem(where, "no answer earns all points", "accept one with percent = 100")


def _made_of(where: str, within: Sequence[Gap | SubQuestion], what: str) -> Iterator[Problem]:
    ids = [one.id for one in within]
    if not ids or len(set(ids)) != len(ids):
        yield Problem(where, f"no {what}, or two with one id", f"give each {what} an id of its own")
    for one in within:
        yield from interaction_problems(f"{where} ({one.id})", one.interaction)


def _essay(where: str, asked: Essay) -> Iterator[Problem]:
    if not asked.rubric or len({line.id for line in asked.rubric}) != len(asked.rubric):
        cure = "say what two markers look for, each line with its own id"
        yield Problem(where, "no rubric, or two lines with one id", cure)
    if asked.at_least > asked.at_most:
        yield Problem(where, "at_least is above at_most", "exchange them")
    for line in asked.rubric:
        yield from text_problems(where, line.text)
