"""`POST /v1/heartbeats`, raw: the busiest route by far, so it skips what a handler pays for.

Most heartbeats never come here: `backend.express` answers them. What it leaves begins here anew.
Rights and errors are those of every route (guards and exception handlers apply); body, decoding
and answer are here. `heartbeat_openapi` describes it, since Litestar leaves raw routes out.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, asgi
from litestar.datastructures import State
from litestar.exceptions import MethodNotAllowedException
from litestar.types import Receive, Scope, Send

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import Connection, requires
from backend.express import MOST_BYTES, Asked, Lane
from backend.progress.domain import Reason, Verdict
from backend.progress.heartbeats.service import Batch, commit
from backend.progress.schemas import (
    MAX_EVENTS,
    EventVerdict,
    HeartbeatAnswer,
    HeartbeatEvent,
    Heartbeats,
)
from infra.committer import Committer
from infra.errors import Invalid, TooLarge, Unavailable
from infra.outage import AWAY
from infra.unreadable import UNREADABLE

PATH = "/v1/heartbeats"
_ROLE = Role.LEARNER
_MAX_BYTES = MOST_BYTES

_decode = msgspec.json.Decoder(Heartbeats).decode
_one = msgspec.json.Decoder(HeartbeatEvent)
_encode = msgspec.json.Encoder().encode


class _Loose(msgspec.Struct, forbid_unknown_fields=True):
    events: list[msgspec.Raw]


class _Named(msgspec.Struct):
    id: UUID


_loose = msgspec.json.Decoder(_Loose)
_named = msgspec.json.Decoder(_Named)


class BusyRoute(asgi):
    """Litestar hands each guard a copy of the handler, at a tenth of a heartbeat's whole cost."""

    async def authorize_connection(self, connection: Connection) -> None:
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]


@BusyRoute(PATH, copy_scope=False, guards=[requires(_ROLE, whose="own")])
async def heartbeats(scope: Scope, receive: Receive, send: Send) -> None:
    if scope.get("method") != "POST":
        raise MethodNotAllowedException(headers={"Allow": "POST"})
    state = Litestar.from_scope(scope).state
    caller: Caller = scope["state"]["caller"]
    now: datetime = state.clock()
    good, bad = _events(await _body(receive))
    answer = await _store(state, Batch(learner_id=caller.person_id, received_at=now, events=good))
    for at, verdict in bad:
        answer.verdicts.insert(at, verdict)
    await _respond(send, _encode(answer))


async def _store(state: State, batch: Batch) -> HeartbeatAnswer:
    try:
        committer: Committer[Batch, HeartbeatAnswer] | None = state.get("heartbeat_committer")
        if committer is None:
            committer = Committer(commit, weight=lambda waiting: len(waiting.events))
            state["heartbeat_committer"] = committer
        return await committer.submit(batch)
    except AWAY as error:
        raise Unavailable from error


async def _at_once(state: State, asked: Asked) -> bytes:
    events = _decode(asked.body).events
    batch = Batch(learner_id=asked.caller.person_id, received_at=asked.at, events=events)
    return _encode(await _store(state, batch))


LANE = Lane("POST", PATH, _ROLE, _at_once)


async def _body(receive: Receive) -> bytes:
    whole = bytearray()
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("The request broke off.", zh="请求中断。")
        whole += message.get("body", b"")
        if len(whole) > _MAX_BYTES:
            raise TooLarge
        if not message.get("more_body"):
            return bytes(whole)


def _events(body: bytes) -> tuple[list[HeartbeatEvent], list[tuple[int, EventVerdict]]]:
    """Events, and with their places the verdicts on those that are none."""
    try:
        return _decode(body).events, []
    except UNREADABLE:
        return _one_by_one(body)


def _one_by_one(body: bytes) -> tuple[list[HeartbeatEvent], list[tuple[int, EventVerdict]]]:
    try:
        raw = _loose.decode(body).events
    except UNREADABLE as error:
        raise Invalid(fields={"body": str(error)}) from None
    if len(raw) > MAX_EVENTS:
        raise Invalid(fields={"events": f"at most {MAX_EVENTS} a request"})
    good, bad = [], []
    for at, event in enumerate(raw):
        try:
            good.append(_one.decode(event))
        except UNREADABLE:
            bad.append((at, EventVerdict(_id_of(event), Verdict.REFUSED, 0, Reason.MALFORMED)))
    return good, bad


def _id_of(event: msgspec.Raw) -> UUID | None:
    try:
        return _named.decode(event).id
    except UNREADABLE:
        return None


async def _respond(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
