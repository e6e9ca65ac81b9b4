"""The rule of a lesson as it was frozen onto the learner's watch of it, row to struct and back."""

from typing import Any

from courses.rules import LessonRule


def rule_of(row: Any) -> LessonRule:
    """`row`: of `lesson_watch`, by column name."""
    return LessonRule(
        watched_percent=row["watched_percent"],
        check_questions=row["needs_questions"],
        reading_seconds=row["needs_reading_seconds"],
    )


def values_of(rule: LessonRule) -> tuple[int, bool, int]:
    """In the order watched_percent, needs_questions, needs_reading_seconds."""
    return rule.watched_percent, rule.check_questions, rule.reading_seconds
