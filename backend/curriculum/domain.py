"""Rules of releasing an edition. No I/O: time and rows are arguments."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID

import msgspec

from courses.comparison import Change, LessonChange
from infra.errors import Conflict, Forbidden, Invalid, NotFound

SHANGHAI = timezone(timedelta(hours=8))
LONGEST = timedelta(days=3 * 366)
"""The farthest last day: a slip of the keyboard must not keep an edition open for a lifetime."""


class NoSuchDraft(NotFound):
    """No such edition was handed in; `guanbiao edition list` shows those that
    were."""

    zh = "没有提交过这个版次；可用 guanbiao edition list 查看已提交的版次。"


class NoSuchRelease(NotFound):
    """There is no such proposal to release an edition."""

    zh = "没有这个版次发布提议。"


class AnotherProposal(Conflict):
    """Another release is proposed and not decided; decide that one first."""

    zh = "另有一项版次发布提议尚未决定，请先对其作出决定。"


class AlreadyPublished(Conflict):
    """This edition is published already."""

    zh = "该版次已经发布。"


class SameReleaser(Forbidden):
    """Releasing takes two people: somebody else has to decide on what you proposed."""

    zh = "发布版次须由两人完成：请由提议人以外的人决定。"


class ReleaseDecided(Conflict):
    """This release was decided already; nothing was changed."""

    zh = "该发布提议已有结论，本次未作改动。"


class ReleaseOutdated(Conflict):
    """Since this was proposed, another edition came into use or its last day has passed; refuse it
    and propose again, so that its preview is true."""

    zh = "提议之后现行版次已变更，或所定最后日期已过；请退回后重新提议，使预览与实际一致。"


class LastDayWrong(Invalid):
    """The last day to finish must be today or later, within three years."""

    zh = "最后完成日期须为今天或以后，且在三年之内。"


class NotEditorial(Invalid):
    """Only lessons that differ in the new edition can be named as editorial corrections."""

    zh = "只有在新版次中有改动的小节才能列为编辑性更正。"


class RefusalReasonMissing(Invalid):
    """Give a reason of at least five characters for refusing."""

    zh = "退回时请填写至少五个字的理由。"


class ReleaseState(StrEnum):
    PROPOSED = "proposed"
    RELEASED = "released"
    REFUSED = "refused"


class DraftState(StrEnum):
    """Of an edition that was handed in."""

    HANDED_IN = "handed-in"
    PROPOSED = "proposed"
    REFUSED = "refused"
    """By the last decision on it; it may be proposed again."""
    PUBLISHED = "published"
    CODE_TAKEN = "code-taken"
    """Other content was published under its code: this one never will be."""


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal to release a draft, and what was decided of it."""

    id: UUID
    code: str
    sha256: str
    instead_of: str
    finish_until: date
    """Last day, Asia/Shanghai, to finish under the edition before."""
    editorial: tuple[str, ...]
    state: ReleaseState
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    reason: str | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A published edition in the order of publishing. The first one, and one put into use without a
    release, has no `finish_until`: nobody is moved by it."""

    code: str
    sha256: str
    published_at: datetime
    finish_until: date | None = None
    editorial: tuple[str, ...] = ()


def shanghai_day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def check_last_day(finish_until: date, *, now: datetime) -> None:
    """Raises LastDayWrong."""
    today = shanghai_day(now)
    if not today <= finish_until <= today + LONGEST:
        words = "今天或以后，三年之内 / today or later, within three years"
        raise LastDayWrong(fields={"finishUntil": words})


def check_editorial(editorial: Collection[str], changes: Collection[LessonChange]) -> None:
    """`changes` compared without any of them. Raises NotEditorial."""
    differ = {change.code for change in changes if change.change is Change.CHANGED}
    if wrong := sorted(set(editorial) - differ):
        raise NotEditorial(fields={code: NotEditorial.zh for code in wrong})


def check_decision(
    release: Release, decider: UUID, *, accepts: bool, reason: str, current: str, now: datetime
) -> None:
    """`current`: code of the edition in use. A refusal needs its reason, a release a true preview:
    raises what stands in the way."""
    if release.state is not ReleaseState.PROPOSED:
        raise ReleaseDecided
    if release.proposed_by == decider:
        raise SameReleaser
    if not accepts and len(reason.strip()) < 5:
        raise RefusalReasonMissing(fields={"reason": "至少五个字 / five characters at least"})
    passed = release.finish_until < shanghai_day(now)
    if accepts and (release.instead_of != current or passed):
        raise ReleaseOutdated


def steps_after(code: str, steps: Sequence[Step]) -> Sequence[Step]:
    """Editions published after this one, oldest first; none when it is the one in use."""
    codes = [step.code for step in steps]
    return steps[codes.index(code) + 1 :] if code in codes else ()


def last_day(later: Sequence[Step]) -> date | None:
    """Until when whoever has the edition before `later` may finish under it: what the first release
    promised holds, whatever came after. None: without end."""
    return next((step.finish_until for step in later if step.finish_until), None)
