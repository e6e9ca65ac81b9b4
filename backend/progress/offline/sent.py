"""What a device sent, event by event: one that cannot be read spoils none of the others."""

from typing import Annotated, TypeVar
from uuid import UUID

import msgspec

from backend.progress.domain import Reason, Verdict
from backend.progress.offline.schemas import (
    MAX_ANSWERS,
    MAX_WATCHED,
    AnsweredOffline,
    AnswerVerdict,
    DoneOffline,
    SpanVerdict,
    SyncVerdicts,
    WatchedOffline,
)
from infra.errors import Invalid
from infra.unreadable import UNREADABLE

LARGEST_BODY = 256 << 10
"""Twice what the most events need."""
_LONGEST_PROBLEM = 200
Event = TypeVar("Event")
Said = TypeVar("Said")


class _Loose(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    device_id: UUID
    watched: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_WATCHED)] = []
    answered: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MAX_ANSWERS)] = []
    settled: bool = False


class _Named(msgspec.Struct):
    id: UUID


class Unreadable(msgspec.Struct, frozen=True):
    """At which place of its list, whose id if that can be read, and what is wrong."""

    place: int
    id: UUID | None
    problem: str


class Sent(msgspec.Struct, frozen=True):
    done: DoneOffline
    watched: list[Unreadable] = []
    answered: list[Unreadable] = []

    def with_unreadable(self, verdicts: SyncVerdicts) -> SyncVerdicts:
        """A verdict for each event that was sent, at its place."""
        malformed = Reason.MALFORMED
        spans = [
            (one.place, SpanVerdict(one.id, Verdict.REFUSED, 0, malformed, one.problem))
            for one in self.watched
        ]
        answers = [
            (one.place, AnswerVerdict(one.id, None, malformed, one.problem))
            for one in self.answered
        ]
        return SyncVerdicts(
            _placed(verdicts.watched, spans), _placed(verdicts.answered, answers), verdicts.lessons
        )


_whole = msgspec.json.Decoder(DoneOffline)
_loose = msgspec.json.Decoder(_Loose)
_named = msgspec.json.Decoder(_Named)
_span = msgspec.json.Decoder(WatchedOffline)
_answer = msgspec.json.Decoder(AnsweredOffline)


def read(body: bytes) -> Sent:
    """Invalid where the whole cannot be read, or is too much."""
    try:
        return Sent(_whole.decode(body))
    except UNREADABLE:
        return _one_by_one(body)


def _one_by_one(body: bytes) -> Sent:
    try:
        sent = _loose.decode(body)
    except UNREADABLE as error:
        raise Invalid(fields={"body": _in_short(error)}) from None
    watched, bad_spans = _sorted_out(_span, sent.watched)
    answered, bad_answers = _sorted_out(_answer, sent.answered)
    settled = sent.settled and not bad_spans and not bad_answers
    done = DoneOffline(sent.device_id, watched, answered, settled)
    return Sent(done, bad_spans, bad_answers)


def _sorted_out(
    decoder: msgspec.json.Decoder[Event], raw: list[msgspec.Raw]
) -> tuple[list[Event], list[Unreadable]]:
    good: list[Event] = []
    bad: list[Unreadable] = []
    for place, event in enumerate(raw):
        try:
            good.append(decoder.decode(event))
        except UNREADABLE as error:
            bad.append(Unreadable(place, _id_of(event), _in_short(error)))
    return good, bad


def _id_of(event: msgspec.Raw) -> UUID | None:
    try:
        return _named.decode(event).id
    except UNREADABLE:
        return None


def _in_short(error: Exception) -> str:
    return str(error)[:_LONGEST_PROBLEM]


def _placed(verdicts: list[Said], others: list[tuple[int, Said]]) -> list[Said]:
    """`others` go where their events stood; in the order of their places."""
    whole = list(verdicts)
    for place, verdict in others:
        whole.insert(place, verdict)
    return whole
