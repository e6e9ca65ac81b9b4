"""What happens to a programme between two published editions, over those between."""

import asyncio
from collections.abc import Sequence

from backend.curriculum import service as curriculum
from backend.curriculum.domain import Step
from courses.comparison import LessonChange, ProgrammeChange, compare, for_programme
from courses.format import Edition

Stage = tuple[Edition, str, tuple[str, ...]]
"""An edition, its sha256, and the lessons in it whose difference is editorial."""
_compared: dict[tuple[str, str, tuple[str, ...]], tuple[LessonChange, ...]] = {}
"""Editions never change, and there are a handful in the life of a process."""


async def stages(steps: Sequence[Step]) -> list[Stage]:
    return [(await curriculum.edition(s.code), s.sha256, s.editorial) for s in steps]


async def change_over(stages: Sequence[Stage], programme: str) -> ProgrammeChange | None:
    """From the first stage to the last; None where the last has no such programme. An edition
    between that lacks it is passed over."""
    (old, *later), whole = stages, None
    for stage in later:
        found = for_programme(old[0], stage[0], programme, await _changes(old, stage))
        if found is not None:
            whole, old = (whole.then(found) if whole else found), stage
    return whole if old is stages[-1] else None


async def _changes(old: Stage, new: Stage) -> tuple[LessonChange, ...]:
    key = old[1], new[1], new[2]
    if key not in _compared:
        _compared[key] = await asyncio.to_thread(compare, old[0], new[0], editorial=new[2])
    return _compared[key]
