"""An attempt's life: two devices, a clock, calls that break off and come again, beside a reference
of a few lines. Real rows; each life is undone at its end."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from backend.assessment import service
from backend.assessment.domain import SEQUENCES_A_SITTING, State
from backend.assessment.overdue import hand_in
from backend.assessment.saving.service import Batch, commit
from backend.assessment.schemas import AnswersSaved, AnswerToSave, AttemptView, SaveVerdict
from backend.records.tables import DueRecord
from courses.items.answers import Picked
from infra.engine import DB
from infra.errors import DomainError
from tests.backend.assessment.sitting import Examinee
from tests.one_connection import OneConnection

T = TypeVar("T")
MINUTES, GRACE, SWEPT = 20, 30, 60
DEVICES = st.sampled_from(("phone", "tablet"))
BREAKS = st.none() | st.integers(1, 6)
"""Before which statement the line breaks; None: not at all."""


class Broken(Exception):
    """What a killed process leaves: nothing of its transaction."""


class Breaking:
    """A connection that breaks before its nth statement."""

    def __init__(self, held: Any, after: int) -> None:
        self._held, self._left = held, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._held, name)
        if name not in {"execute", "fetch", "fetchrow", "fetchval"}:
            return found

        async def counted(*arguments: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                raise Broken
            return await found(*arguments, **named)

        return counted


class Life(RuleBasedStateMachine):
    examinee: Examinee
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def tried(self, work: Coroutine[Any, Any, T], breaks: int | None) -> T | Exception:
        """The answer; an error of ours, or Broken."""
        pool: Any = DB.pool
        held = pool.held
        if breaks is not None:
            DB.pool = OneConnection(Breaking(held, breaks))
        try:
            return self.run(work)
        except (DomainError, Broken) as error:
            return error
        finally:
            DB.pool = pool

    @initialize()
    def begin(self) -> None:
        self.run(self.sql("SAVEPOINT life"))
        self.now = self.examinee.clock()
        learner = self.examinee.learner
        self.learner = learner.person.id
        started, _ = self.run(
            service.start(self.learner, learner.enrolment_id, now=self.now)  # type: ignore[arg-type]
        )
        self.id, self.items, self.due_at = started.id, started.items, started.due_at
        self.sittings = {"phone": 1, "tablet": 0}
        self.given: dict[int, tuple[int, tuple[str, ...]]] = {}
        self.count, self.ended = 0, ""

    async def sql(self, statement: str) -> None:
        pool: Any = DB.pool
        await pool.held.execute(statement)

    def teardown(self) -> None:
        if hasattr(self, "id"):
            self.run(self.sql("ROLLBACK TO SAVEPOINT life"))

    # --- the reference ---------------------------------------------------------------------------

    @property
    def held(self) -> int:
        return max(self.sittings.values())

    def over(self, seconds: int = GRACE) -> bool:
        return self.now > self.due_at + timedelta(seconds=seconds)

    def keep(self, place: int, sequence: int, picked: tuple[str, ...]) -> bool:
        stands = sequence >= self.given.get(place, (0, ()))[0]
        if stands:
            self.given[place] = sequence, picked
        return stands

    def right(self, place: int) -> tuple[str, ...]:
        item: Any = self.items[place - 1]
        texts = self.examinee.right[item.id]
        return tuple(sorted(one.id for one in item.options if one.text in texts))

    def score(self) -> float:
        return 10.0 * sum(picked == self.right(place) for place, (_, picked) in self.given.items())

    # --- what happens ----------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 20, 240, 300, 600]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(device=DEVICES, breaks=BREAKS)
    def take_over(self, device: str, breaks: int | None) -> None:
        work = service.take_up(self.id, self.learner, device_id=None, now=self.now)
        view = self.tried(work, breaks)
        if isinstance(view, Broken):
            return
        assert isinstance(view, AttemptView)
        self.look_back(view)
        if not self.ended:
            self.sittings[device] = self.held + 1
            assert view.sitting == self.held

    @rule(
        device=DEVICES,
        places=st.lists(st.integers(1, 10), min_size=1, max_size=3),
        back=st.integers(0, 2),
        right=st.booleans(),
        breaks=BREAKS,
        twice=st.booleans(),
    )
    def save(
        self,
        device: str,
        places: list[int],
        back: int,
        right: bool,
        breaks: int | None,
        twice: bool,
    ) -> None:
        """`back`: how far the sequence lies behind; `twice`: the answer was lost on the way."""
        if self.sittings[device] == 0:
            return
        batch = self.batch(device, places, back, right)
        self.expect(batch, self.saved(batch, breaks))
        if twice:
            self.expect(batch, self.saved(batch, None))

    def batch(self, device: str, places: list[int], back: int, right: bool) -> Batch:
        sitting = self.sittings[device]
        sent = []
        for place in places:
            self.count += 1
            picked = self.right(place) if right else ()
            at = sitting * SEQUENCES_A_SITTING + 1 + max(0, self.count - back)
            sent.append(AnswerToSave(position=place, sequence=at, answer=Picked(picked=picked)))
        return Batch(
            learner_id=self.learner,
            attempt_id=self.id,
            sitting=sitting,
            received_at=self.now,
            answers=sent,
        )

    def saved(self, batch: Batch, breaks: int | None) -> Any:
        found = self.tried(commit([batch]), breaks)
        return found[0] if isinstance(found, list) else found

    def expect(self, batch: Batch, answer: Any) -> None:
        if isinstance(answer, Broken):
            return
        if self.ended or self.over() or batch.sitting != self.held:
            assert isinstance(answer, DomainError)
            return
        assert isinstance(answer, AnswersSaved)
        for given, told in zip(batch.answers, answer.answers, strict=True):
            assert isinstance(given.answer, Picked)
            self.keep(given.position, given.sequence, tuple(sorted(given.answer.picked)))
            stands = self.given[given.position][0] == given.sequence
            if told.verdict is SaveVerdict.SAVED:
                assert stands

    @rule(device=DEVICES, breaks=BREAKS, times=st.integers(1, 3))
    def submit(self, device: str, breaks: int | None, times: int) -> None:
        if self.sittings[device] == 0:
            return
        batch = self.batch(device, [], 0, True)
        for _ in range(times):
            result = self.tried(service.submit(batch), breaks)
            if isinstance(result, Broken):
                continue
            if not self.ended and self.over():
                self.ended = State.EXPIRED
            if self.ended == State.EXPIRED or (not self.ended and batch.sitting != self.held):
                assert isinstance(result, DomainError)
                continue
            self.ended = State.SUBMITTED
            assert not isinstance(result, Exception)
            assert result.score == self.score()

    @rule(breaks=BREAKS)
    def sweep(self, breaks: int | None) -> None:
        due = not self.ended and self.over(SWEPT)
        done = self.tried(hand_in(self.now), breaks)
        if breaks is None:
            assert done == int(due)
        if due and done == 1:
            self.ended = State.EXPIRED

    def look_back(self, view: AttemptView) -> None:
        """What is seen is what was acknowledged; seen late, it is handed in."""
        if not self.ended and self.over():
            self.ended = State.EXPIRED
        assert view.state == (self.ended or State.OPEN)
        seen = {one.position: (one.sequence, one.answer) for one in view.answers}
        assert seen == {
            place: (sequence, Picked(picked=picked))
            for place, (sequence, picked) in self.given.items()
        }
        assert (view.result.score if view.result else None) == (
            self.score() if self.ended else None
        )

    @invariant()
    def nothing_is_lost_and_there_is_one_mark_and_one_record(self) -> None:
        if not hasattr(self, "id"):
            return
        if self.ended or not self.over():  # a look would hand in: leave that to the rules
            self.look_back(self.run(service.attempt(self.id, self.learner, now=self.now)))
        records = self.run(self.records())
        assert records == int(bool(self.ended) and self.score() >= 60)

    async def records(self) -> int:
        return int(await DueRecord.count().where(DueRecord.learner_id == self.learner))


async def test_whatever_happens_what_was_acknowledged_is_marked_once(examinee: Examinee) -> None:
    Life.examinee, Life.loop = examinee, asyncio.get_running_loop()
    shape = settings(
        max_examples=12,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Life, settings=shape)
