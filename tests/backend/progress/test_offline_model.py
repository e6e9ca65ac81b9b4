"""Sessions, phones that are away, and syncs that break off, beside a count in Python's own sets.

One honest person with two phones and a browser, one thing at a time: whatever is lost on the way,
sent again or comes in another order, in the end all counts that was watched and answered for. And
a forger beside them, whose every claim together never fills more than the time there was.
"""

import copy
import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backend.progress.bitmap import Bitmap
from backend.progress.domain import Day, Reason, Verdict, shanghai_day
from backend.progress.heartbeats.domain import PlaySession, Seat, Watched, credit
from backend.progress.offline.batch import Kit, OnlineTime, Spent, clock_of, judge_batch
from backend.progress.offline.domain import Lease, Seen
from backend.progress.offline.domain import Stretch as Check
from backend.progress.offline.schemas import AnsweredOffline, DoneOffline, WatchedOffline
from backend.progress.offline.wall_clock import WallClock, day_of

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
LECTURE, CHECKS = 400, 12
DEVICES = ("phone", "tablet")
FINAL = {Verdict.CREDITED, Verdict.DUPLICATE}


def named(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


class Store(msgspec.Struct):
    """What the database keeps."""

    seen: Seen
    seat: Seat
    leases: dict[str, Lease]
    spent: list[Spent] = []
    sessions: list[OnlineTime] = []


class Handset:
    """Writes down what it does; throws a note away only when its verdict is final."""

    def __init__(self, name: str, lengths: list[int]) -> None:
        self.name, self.lengths = name, lengths
        self.at, self.check, self.ms, self.boot = 0, 1, 0, 0
        self.in_stretch: dict[int, set[int]] = {}
        self.right: dict[int, bool] = {}
        self.watched: list[WatchedOffline] = []
        self.answered: list[AnsweredOffline] = []

    def play(self, seconds: int) -> int:
        """How long it played: until its check at most."""
        done = self.in_stretch.setdefault(self.check, set())
        room = self.lengths[self.check - 1] - len(done)
        seconds = min(seconds, LECTURE - self.at, room)
        if seconds > 0:
            self.watched.append(self.note(self.at, self.at + seconds, self.check, self.ms))
            done |= set(range(self.at, self.at + seconds))
            self.at, self.ms = self.at + seconds, self.ms + seconds * 1000
        return max(0, seconds)

    def note(self, start: int, end: int, check: int, ms: int) -> WatchedOffline:
        return WatchedOffline(
            id=named(f"{self.name}-{self.boot}-{ms}-{start}"),
            lease_id=named(self.name),
            check=check,
            from_second=start,
            to_second=end,
            boot_id=named(f"{self.name}-{self.boot}"),
            from_ms=ms,
            to_ms=ms + (end - start) * 1000,
        )

    def answer(self, right: bool) -> None:
        self.answered.append(
            AnsweredOffline(
                id=named(f"{self.name}-answer-{self.check}"),
                lease_id=named(self.name),
                check=self.check,
                option="A" if right else "B",
                boot_id=named(f"{self.name}-{self.boot}"),
                shown_ms=self.ms,
                answered_ms=self.ms + 5000,
            )
        )
        self.right[self.check], self.ms, self.check = right, self.ms + 5000, self.check + 1

    @property
    def earned(self) -> set[int]:
        passed = [seen for check, seen in self.in_stretch.items() if self.right.get(check)]
        return set().union(*passed)


class Away(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        lengths = {name: [60 + 7 * n for n in range(CHECKS)] for name in DEVICES}
        self.handsets = {name: Handset(name, lengths[name]) for name in DEVICES}
        seen = Seen(
            named("watch"), named("enrolment"), "M02-L01", Watched(duration_seconds=LECTURE)
        )
        leases = {name: self.lease(name, seen, lengths[name]) for name in DEVICES}
        seat = Seat(day=Day(date=shanghai_day(START)), check_in_seconds=720)
        self.store = Store(seen, seat, leases)
        self.counted: set[int] = set()
        self.online: set[int] = set()
        self.granted, self.forged = 0, False

    def lease(self, name: str, seen: Seen, lengths: list[int]) -> Lease:
        return Lease(
            id=named(name),
            counted_from=START,
            ends_at=START + timedelta(days=14),
            rate_percent=100,
            lost=Bitmap(),
            seen=seen,
            stretches={n + 1: Check(number=n + 1, length_seconds=s) for n, s in enumerate(lengths)},
        )

    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(seconds=st.integers(1, 100))
    def nothing_happens(self, seconds: int) -> None:
        self.passes(seconds)

    @rule(name=st.sampled_from(DEVICES), seconds=st.integers(1, 90))
    def watch_offline(self, name: str, seconds: int) -> None:
        self.passes(self.handsets[name].play(seconds))

    @rule(name=st.sampled_from(DEVICES), right=st.booleans() | st.just(True))
    def answer_offline(self, name: str, right: bool) -> None:
        handset = self.handsets[name]
        if handset.in_stretch.get(handset.check) and handset.check < CHECKS:
            handset.answer(right)
            self.passes(5)

    @rule(name=st.sampled_from(DEVICES))
    def lose_power(self, name: str) -> None:
        self.handsets[name].boot, self.handsets[name].ms = self.handsets[name].boot + 1, 0

    @rule(name=st.sampled_from(DEVICES))
    def watch_from_the_beginning(self, name: str) -> None:
        self.handsets[name].at = 0

    @rule(seconds=st.integers(1, 60))
    def watch_online(self, seconds: int) -> None:
        """Where the server says that it goes on."""
        store, start = self.store, self.store.seen.state.seen.end
        opened, span = self.now, (start, min(start + seconds, LECTURE))
        self.passes(span[1] - span[0])
        session = PlaySession(started_at=opened, clock_from=opened)
        found = credit(session, store.seen.state, store.seat, span, now=self.now)
        if found.credited_seconds:
            store.seen.state = found.watch.joined()
            store.seat = msgspec.structs.replace(found.seat, check_in_seconds=720)
            store.sessions.append(OnlineTime(opened, self.now, found.credited_seconds, 100))
            self.counted |= set(range(*span))
            self.online |= set(range(*span))
            self.granted += found.credited_seconds

    @rule(
        name=st.sampled_from(DEVICES),
        picked=st.lists(st.integers(0, 30), max_size=8),
        crash=st.sampled_from(["none", "before it was stored", "after it was stored"]),
    )
    def hand_in_some(self, name: str, picked: list[int], crash: str) -> None:
        """Any part in any order; whatever has no verdict is kept."""
        handset = self.handsets[name]
        some = [handset.watched[n % len(handset.watched)] for n in picked if handset.watched]
        answers = [handset.answered[n % len(handset.answered)] for n in picked if handset.answered]
        self.hand_in(name, some, answers, crash=crash)

    def hand_in(
        self,
        name: str,
        watched: list[WatchedOffline],
        answered: list[AnsweredOffline],
        *,
        crash: str = "none",
        settled: bool = False,
    ) -> None:
        before = copy.deepcopy(self.store)
        done = DoneOffline(named(name), watched, answered, settled)
        lease = self.store.leases[name]
        right = {(lease.id, number): "A" for number in lease.stretches}
        kit = Kit({lease.id: lease}, right)
        clock = clock_of(
            self.store.spent, self.store.sessions, self.store.seat, since=START, now=self.now
        )
        verdicts, _ = judge_batch(kit, clock, done, now=self.now)
        if crash == "before it was stored":
            self.store = before
            return
        self._keep(kit)
        if settled:
            lease.counted_from = self.now
        for event, verdict in zip(watched, verdicts, strict=True):
            self._note(event, verdict.verdict, verdict.reason, verdict.credited_seconds)
            final = verdict.verdict in FINAL or verdict.reason is Reason.CHECK_MISSED
            if crash == "none" and final and event in self.handsets[name].watched:
                self.handsets[name].watched.remove(event)

    def _keep(self, kit: Kit) -> None:
        day = self.store.seat.day
        more = kit.seconds_on(day.date)
        after = msgspec.structs.replace(day, seconds=day.seconds + more)
        self.store.seat = msgspec.structs.replace(self.store.seat, day=after)
        self.store.spent += kit.spent
        self.granted += sum(one.time.seconds for one in kit.spent)

    def _note(
        self, event: WatchedOffline, verdict: Verdict, reason: Reason | None, credited: int
    ) -> None:
        said = set(range(event.from_second, min(event.to_second, LECTURE)))
        assert self.forged or verdict is not Verdict.CAPPED, f"an honest claim was cut: {reason}"
        state = _members(self.store.seen.state.seen)
        if verdict in FINAL:
            assert said <= state, "acknowledged is kept"
        self.counted |= said & state if credited else set()

    @rule(
        name=st.sampled_from(DEVICES),
        start=st.integers(0, 60),
        length=st.integers(1, 300),
        check=st.integers(1, CHECKS),
    )
    def forge(self, name: str, start: int, length: int, check: int) -> None:
        """With an answer as right as can be, and a clock that says that there was time."""
        self.forged = True
        handset = self.handsets[name]
        event = handset.note(start, start + length, check, 1 << 40)
        ours = AnsweredOffline(
            id=named("forged"),
            lease_id=named(name),
            check=check,
            option="A",
            boot_id=named("forged"),
            shown_ms=0,
            answered_ms=1000,
        )
        self.hand_in(name, [event], [ours])

    @invariant()
    def what_counts_is_what_was_acknowledged(self) -> None:
        assert _members(self.store.seen.state.seen) == self.counted

    @invariant()
    def no_time_is_used_twice(self) -> None:
        assert self.granted <= (self.now - START).total_seconds()
        times = sorted((one.time.start, one.time.end) for one in self.store.spent)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(times))

    def teardown(self) -> None:
        """Home again: everything is handed in, twice, and all that was earned counts."""
        for settled in (False, False, True):
            for name, handset in self.handsets.items():
                self.hand_in(name, handset.watched[::-1], handset.answered, settled=settled)
        if not self.forged:
            earned = set().union(self.online, *(h.earned for h in self.handsets.values()))
            assert _members(self.store.seen.state.watched) == earned
            assert all(handset.watched == [] for handset in self.handsets.values())


def _members(bitmap: Bitmap) -> set[int]:
    return {second for start, end in bitmap.spans() for second in range(start, end)}


Away.TestCase.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
TestAway = Away.TestCase


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 200_000), st.integers(1, 90_000), st.integers(1, 30_000)),
        max_size=8,
    ),
    st.sampled_from([100, 150, 200]),
)
def test_no_day_takes_more_than_its_class_hours_and_no_second_is_given_twice(
    wishes: list[tuple[int, int, int]], rate: int
) -> None:
    clock, taken = WallClock(0, 300_000), []
    for start, length, seconds in wishes:
        window = (start, start + length)
        seconds = min(seconds, clock.room(window, rate))
        found = clock.take(window, seconds, rate)
        assert sum(one.seconds for one in found) == seconds
        assert all(start <= one.start < one.end <= start + length for one in found)
        taken += found
    taken.sort(key=lambda one: one.start)
    assert all(a.end <= b.start for a, b in itertools.pairwise(taken))
    for day in {one.day for one in taken}:
        assert sum(one.seconds for one in taken if one.day == day) <= 8 * 45 * 60
    assert all(day_of(one.end - 1) == one.day for one in taken)


@pytest.mark.parametrize(
    ("second", "day"), [(16 * 3600 - 1, "1970-01-01"), (16 * 3600, "1970-01-02")]
)
def test_a_day_begins_at_midnight_in_shanghai(second: int, day: str) -> None:
    assert day_of(second).isoformat() == day
