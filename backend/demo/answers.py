"""What a well-prepared learner knows: the keys, from the curriculum's files on this machine.

The server never sends a key before submission, so the demonstration cannot learn them from it.
"""

from collections.abc import Mapping
from typing import Any

from courses.editions import CURRENT
from courses.format import Edition
from courses.items.interactions import Multiple, Single, TrueFalse
from courses.items.rich_text import RichText
from courses.loader import load_edition


class Answers:
    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._items = {item.id: item for item in edition.items}

    @classmethod
    def of_this_installation(cls) -> "Answers":
        return cls(load_edition(CURRENT))

    def for_lesson(self, code: str) -> dict[str, list[str]]:
        lesson = self._edition.lesson(code)
        return {question.id: list(question.key) for question in lesson.check_questions}

    def for_presence(self, check: Mapping[str, Any]) -> str:
        """The option that stands in the text of the lesson; who has read it knows."""
        lesson = self._edition.lesson(str(check["lesson"]))
        known = f"{lesson.title.zh}\n{lesson.text.replace('**', '')}"
        return next(str(o["id"]) for o in check["question"]["options"] if o["text"] in known)

    def for_paper(self, items: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            str(item["id"]): {"kind": "choice", "picked": _picked(self._key(item["id"]), item)}
            for item in items
        }

    def _key(self, item_id: str) -> set[RichText]:
        """Texts of the right options; the demonstration's exam has choices only."""
        asked = self._items[item_id].interaction
        assert isinstance(asked, Single | Multiple | TrueFalse)
        return {option.text for option in asked.options if option.id in asked.key}


def _picked(right: set[RichText], shown: Mapping[str, Any]) -> list[str]:
    """The ids, as this paper shows them, of the options whose text is right."""
    return [str(option["id"]) for option in shown["options"] if option["text"] in right]
