"""What has been seen of a bank: by everybody lately, and by this learner."""

from collections.abc import Collection, Mapping

import msgspec

from courses.format import Blueprint, Exposure


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """On how many papers an item stood; one that is not named, on none."""

    lately: Mapping[str, int] = {}
    by_learner: Mapping[str, int] = {}


UNSEEN = Seen()


def exposure_of(blueprint: Blueprint) -> Exposure:
    return blueprint.exposure if isinstance(blueprint.exposure, Exposure) else Exposure()


def resting(ids: Collection[str], lately: Mapping[str, int], percent: int) -> frozenset[str]:
    """Those seen most often, at most `percent` of all; of equals none rests unless all do.

    Not the least seen alone are drawn: everybody who sits on one day would get the same paper.
    """
    times = sorted((lately.get(id_, 0) for id_ in ids), reverse=True)
    most = len(times) * percent // 100
    if not most or most >= len(times):
        return frozenset()
    border = times[most]
    return frozenset(id_ for id_ in ids if lately.get(id_, 0) > border)
