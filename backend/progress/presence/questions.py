"""What a presence check asks: which sentence stands in the text of the lesson being watched.

Text, not a button: whoever follows the lecture knows it, a click that comes by itself does not.
Made from the edition's own lessons, so it needs no bank and holds for every lesson that is written.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec

from courses.format import Lesson

Below = Callable[[int], int]
"""A number from 0 to below the one given: `secrets.randbelow`, or a test's own."""
T = TypeVar("T")

OPTIONS = 4
_SHORTEST, _LONGEST = 14, 70
_NO_PROSE = re.compile(r"^\s*(#.*|\|.*|>.*|```.*|!\[.*)$", re.MULTILINE)
_MARKS = re.compile(r"^\s*(?:[-*+]|\d+[.、)])\s+|\*\*|__|`", re.MULTILINE)
_ENDS = re.compile(r"(?<=[。！？；])|\n+")
STEM_ZH = "正在观看的小节“{title}”的课文中，有下面哪一句？"
STEM_EN = "Which of these sentences is from the text of the lesson you are watching, “{title}”?"


class Option(msgspec.Struct, frozen=True):
    id: str
    text: str


class Question(msgspec.Struct, frozen=True):
    """`right` never leaves the server."""

    zh: str
    en: str
    options: tuple[Option, ...]
    right: str


def sentences(markdown: str) -> list[str]:
    """Whole sentences of a text that can stand alone, without its marks; headings are none."""
    prose = _MARKS.sub("", _NO_PROSE.sub("", markdown))
    found = (part.strip() for part in _ENDS.split(prose))
    return [one for one in found if _SHORTEST <= len(one) <= _LONGEST and one[-1] in "。！？"]


def question(lesson: Lesson, others: Iterable[Lesson], below: Below) -> Question:
    """One sentence of this lesson among some of others, in an order drawn anew.

    A lesson without text is asked for by its title. ValueError where the others do not yield
    enough to choose from.
    """
    others = [one for one in others if one.code != lesson.code]
    own, foreign = sentences(lesson.text), _foreign(lesson, others)
    if not own or len(foreign) < OPTIONS - 1:
        own, foreign = [lesson.title.zh], sorted({o.title.zh for o in others} - {lesson.title.zh})
    right = _pick(own, 1, below)
    shown = _pick([*right, *_pick(foreign, OPTIONS - 1, below)], OPTIONS, below)
    return Question(
        zh=STEM_ZH.format(title=lesson.title.zh),
        en=STEM_EN.format(title=lesson.title.en),
        options=tuple(Option("ABCD"[n], text) for n, text in enumerate(shown)),
        right="ABCD"[shown.index(right[0])],
    )


def _foreign(lesson: Lesson, others: Iterable[Lesson]) -> list[str]:
    """What does not stand in this lesson's own text, too."""
    flat = _MARKS.sub("", lesson.text)
    return sorted({one for o in others for one in sentences(o.text) if one not in flat})


def _pick(among: Sequence[T], count: int, below: Below) -> list[T]:
    """`count` of them, each once, in an order drawn."""
    if len(among) < count:
        raise ValueError(f"{count} of {len(among)}")
    left = list(among)
    return [left.pop(below(len(left))) for _ in range(count)]
