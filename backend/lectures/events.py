"""A lecture's state as server-sent events, for a page that waits with the author.

All who watch share one query a second: a class of authors costs the database what one does.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import UUID

import msgspec
from litestar.response.sse import ServerSentEventMessage

from backend.lectures.schemas import LectureView, lecture_view
from infra.clock import Clock
from infra.objects import ObjectStore
from media_pipeline.care.standing import Standing, standings

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 3000


class SharedLook:
    """The first that finds the last look too old looks for all; the others wait for its answer."""

    def __init__(self) -> None:
        self._watched: Counter[UUID] = Counter()
        self._looking: asyncio.Task[dict[UUID, Standing]] | None = None
        self._looked_at = 0.0

    def join(self, lecture_id: UUID) -> None:
        self._watched[lecture_id] += 1
        self._looking = None  # a look under way does not ask for this one

    def leave(self, lecture_id: UUID) -> None:
        self._watched[lecture_id] -= 1
        if not self._watched[lecture_id]:
            del self._watched[lecture_id]

    async def at(self, lecture_id: UUID) -> Standing | None:
        """At most LOOK_SECONDS old. None where the lecture is gone."""
        if self._looking is None or time.monotonic() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._looking = asyncio.create_task(standings(list(self._watched)))
        # Whoever leaves must not end the look of the others.
        return (await asyncio.shield(self._looking)).get(lecture_id)


_shared = SharedLook()


async def lecture_events(
    objects: ObjectStore, lecture_id: UUID, *, clock: Clock, seen: str
) -> AsyncIterator[ServerSentEventMessage]:
    """One event a change until the lecture is playable, failed or removed; comments keep the line
    open. The caller has made sure that the lecture is the watcher's own.

    An event is the whole state, so nothing is replayed: `seen` is the id of the last event that
    the client has, and only a different state is sent.
    """
    quiet_since = time.monotonic()
    _shared.join(lecture_id)
    try:
        while lecture := await _shared.at(lecture_id):
            view = lecture_view(lecture, objects, clock())
            if (state := _state_id(view)) != seen:
                seen, quiet_since = state, time.monotonic()
                yield _event(view, state)
            if lecture.state.ended:
                return
            if time.monotonic() - quiet_since >= HEARTBEAT_SECONDS:
                quiet_since = time.monotonic()
                yield ServerSentEventMessage(data=None, comment="waiting")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        _shared.leave(lecture_id)


def _event(view: LectureView, state: str) -> ServerSentEventMessage:
    data = msgspec.json.encode(view).decode()
    return ServerSentEventMessage(data=data, event="lecture", id=state, retry=RETRY_MILLISECONDS)


def _state_id(view: LectureView) -> str:
    """Signed addresses differ at each look: only what the author sees makes a new state."""
    shown = msgspec.structs.replace(view, poster_url=None)
    return sha256(msgspec.json.encode(shown)).hexdigest()[:12]
