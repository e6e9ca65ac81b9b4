"""The last task of a long lecture: its parts, checked and put together, become the package."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from infra.outage import until_back
from media_pipeline.running.scratch import scratch
from media_pipeline.running.tools import find_all
from media_pipeline.transcode import Prepared, Step, join_chunks
from media_pipeline.work import publishing, repository
from media_pipeline.work.domain import StoredFile, TaskKind, TaskRun
from media_pipeline.work.lecture import make_folders
from media_pipeline.work.report import Report
from media_pipeline.work.room import check_room
from media_pipeline.work.storing import Carrier, SpoiltPart
from media_pipeline.work.workshop import Workshop

COPIES = 3
"""Parts, joined, packaged: each is about as large as the parts together."""
BEGINS = {Step.PACKAGE: 40.0, Step.POSTER: 70.0, Step.CHECK: 75.0}
JOINING, PUBLISHING = 30.0, 85.0


class SpoiltParts(SpoiltPart):
    """Some parts that workers left are not what they wrote down; only these are made again."""

    zh = "部分分段与记录不符；只重新生成这些分段。"

    def __init__(self, run_ids: Sequence[UUID]) -> None:
        super().__init__()
        self.run_ids = run_ids


class _Part(msgspec.Struct, frozen=True):
    kind: TaskKind
    number: int
    run_id: UUID
    prefix: str
    files: Sequence[StoredFile]

    def folder(self, work: Path) -> Path:
        encoded = self.kind is TaskKind.SOUND
        return work / "encoded" if encoded else work / f"chunk-{self.number}"


async def join(
    shop: Workshop, run: TaskRun, prepared: Prepared, report: Report, carrier: Carrier
) -> None:
    with scratch(shop.scratch) as work:
        finished = await report.while_running(_joined(run, prepared, work, report, carrier))
        await publishing.publish(shop, run.attempt, run.package_prefix, finished, run)


async def _joined(
    run: TaskRun, prepared: Prepared, work: Path, report: Report, carrier: Carrier
) -> publishing.Finished:
    tools = await asyncio.to_thread(find_all)
    winners = await until_back(lambda: repository.winners(run.attempt))
    parts, spoilt = await _listed(run, winners, carrier)
    size = sum(file.size for part in parts for file in part.files)
    await asyncio.to_thread(check_room, work, COPIES * size)
    encoded = await asyncio.to_thread(make_folders, work)
    # All are looked at before any is sent back: a disk that spoilt one may have spoilt more.
    if spoilt := [*spoilt, *await _collected(parts, work, report, carrier)]:
        raise SpoiltParts(spoilt)
    folders = [part.folder(work) for part in parts if part.kind is TaskKind.CHUNK]
    report.take("join", JOINING)
    await join_chunks(tools, prepared, folders, encoded)
    finished = await publishing.packaged(tools, prepared, work, BEGINS, report)
    report.take("publish", PUBLISHING)
    await publishing.store(carrier, run.package_prefix, finished.package)
    return finished


async def _listed(
    run: TaskRun, winners: Mapping[tuple[TaskKind, int], UUID], carrier: Carrier
) -> tuple[list[_Part], list[UUID]]:
    """Parts in the order of the lecture, and runs whose list of files is spoilt."""
    parts, spoilt = list[_Part](), list[UUID]()
    for (kind, number), run_id in sorted(winners.items()):
        prefix = f"{run.attempt.work_prefix}{kind}-{number}/{run_id}/"
        try:
            parts.append(_Part(kind, number, run_id, prefix, await carrier.listed(prefix)))
        except SpoiltPart:
            spoilt.append(run_id)
    return parts, spoilt


async def _collected(
    parts: Sequence[_Part], work: Path, report: Report, carrier: Carrier
) -> list[UUID]:
    """Brings all parts here; the runs whose files are spoilt."""
    spoilt = list[UUID]()
    for done, part in enumerate(parts):
        report.take("join", JOINING * done / len(parts))
        await asyncio.to_thread(part.folder(work).mkdir, exist_ok=True)
        try:
            await carrier.collect(part.prefix, part.files, part.folder(work))
        except SpoiltPart:
            spoilt.append(part.run_id)
    return spoilt
