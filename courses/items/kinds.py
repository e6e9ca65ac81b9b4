"""Words by which items are sorted: what kind, how deep, how hard, how far written."""

from enum import StrEnum

import msgspec


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """Where an explanation comes from. `clause` stays empty rather than guessed."""

    standard: str
    edition: str
    clause: str = ""


class Kind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true-false"
    ORDERING = "ordering"
    MATCHING = "matching"
    NUMERIC = "numeric"
    SHORT_TEXT = "short-text"
    CLOZE = "cloze"
    CASE = "case"
    ESSAY = "essay"

    @property
    def zh(self) -> str:
        return _CHINESE[self]


_CHINESE = {
    Kind.SINGLE: "单选题",
    Kind.MULTIPLE: "多选题",
    Kind.TRUE_FALSE: "判断题",
    Kind.ORDERING: "排序题",
    Kind.MATCHING: "配对题",
    Kind.NUMERIC: "数值题",
    Kind.SHORT_TEXT: "简答题",
    Kind.CLOZE: "完形填空题",
    Kind.CASE: "案例题",
    Kind.ESSAY: "论述题",
}


class Level(StrEnum):
    """Cognitive levels of the blueprint, in its order."""

    RECALL = "识记"
    UNDERSTAND = "理解"
    APPLY = "应用"
    ANALYSE = "分析"


class Difficulty(StrEnum):
    """As its author judges it, before anybody has answered; from easy to hard."""

    EASY = "易"
    RATHER_EASY = "较易"
    MIDDLE = "中等"
    RATHER_HARD = "较难"
    HARD = "难"

    @property
    def degree(self) -> int:
        """1 to 5."""
        return _DEGREES[self]


_DEGREES = {difficulty: degree for degree, difficulty in enumerate(Difficulty, 1)}


class Status(StrEnum):
    """How far an item has come. Exams draw only those in use, practice only those set aside."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    IN_USE = "in-use"
    PRACTICE = "practice"
    RETIRED = "retired"
