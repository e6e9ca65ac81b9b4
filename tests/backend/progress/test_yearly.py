"""A programme that is begun anew each year, when editions change within it and after it."""

from pathlib import Path

import httpx

from backend.progress.editions import service as carry_over
from backend.progress.editions.preview import preview
from courses.loader import load_edition
from infra.clock import ManualClock
from infra.objects import ObjectStore
from tests.backend.progress.learning import Learner, show_lecture
from tests.backend.progress.moving import publish, release
from tests.backend.progress.test_carry_over import enrolments
from tests.backend.progress.test_ledger import enter, sat
from tests.courses.two_editions import (
    ASKED,
    ASKS,
    first_edition,
    second_edition,
    taught_in_a_room,
    yearly,
)
from tests.people import AsPerson

A_YEAR = 365 * 86_400


async def test_a_yearly_programme_goes_on_within_its_year_and_begins_anew_with_the_next(
    api: httpx.AsyncClient,
    as_person: AsPerson,
    clock: ManualClock,
    tmp_path: Path,
    object_store: ObjectStore,
) -> None:
    first = first_edition(tmp_path / "first")
    folders = first, second_edition(first, tmp_path / "second")
    old, new = (yearly(taught_in_a_room(load_edition(folder))) for folder in folders)
    await publish(old, clock)
    for code in {*ASKED, *ASKS}:
        await show_lecture(clock, object_store, lesson=code)
    soon, late = [Learner(api, await as_person(), clock) for _ in range(2)]
    for one in (soon, late):
        await one.enrol()
        await enter(one, sat(one, 2700))
    await release(new, clock)
    await soon.enrol(newestEdition=True)
    screens = await enrolments(soon)
    assert screens["2026.2"]["hours"]["earnedSeconds"] == 2700, "sat before the move"
    clock.advance(A_YEAR)
    assert not (await preview(new, now=clock())).programmes, "last year's are nobody's matter"
    assert await carry_over.sweep(now=clock()) == carry_over.Swept()
    assert list(await enrolments(late)) == ["2026.1"], "nobody is enrolled for another year"
    await late.enrol()
    earned = {code: one["hours"]["earnedSeconds"] for code, one in (await enrolments(late)).items()}
    assert earned == {"2026.1": 2700, "2026.2": 0}
