"""One person, one room: nobody is checked in to two classes at once. Pure."""

from collections.abc import Iterable, Sequence

import msgspec

from backend.class_sessions.domain import Scan, SessionState, Span, common_seconds, presence
from infra.errors import Conflict


class InAnotherClass(Conflict):
    """Nobody is in two classes at once: this time lies in a check-in to another class; check out
    there first, or ask its instructor."""

    zh = "同一时间不能在两个班出勤：该时间与另一培训班的签到重叠，请先在该班签退或联系其讲师。"


class Visit(msgspec.Struct, frozen=True):
    """Somebody's scans in one class."""

    whole: Span
    state: SessionState
    scans: Sequence[Scan]


def stay(visit: Visit) -> list[Span]:
    """When the person counts as being there: an open check-in, and one that was closed late, until
    the class ends. A confirmed class has given nothing for an open check-in, and never will."""
    found = presence(visit.scans)
    spans = list(found.spans)
    if found.open_since is not None and visit.state is SessionState.PLANNED:
        spans.append(Span(found.open_since, visit.whole.ends_at))
    kept = (Span(s.begins_at, min(s.ends_at, visit.whole.ends_at)) for s in spans)
    return [span for span in kept if span.begins_at < span.ends_at]


def check_nowhere_else(here: Visit, elsewhere: Iterable[Visit]) -> None:
    """InAnotherClass. Leaving one class and coming to the next at the same second is fine."""
    there = [span for visit in elsewhere for span in stay(visit)]
    if any(common_seconds(span, other) for span in stay(here) for other in there):
        raise InAnotherClass
