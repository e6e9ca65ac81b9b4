"""What completes a lesson, a module and a programme: the defaults, and what authors may change.

An author says only what differs (`RulesGiven`), for an edition, a module or a programme; whoever is
nearer to the learner wins: default, edition, module, programme. A field that nobody gives is absent
from the edition's canonical bytes, so an edition published before a rule existed keeps its hash.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

Percent = Annotated[int, msgspec.Meta(ge=1, le=100)]
PercentOrNone = Annotated[int, msgspec.Meta(ge=0, le=100)]
ReadingSeconds = Annotated[int, msgspec.Meta(ge=0, le=900)]
"""At most a lesson's nominal quarter hour."""
ClassHours = Annotated[int, msgspec.Meta(ge=0, le=400)]


class LessonRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    watched_percent: Percent = 95
    """Of the lecture's seconds, each counted once."""
    check_questions: bool = True
    """All of them answered right, in one go."""
    reading_seconds: ReadingSeconds = 0
    """With the text open before the learner, by the server's clock."""


class ModuleRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    lessons_percent: PercentOrNone = 100
    """Of its lessons, rounded up: fewer where a class teaches the rest."""
    class_session_hours: ClassHours = 0
    """To be sat in classes of this module."""


class ProgrammeRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The programme's own class hours and exam are its fields; here is what may be added."""

    class_session_hours: ClassHours = 0
    """Of its class hours, at least so many in classes of its modules."""


class LessonRuleGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    watched_percent: Percent | UnsetType = UNSET
    check_questions: bool | UnsetType = UNSET
    reading_seconds: ReadingSeconds | UnsetType = UNSET


class ModuleRuleGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lessons_percent: PercentOrNone | UnsetType = UNSET
    class_session_hours: ClassHours | UnsetType = UNSET


class ProgrammeRuleGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    class_session_hours: ClassHours | UnsetType = UNSET


class RulesGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[rules.lesson]`, `[rules.module]` and `[rules.programme]` of one of the authors' files."""

    lesson: LessonRuleGiven | UnsetType = UNSET
    module: ModuleRuleGiven | UnsetType = UNSET
    programme: ProgrammeRuleGiven | UnsetType = UNSET


Rule = TypeVar("Rule", LessonRule, ModuleRule, ProgrammeRule)


def overridden(default: Rule, *given: msgspec.Struct | UnsetType) -> Rule:
    """`default` with each later one's fields instead; `given` are of the kind of `default`."""
    said = {
        name: value
        for one in given
        if isinstance(one, msgspec.Struct)
        for name, value in msgspec.structs.asdict(one).items()
        if value is not UNSET
    }
    return msgspec.structs.replace(default, **said)
