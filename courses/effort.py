"""How much of a lesson's nominal quarter hour is honest: what a learner really has to do."""

from functools import lru_cache

from courses.format import Lesson

NOMINAL_SECONDS = 900
READING_CHARACTERS_A_MINUTE = 300
SECONDS_A_QUESTION = 60


@lru_cache(
    maxsize=4096
)  # each look at a learner asks it of each lesson; texts stay in memory anyway
def characters(text: str) -> int:
    """Length of a text as read: blanks and line ends do not count."""
    return len("".join(text.split()))


def effort_apart_from_lecture(lesson: Lesson) -> int:
    """Seconds of reading its text and answering its questions."""
    reading = characters(lesson.text) * 60 // READING_CHARACTERS_A_MINUTE
    return reading + len(lesson.check_questions) * SECONDS_A_QUESTION


def credit_seconds(lesson: Lesson, lecture_seconds: int) -> int:
    """Seconds a completed lesson is worth, whole, rounded down; never above the nominal 900."""
    return min(NOMINAL_SECONDS, max(0, lecture_seconds) + effort_apart_from_lecture(lesson))
