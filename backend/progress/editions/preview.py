"""Whom a new edition concerns, before its release: counted by the rules that move them later."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from backend.curriculum import service as curriculum
from backend.curriculum.domain import steps_after
from backend.progress.domain import shanghai_day
from backend.progress.editions import repository as carry_over_rows
from backend.progress.editions import service as carry_over
from backend.progress.editions.changes import Stage, change_over, stages
from backend.progress.editions.domain import Fate, fate
from backend.progress.editions.finishing import Course
from backend.progress.editions.schemas import EditionPreview, PendingProposal, ProgrammePreview
from courses.comparison import Change, ProgrammeChange, compare
from courses.format import Edition
from courses.loader import sha256_of

PAGE = 2_000


async def preview(
    new: Edition, editorial: Sequence[str] | None = None, *, now: datetime
) -> EditionPreview:
    """Reads every enrolment that is under way, page by page, and changes nothing. Without
    `editorial` those lessons are taken that a proposal of this content names."""
    steps = await curriculum.steps()
    sha256 = sha256_of(new)
    proposal = await _proposal(sha256)
    if editorial is None:
        editorial = proposal.editorial if proposal and proposal.this else ()
    target: Stage = new, sha256, tuple(editorial)
    current = await curriculum.current_edition()
    counted: dict[str, Counter[Fate]] = {}
    for step in steps:
        path = [*await stages([step, *steps_after(step.code, steps)]), target]
        for programme in path[0][0].programmes:
            change = await change_over(path, programme.code)
            counts = await _counts(path[0][0], programme.code, change, now)
            counted.setdefault(programme.code, Counter()).update(counts)
    changes = Counter(one.change for one in compare(current, new, editorial=editorial))
    return EditionPreview(
        edition=new.code,
        instead_of=current.code,
        sha256=target[1],
        lessons={change: changes[change] for change in Change},
        programmes=[
            await _programme(new, code, counts)
            for code, counts in counted.items()
            if counts.total()
        ],
        proposal=proposal,
    )


async def _proposal(sha256: str) -> PendingProposal | None:
    found = await curriculum.pending_release()
    if found is None:
        return None
    return PendingProposal(
        id=found.id,
        edition=found.code,
        instead_of=found.instead_of,
        finish_until=found.finish_until,
        editorial=found.editorial,
        proposed_at=found.proposed_at,
        this=found.sha256 == sha256,
    )


async def _counts(
    old: Edition, programme: str, change: ProgrammeChange | None, now: datetime
) -> Counter[Fate]:
    """Without a programme to go on to, everybody may finish where they are."""
    found: Counter[Fate] = Counter()
    after, course, year = carry_over_rows.FIRST, Course(old, programme), shanghai_day(now).year
    asked = old, course.programme
    while page := await carry_over_rows.earned(*asked, year=year, after=after, limit=PAGE):
        after = page[-1][0].id
        for mine, earned in page:
            done = change is None or await course.finished(mine, earned)
            found[fate(earned, change, finished=done) if change else Fate.FINISHED] += 1
    return found


async def _programme(new: Edition, code: str, counts: Counter[Fate]) -> ProgrammePreview:
    there = [programme for programme in new.programmes if programme.code == code]
    why = await carry_over.why_not_open(new, there[0]) if there else None
    return ProgrammePreview(
        programme=code,
        people=counts.total(),
        finished=counts[Fate.FINISHED],
        keep_everything=counts[Fate.KEEPS_ALL],
        learn_again=counts[Fate.AGAIN],
        not_begun=counts[Fate.NOT_BEGUN],
        gone=not there,
        open=bool(there) and why is None,
        why_not_open=why,
    )
