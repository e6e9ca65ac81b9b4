"""The end of a lecture's making: packaged, stored under a prefix of its own, switched to.

Nothing is seen before the one guarded update; who loses it takes away what he stored.
"""

import secrets
from pathlib import Path
from uuid import UUID

import msgspec

from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.outage import until_back
from infra.vault import place
from media_pipeline import repository, service
from media_pipeline.domain import (
    Attempt,
    Published,
    RenditionFacts,
    lecture_folder,
    work_folder,
)
from media_pipeline.packaging.manifest import CONTENT_TYPES, MANIFEST, Manifest, Package
from media_pipeline.running.tools import Tools
from media_pipeline.tables import Lecture
from media_pipeline.transcode import Prepared, Step, finish
from media_pipeline.work import repository as tasks
from media_pipeline.work.domain import Superseded, TaskRun
from media_pipeline.work.report import Report
from media_pipeline.work.storing import Carrier, remove_all
from media_pipeline.work.workshop import Workshop

KEY_BYTES = 16  # AES-128


class Finished(msgspec.Struct, frozen=True):
    """A checked package, and the key of an encrypted one, in clear until it is published."""

    package: Package
    key: bytes | None


async def packaged(
    tools: Tools, prepared: Prepared, work: Path, percents: dict[Step, float],
    report: Report,
) -> Finished:  # fmt: skip
    """`work/encoded` -> the checked package in `work/package`."""
    key = secrets.token_bytes(KEY_BYTES) if prepared.plan.encrypt else None
    described = await finish(
        tools,
        prepared,
        work,
        lambda step: report.take(step, percents.get(step, 0)),
        content_key=key,
    )
    return Finished(Package(work / "package", described), key)


async def store(carrier: Carrier, prefix: str, package: Package) -> None:
    files = [(file.path, file.content_type) for file in package.manifest.files]
    await carrier.store(prefix, package.folder, [*files, (MANIFEST, CONTENT_TYPES[".json"])])


async def publish(
    shop: Workshop, attempt: Attempt, prefix: str, finished: Finished, run: TaskRun | None = None
) -> None:
    """With `run`, the join that made the package ends too. Superseded where another was first."""
    manifest, now = finished.package.manifest, shop.now()
    at, key = place(Lecture.content_key, prefix), finished.key
    sealed = shop.vault.seal(key.hex(), at) if key else None

    async def switch() -> bool:
        async with UnitOfWork(DB):
            done = await repository.publish(
                attempt,
                summary(manifest),
                prefix=prefix,
                degraded=msgspec.json.encode(manifest.degraded),
                content_key=sealed,
                now=now,
            )
            if done and run is not None and not await tasks.end(run, now=now):
                raise Superseded
        return done

    # Said twice, where the first answer was lost, the second says no.
    if not await until_back(switch) and not await until_back(lambda: is_shown(prefix)):
        raise Superseded


async def is_shown(prefix: str) -> bool:
    return prefix in await repository.shown_prefixes(prefix)


def summary(manifest: Manifest) -> Published:
    return Published(
        format=manifest.format,
        duration=manifest.duration,
        master=manifest.master,
        poster=manifest.poster,
        renditions=tuple(
            RenditionFacts(found.name, found.width, found.height, found.bandwidth)
            for found in manifest.renditions
        ),
        shortcomings=manifest.shortcomings,
    )


async def withdraw(objects: ObjectStore, prefix: str) -> None:
    """Files of a run that another was faster than, unless a lecture shows them after all."""
    await remove_all(objects, prefix, keep=await repository.shown_prefixes(prefix))


async def tidy(objects: ObjectStore, lecture_id: UUID) -> None:
    """Leaves the published package and nothing else; keeps an upload that may still be needed."""
    lecture = await repository.lecture(lecture_id)
    if lecture is None or not lecture.state.ended:
        return
    if lecture.failure is None or not lecture.failure.retryable:
        await service.remove_incoming(objects, lecture_id)
    for attempt_id in await tasks.attempts_of(lecture_id):
        await remove_all(objects, work_folder(attempt_id))
    await withdraw(objects, lecture_folder(lecture_id))
