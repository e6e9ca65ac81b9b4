"""Jobs on PgQueuer, enqueued in the caller's transaction: no job without its row, nor the reverse.

A payload carries ids, not data; every job is safe to run twice (a worker may die after its work
and before its acknowledgement).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from pgqueuer import AsyncpgDriver, Queries

from infra.clock import Clock
from infra.database import connection
from infra.objects import ObjectStore
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class WorkerContext:
    """What a job may use besides the database."""

    objects: ObjectStore
    clock: Clock
    settings: Settings
    lack_pause: timedelta = timedelta(seconds=30)
    """How long a job waits for what the machine lacks before it looks again."""


async def enqueue(
    entrypoint: str,
    payload: Mapping[str, str | int],
    *,
    priority: int = 0,
    delay: timedelta | None = None,
) -> None:
    """Add a job that becomes visible when the open `UnitOfWork` commits. Higher priority first."""
    queries = Queries(AsyncpgDriver(connection()))
    await queries.enqueue(entrypoint, msgspec.json.encode(payload), priority, execute_after=delay)


def payload_of(raw: bytes | None) -> dict[str, str | int]:
    return msgspec.json.decode(raw or b"{}", type=dict[str, str | int])
