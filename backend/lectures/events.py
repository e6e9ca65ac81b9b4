"""A lecture's state as server-sent events, for a page that waits with the author."""

import asyncio
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import UUID

import msgspec
from litestar.response.sse import ServerSentEventMessage

from backend.lectures.schemas import lecture_view
from infra.objects import ObjectStore
from media_pipeline import service as media

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
RETRY_MILLISECONDS = 3000


async def lecture_events(
    objects: ObjectStore, lecture_id: UUID, *, author_id: UUID, seen: str
) -> AsyncIterator[ServerSentEventMessage]:
    """One event a change until the lecture is playable or failed; comments keep the line open.

    An event is the whole state, so nothing is replayed: `seen` is the id of the last event that
    the client has, and only a different state is sent.
    """
    quiet_since = time.monotonic()
    while True:
        lecture = await media.lecture_of(lecture_id, author_id=author_id)
        # Signed addresses differ at each look: only what the author sees makes a new state.
        shown = f"{lecture.state} {lecture.step} {lecture.percent}"
        state = sha256(shown.encode()).hexdigest()[:12]
        if state != seen:
            seen, quiet_since = state, time.monotonic()
            data = msgspec.json.encode(lecture_view(lecture, objects)).decode()
            yield ServerSentEventMessage(
                data=data, event="lecture", id=state, retry=RETRY_MILLISECONDS
            )
        if lecture.state.ended:
            return
        if time.monotonic() - quiet_since >= HEARTBEAT_SECONDS:
            quiet_since = time.monotonic()
            yield ServerSentEventMessage(data=None, comment="waiting")
        await asyncio.sleep(LOOK_SECONDS)
