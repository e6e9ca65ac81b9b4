"""Notices out of the inbox: by mail and short message, in the day, until they are taken.

A delivery is leased, sent outside of any transaction, and then marked. Whoever dies between the
last two sends it once more, under the same message id; nothing is lost, and a lease keeps two
senders apart.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog

from backend.accounts import service as accounts
from backend.accounts.domain import Login
from backend.accounts.service import Messages, Text, carrier, messages_of
from backend.notices import repository
from backend.notices.domain import FIRST_WAIT, Channel, is_over, is_quiet, next_try
from backend.notices.repository import Outgoing
from infra.database import UnitOfWork
from infra.engine import DB
from infra.instance import public_url
from infra.outage import AWAY
from infra.queue import WorkerContext
from infra.vault import Vault

_LOOK_AFTER_SECONDS = 20.0
_BATCH = 200
_AT_ONCE = 5
_KINDS: dict[Channel, Literal["email", "phone"]] = {Channel.EMAIL: "email", Channel.SMS: "phone"}
_log = structlog.get_logger(__name__)


async def run(context: WorkerContext, stop: asyncio.Event) -> None:
    """Until `stop`. Several workers share the work."""
    vault, messages = Vault.of(context.settings.keys), messages_of(context.settings)
    while not stop.is_set():
        with suppress(*AWAY):
            if count := await send_due(vault, messages, now=context.clock()):
                _log.info("notices_sent", count=count)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_AFTER_SECONDS)


async def send_due(vault: Vault, messages: Messages | None, *, now: datetime) -> int:
    """How many were taken. In the quiet hours none leaves."""
    count = 0
    while not is_quiet(now):
        async with UnitOfWork(DB):
            batch = await repository.claim(_BATCH, now=now, until=now + FIRST_WAIT)
        count += await _send(vault, messages, batch, now=now)
        if len(batch) < _BATCH:
            break
    return count


async def _send(
    vault: Vault, messages: Messages | None, batch: Sequence[Outgoing], *, now: datetime
) -> int:
    if not batch:
        return 0
    to: dict[Channel, dict[UUID, Login]] = {}
    for channel in {one.channel for one in batch}:
        people = {one.person_id for one in batch if one.channel is channel}
        to[channel] = await accounts.addresses_of(vault, people, _KINDS[channel])
    site, room = await public_url(), asyncio.Semaphore(_AT_ONCE)

    async def send(one: Outgoing) -> str | None:
        login = to[one.channel].get(one.person_id)
        by = carrier(messages, _KINDS[one.channel])
        if login is None or by is None:
            return "nowhere"
        if is_over(one.tries - 1, one.at, now=now):
            return "failed"
        async with room:
            return await _taken(by, login, text_of(one, site))

    ends = await asyncio.gather(*map(send, batch))
    await _keep(list(zip(batch, ends, strict=True)), now=now)
    return ends.count("sent")


async def _keep(ended: Sequence[tuple[Outgoing, str | None]], *, now: datetime) -> None:
    """A statement for each way to end, and for each time to try again."""
    by_end: dict[str, list[UUID]] = defaultdict(list)
    again: dict[datetime, list[UUID]] = defaultdict(list)
    for one, end in ended:
        if end is None:
            again[next_try(one.tries, now=now)].append(one.id)
        else:
            by_end[end].append(one.id)
    async with UnitOfWork(DB):
        for state, ids in by_end.items():
            await repository.end(ids, state, now=now)
        for until, ids in again.items():
            await repository.put_off(ids, until)


async def _taken(by: Messages, login: Login, text: Text) -> str | None:
    """None: not this time. What failed may hold the address, so that only its kind is told."""
    try:
        await by.send(login, text)
    except Exception as error:
        _log.warning("notice_not_sent", template=text.template, error=type(error).__name__)
        return None
    return "sent"


def text_of(one: Outgoing, site: str) -> Text:
    return Text(
        f"notice.{one.kind}",
        f"【贯标】{one.text_zh}",
        f"Guanbiao: {one.text_en}",
        link=f"{site}{one.link}" if one.link else None,
        subject=f"{one.subject_zh} {one.subject_en}",
        id=str(one.notice_id),
    )
