"""After three failed attempts: the modules they failed in, studied again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.assessment import repository
from backend.assessment.domain import AttemptsUsedUp, last_of_round
from backend.assessment.repository import Attempt, Outline
from backend.assessment.views import failed_modules_of
from backend.curriculum import service as curriculum
from backend.progress import service as progress
from courses.format import Edition, Lesson
from courses.programmes import lessons_of


async def check(
    outlines: Sequence[Outline], learner_id: UUID, enrolment_id: UUID, *, now: datetime
) -> None:
    """AttemptsUsedUp, naming the lessons that are left. In the caller's unit of work."""
    last = last_of_round(repository.past(outlines))
    if last is None:
        return
    failed = await repository.lock_attempt(outlines[-1].id, learner_id=learner_id)
    edition = await curriculum.edition(failed.edition)
    done = await progress.studied_again(learner_id, enrolment_id, since=last.ended_at, now=now)
    left = [one for one in _lessons(edition, failed) if one.code not in done]
    if left:
        raise _used_up(left)


def _lessons(edition: Edition, failed: Attempt) -> list[Lesson]:
    """Of the failed modules; of all, where the paper does not say its items' modules."""
    modules = failed_modules_of(failed)
    every = lessons_of(edition, edition.programme(failed.programme_code))
    return [one for one in every if one.written and (not modules or one.module in modules)]


def _used_up(left: list[Lesson]) -> AttemptsUsedUp:
    codes = [one.code for one in left]
    named = "、".join(f"{one.code}《{one.title.zh}》" for one in left[:5])
    more = f"等 {len(left)} 个小节" if len(left) > 5 else ""
    return AttemptsUsedUp(
        "Three attempts are used. Watch the failed modules' lessons again and answer their check "
        f"questions right, then you have three more: {', '.join(codes[:20])}.",
        zh=(
            "3 次考试机会已用完。请重新观看未通过模块的小节并答对检查题，之后可再考 3 次："
            f"{named}{more}。"
        ),
        fields={code: "study-again" for code in codes},
    )
