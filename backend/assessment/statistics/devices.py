"""Devices from which several people sat their exams.

A computer room is shared honestly: leave its devices out, or bring what is found there to nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations

import msgspec

from backend.assessment.statistics.signals import Kind, Signal

FEWEST_LEARNERS = 3
"""Couples and colleagues share one; three people seldom do."""


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    attempt: int
    learner: str
    device: str
    """A keyed hash; the device itself is nobody's business here."""
    started: datetime
    ended: datetime


def shared_devices(sittings: Iterable[Sitting], fewest: int = FEWEST_LEARNERS) -> list[Signal]:
    """Most learners first. The chance is by rank: of a device drawn from all, to be shared by as
    many people."""
    by_device = defaultdict[str, list[Sitting]](list)
    for sitting in sittings:
        by_device[sitting.device].append(sitting)
    learners = {device: len({s.learner for s in sat}) for device, sat in by_device.items()}
    shared = sorted((d for d in learners if learners[d] >= fewest), key=lambda d: (-learners[d], d))
    return [_signal(by_device[device], learners[device], [*learners.values()]) for device in shared]


def overlapping(sittings: Sequence[Sitting]) -> int:
    """Pairs of sittings by different learners that ran at the same moment."""
    return sum(
        one.learner != other.learner and one.started < other.ended and other.started < one.ended
        for one, other in combinations(sittings, 2)
    )


def _signal(sat: list[Sitting], learners: int, all_devices: list[int]) -> Signal:
    as_many = sum(many >= learners for many in all_devices)
    at_once, devices = overlapping(sat), len(all_devices)
    zh = f"同一设备上有 {learners} 名学员参加考试（{devices:,} 台设备中仅 {as_many} 台如此）"
    en = f"{learners} learners sat exams on one device ({as_many} of {devices:,} have as many)"
    if at_once:
        zh += f"，其中 {at_once} 对考试时间重叠"
        en += f"; {at_once} pairs of sittings overlap in time"
    return Signal(
        kind=Kind.SHARED_DEVICE,
        attempts=tuple(sorted(s.attempt for s in sat)),
        chance=as_many / devices,
        among=devices,
        zh=zh + "。机房或家庭共用也会如此，请人工核查。",
        en=en + ". A computer room or a family does so too: look into it.",
    )
