"""Is a rule met, and if not, what is missing? One pure function for every rule there is.

The heartbeat path, the learner's screen, the gate of the exam and the evidence all ask `evaluate`,
so that what a learner reads is what the server decides by.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from courses.rules import LessonRule, ModuleRule

_MINUTE = 60


class Part(StrEnum):
    """What may be missing; `amount` counts seconds, or questions, lessons, exams."""

    WATCHING = "watching"
    PRESENCE = "presence"
    CHECK_QUESTIONS = "check-questions"
    READING = "reading"
    LESSONS = "lessons"
    ELECTIVES = "electives"
    CLASS_SESSIONS = "class-sessions"
    CLASS_HOURS = "class-hours"
    EXAM = "exam"


_SAID = {
    Part.WATCHING: ("{} 分钟", "{} minute{s}"),
    Part.PRESENCE: ("{} 次在线确认", "{} presence check{s}"),
    Part.CHECK_QUESTIONS: ("{} 道检查题", "{} check question{s}"),
    Part.READING: ("{} 分钟阅读", "{} minute{s} of reading"),
    Part.LESSONS: ("{} 个小节", "{} lesson{s}"),
    Part.ELECTIVES: ("{} 分钟选修", "{} minute{s} of electives"),
    Part.CLASS_SESSIONS: ("{} 分钟面授", "{} minute{s} in a class"),
    Part.CLASS_HOURS: ("{} 分钟学时", "{} minute{s} of class hours"),
    Part.EXAM: ("{} 场考试", "{} exam{s}"),
}
_ORDER = list(Part)
_IN_SECONDS = {
    *(Part.WATCHING, Part.READING, Part.ELECTIVES, Part.CLASS_SESSIONS, Part.CLASS_HOURS)
}


class MissingPart(msgspec.Struct, frozen=True, kw_only=True):
    part: Part
    amount: int
    """Above 0, in the part's own unit."""
    module: str | None = None
    """Where it must be earned, if not anywhere in the programme."""

    @property
    def shown(self) -> int:
        """As a person reads it: whole minutes, rounded up."""
        return -(-self.amount // _MINUTE) if self.part in _IN_SECONDS else self.amount


class Explanation(msgspec.Struct, frozen=True):
    """Empty exactly when the rule is met."""

    missing: tuple[MissingPart, ...] = ()

    @property
    def met(self) -> bool:
        return not self.missing

    @property
    def zh(self) -> str:
        """ "还差 12 分钟和 1 道检查题"; empty when met."""
        said = [_SAID[one.part][0].format(one.shown) for one in self._told]
        return f"还差 {_listed(said, '、', '和 ')}" if said else ""

    @property
    def en(self) -> str:
        """ "12 minutes and 1 check question to go"; empty when met."""
        told = [(_SAID[one.part][1], one.shown) for one in self._told]
        said = [words.format(shown, s="s" * (shown != 1)) for words, shown in told]
        return f"{_listed(said, ', ', ' and ')} to go" if said else ""

    @property
    def _told(self) -> list[MissingPart]:
        """One for each part: which module it is of is on the screen, not in the sentence."""
        amounts: dict[Part, int] = {}
        for one in sorted(self.missing, key=lambda one: _ORDER.index(one.part)):
            amounts[one.part] = amounts.get(one.part, 0) + one.amount
        return [MissingPart(part=part, amount=amount) for part, amount in amounts.items()]


def _listed(said: Sequence[str], comma: str, last: str) -> str:
    head, tail = comma.join(said[:-1]), said[-1]
    return f"{head}{last}{tail}" if head else tail


class LessonFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What one learner has done of one lesson."""

    duration_seconds: int | None = None
    """Of its lecture; None while there is none, and then nothing was watched."""
    watched_seconds: int = 0
    """That count: after a passed presence check."""
    pending_seconds: int = 0
    """That wait for one."""
    questions: int = 0
    questions_right: int = 0
    """When they were last answered; all of them once they were ever passed."""
    read_seconds: int = 0
    worth_seconds: int = 0
    awarded: bool = False
    """Its hours are in the ledger: a rule that becomes stricter takes nothing back."""


class LessonStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A lesson's facts and the rule that was in force when the learner opened it."""

    rule: LessonRule = LessonRule()
    facts: LessonFacts = LessonFacts()


class ModuleFacts(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    lessons: tuple[LessonStanding, ...] = ()
    class_seconds: int = 0
    """In classes of the module."""
    class_hour_seconds: int = 45 * 60


class ModuleStanding(msgspec.Struct, frozen=True, kw_only=True):
    rule: ModuleRule = ModuleRule()
    facts: ModuleFacts


class ElectiveStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A choice among modules: hours of any of them, from lessons or classes."""

    modules: tuple[str, ...]
    asked_seconds: int
    earned_seconds: int = 0

    @property
    def missing_seconds(self) -> int:
        return max(0, self.asked_seconds - self.earned_seconds)


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """A programme's rule, in seconds."""

    required_seconds: int
    class_seconds: int = 0
    """Of them in classes, at least."""
    exam: bool = False
    """Whether a passed exam is part of the question, or the question is whether it opens."""


class ProgrammeFacts(msgspec.Struct, frozen=True, kw_only=True):
    modules: tuple[ModuleStanding, ...] = ()
    """The compulsory ones."""
    electives: tuple[ElectiveStanding, ...] = ()
    earned_seconds: int = 0
    """That count by today, from lessons and classes."""
    class_seconds: int = 0
    exam_passed: bool = False


Rule = LessonRule | ModuleRule | Requirement
Facts = LessonFacts | ModuleFacts | ProgrammeFacts


def evaluate(rule: Rule, facts: Facts) -> Explanation:
    """What `facts` lack of a `rule` of their own kind. TypeError for those of another."""
    match rule, facts:
        case LessonRule() as one, LessonFacts() as done:
            return _lesson(one, done)
        case ModuleRule() as one, ModuleFacts() as done:
            return _module(one, done)
        case Requirement() as one, ProgrammeFacts() as done:
            return _programme(one, done)
    raise TypeError(f"{type(rule).__name__} does not judge {type(facts).__name__}")


def _lesson(rule: LessonRule, facts: LessonFacts) -> Explanation:
    if facts.awarded:
        return Explanation()
    to_watch = _unseen(facts, rule.watched_percent)
    waiting = not to_watch and not enough(
        facts.watched_seconds, facts.duration_seconds or 0, rule.watched_percent
    )
    # No question at all is not a pass: such a lesson is not written yet.
    left = max(0, max(1, facts.questions) - facts.questions_right)
    asked = left if rule.check_questions else 0
    # Seconds that wait are joined by the questions, if there are any; else by a check.
    return _explained(
        (Part.WATCHING, to_watch),
        (Part.PRESENCE, int(waiting and not asked)),
        (Part.CHECK_QUESTIONS, asked),
        (Part.READING, rule.reading_seconds - facts.read_seconds),
    )


def _module(rule: ModuleRule, facts: ModuleFacts) -> Explanation:
    missing = len(_lessons_to_go(rule, facts))
    in_class = rule.class_session_hours * facts.class_hour_seconds - facts.class_seconds
    return _explained((Part.LESSONS, missing), (Part.CLASS_SESSIONS, in_class), module=facts.code)


def _programme(rule: Requirement, facts: ProgrammeFacts) -> Explanation:
    parts = [part for one in facts.modules for part in _module(one.rule, one.facts).missing]
    in_modules = sum(one.amount for one in parts if one.part is Part.CLASS_SESSIONS)
    in_any_class = max(0, rule.class_seconds - facts.class_seconds - in_modules)
    chosen = sum(one.missing_seconds for one in facts.electives)
    # What the missing lessons, electives and classes bring is not said a second time.
    brought = in_modules + in_any_class + sum(_worth_to_go(one) for one in facts.modules) + chosen
    rest = _explained(
        (Part.ELECTIVES, chosen),
        (Part.CLASS_SESSIONS, in_any_class),
        (Part.CLASS_HOURS, rule.required_seconds - facts.earned_seconds - brought),
        (Part.EXAM, int(rule.exam and not facts.exam_passed)),
    )
    return Explanation((*parts, *rest.missing))


def _worth_to_go(module: ModuleStanding) -> int:
    return sum(one.facts.worth_seconds for one in _lessons_to_go(module.rule, module.facts))


def enough(seconds: int, duration_seconds: int, percent: int) -> bool:
    """Whether so many seconds of a lecture are the share that a rule asks for."""
    return seconds * 100 >= duration_seconds * percent and duration_seconds > 0


def _unseen(facts: LessonFacts, percent: int) -> int:
    """Seconds never shown; those of a lecture that is not there yet are unknown: one, at least."""
    if facts.duration_seconds is None:
        return 1
    due = -(-facts.duration_seconds * percent // 100)
    return max(0, due - facts.watched_seconds - facts.pending_seconds)


def _lessons_to_go(rule: ModuleRule, facts: ModuleFacts) -> list[LessonStanding]:
    """Lessons are met when their hours count; the share is rounded up to whole lessons."""
    due = -(-len(facts.lessons) * rule.lessons_percent // 100)
    left = [lesson for lesson in facts.lessons if not lesson.facts.awarded]
    done = len(facts.lessons) - len(left)
    return left[: max(0, due - done)]


def _explained(*parts: tuple[Part, int], module: str | None = None) -> Explanation:
    return Explanation(
        tuple(
            MissingPart(part=part, amount=amount, module=module)
            for part, amount in parts
            if amount > 0
        )
    )


def gate(missing: Explanation) -> tuple[str, str]:
    """Chinese and English, of what stands between a learner and the exam."""
    return (
        f"{missing.zh}，完成后即可参加考试。",
        f"{missing.en} before the exam opens.",
    )
