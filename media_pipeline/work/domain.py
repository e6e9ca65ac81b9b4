"""A long lecture's parts, and what a fault means for the work. No I/O."""

import errno
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from infra.errors import DomainError, Unavailable
from infra.objects import StoreFull, StoreUnreachable
from infra.outage import DatabaseAway, is_away
from media_pipeline.domain import MAX_STARTS, Attempt, lecture_folder
from media_pipeline.errors import DiskFull, MachineFault
from media_pipeline.plan import Plan

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
SOUND_SHARE, JOIN_SHARE = 0.1, 0.05
"""Of the time that all pictures take."""


class Superseded(Exception):
    """Another beginning of the same work took over, or nobody wants it; leave no trace."""


class InTheMaking(Unavailable):
    """The same file is being processed already; this lecture will show its result."""

    zh = "相同的文件正在处理中；完成后本课程会直接使用其结果。"


class TaskKind(StrEnum):
    CHUNK = "chunk"
    SOUND = "sound"
    JOIN = "join"


class TaskState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Part(msgspec.Struct, frozen=True):
    """A piece of an attempt, before anybody begins it. `weight`: its share of the work."""

    kind: TaskKind
    number: int
    weight: int


class TaskRun(msgspec.Struct, frozen=True):
    """One beginning of a task. What it makes lies where no other run ever writes."""

    id: UUID
    run_id: UUID
    attempt: Attempt
    kind: TaskKind
    number: int
    starts: int

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}"

    @property
    def prefix(self) -> str:
        return f"{self.attempt.work_prefix}{self.name}/{self.run_id}/"

    @property
    def package_prefix(self) -> str:
        """Of the package that this run puts together, if it is the join."""
        return f"{lecture_folder(self.attempt.lecture_id)}{self.run_id}/"

    @property
    def last(self) -> bool:
        return self.starts >= MAX_STARTS

    @property
    def pause(self) -> timedelta:
        return timedelta(seconds=10 * 3 ** (self.starts - 1))


class StoredFile(msgspec.Struct, frozen=True):
    """A file that a task left for the join; `path` is relative to its prefix."""

    path: str
    size: int
    sha256: str


def parts_of(plan: Plan) -> list[Part]:
    """What can be done at once; the join comes when all of it has ended."""
    ends = [*(chunk.starts_at for chunk in plan.chunks[1:]), None]
    lengths = [
        float(end if end is not None else plan.duration) - float(chunk.starts_at)
        for chunk, end in zip(plan.chunks, ends, strict=True)
    ]
    chunks = [
        Part(TaskKind.CHUNK, chunk.number, max(1, round(length)))
        for chunk, length in zip(plan.chunks, lengths, strict=True)
    ]
    if plan.sound is None:
        return chunks
    return [Part(TaskKind.SOUND, 0, max(1, round(plan.duration * SOUND_SHARE))), *chunks]


def join_of(weights: Sequence[int]) -> Part:
    return Part(TaskKind.JOIN, 0, max(1, round(sum(weights) * JOIN_SHARE)))


def innermost(error: BaseException) -> BaseException:
    """The first cause within a task group's bundle."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def lack_of(error: BaseException) -> DomainError | None:
    """What the machine lacks, where that is all that is wrong: it passes, so it is not counted."""
    if isinstance(error, (DiskFull, StoreFull, StoreUnreachable, InTheMaking)):
        return error
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return DiskFull()
    return DatabaseAway() if is_away(error) else None


def fault_of(error: BaseException) -> MachineFault:
    return error if isinstance(error, MachineFault) else MachineFault()
