"""All that is looked for in a day's attempts at an exam, set against those of before.

Copying, haste and foreknowledge are told from how people usually answer: where too few have, they
are not looked for. Devices are, always.
"""

from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.answer_times import Timed, too_fast
from backend.assessment.statistics.copying import compared, twin_signals
from backend.assessment.statistics.devices import Sitting, shared_devices
from backend.assessment.statistics.drift import drift
from backend.assessment.statistics.exposure import exposed_items
from backend.assessment.statistics.foreknowledge import foreknowledge
from backend.assessment.statistics.responses import Floats, Responses, of_attempts
from backend.assessment.statistics.signals import Signal

FEWEST_KNOWN = 50
"""Attempts, from which can be told how people answer."""
MOST_TOGETHER = 300
"""People of an organisation who began one after another: so many are compared with each other."""
_NOBODY = -1
_CLAIMED = 1.1
"""Times that the learner's device claims may add up to this much of the attempt, no more."""


class Save(msgspec.Struct, frozen=True):
    """An answer as it stands at last."""

    item: str
    claimed: float | None
    """Seconds on the item, as the learner's device says."""
    saved_at: datetime


class DayOfExam(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """By attempt, where nothing else is said."""

    responses: Responses
    seconds: Floats
    """By row; NaN where not known."""
    characters: NDArray[np.int64]
    """By item."""
    today: NDArray[np.bool_]
    lately: NDArray[np.bool_]
    """Of the day and the days just before: against those of earlier, items are compared."""
    group: NDArray[np.int64]
    """Who could have copied from whom; below zero: nobody."""
    sittings: list[Sitting]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    signals: list[Signal]
    pairs: int
    """Compared with each other."""
    enough: bool
    """False: too few attempts to tell how people answer; only devices were looked at."""


def look_through(day: DayOfExam) -> Seen:
    signals = shared_devices(day.sittings)
    if day.responses.attempts < FEWEST_KNOWN or not len(day.responses.item):
        return Seen(signals=signals, pairs=0, enough=False)
    pairs = compared(day.responses, day.group)
    rows = day.today[day.responses.attempt]
    timed = Timed(
        responses=of_attempts(day.responses, day.today),
        seconds=day.seconds[rows],
        characters=day.characters,
    )
    signals += [*twin_signals(pairs), *too_fast(timed), *_known_before(day)]
    return Seen(signals=signals, pairs=pairs.pairs, enough=True)


def _known_before(day: DayOfExam) -> list[Signal]:
    """Times and answers of all tell what is usual; who stood out of earlier days was noted then."""
    if min(day.lately.sum(), (~day.lately).sum()) < FEWEST_KNOWN:
        return []
    early, late = (of_attempts(day.responses, which) for which in (~day.lately, day.lately))
    exposed = exposed_items(drift(early, late))
    codes = {code for one in exposed for code in one.items}
    known = np.array([item.code in codes for item in day.responses.items], bool)
    everybody = Timed(responses=day.responses, seconds=day.seconds, characters=day.characters)
    who = foreknowledge(everybody, known)
    return [*exposed, *(one for one in who if day.today[one.attempts[0]])]


def groups_of(
    organisations: list[str], started: list[datetime], today: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """People of one organisation, in parts of `MOST_TOGETHER` by when they began, so that the pairs
    do not grow with the square of a whole exam day."""
    group = np.full(len(organisations), _NOBODY, np.int64)
    order = sorted(np.flatnonzero(today), key=lambda n: (organisations[n], started[n], n))
    place, within = 0, 0
    for at, n in enumerate(order):
        other = at > 0 and organisations[order[at - 1]] != organisations[n]
        if other or within == MOST_TOGETHER:
            place, within = place + 1, 0
        group[n], within = place, within + 1
    return group


def answer_seconds(saves: list[Save], started: datetime, ended: datetime) -> dict[str, float]:
    """What went by since the save before, or what the device claims, whichever is longer: a signal
    wants both clocks to agree. Answers saved together share the time, and claims that add up to
    more than the whole attempt are not believed."""
    claimed = sum(one.claimed or 0 for one in saves)
    believed = claimed <= _CLAIMED * (ended - started).total_seconds()
    by_time: dict[datetime, list[Save]] = {}
    for one in saves:
        by_time.setdefault(one.saved_at, []).append(one)
    found, before = dict[str, float](), started
    for at in sorted(by_time):
        gap = max((at - before).total_seconds(), 0) / len(by_time[at])
        for one in by_time[at]:
            found[one.item] = max(gap, one.claimed or 0) if believed else gap
        before = at
    return found
