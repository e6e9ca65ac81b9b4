"""A new edition comes into use: handed in, compared, proposed by one, released by another.

Nothing of an edition in use changes by it; what becomes of those who learn under the older one is
`backend.progress.editions.service`'s.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from backend.curriculum import pictures, release_rows, repository, service
from backend.curriculum.domain import (
    AlreadyPublished,
    Release,
    ReleaseState,
    Step,
    check_decision,
    check_editorial,
    check_last_day,
)
from backend.curriculum.release_schemas import DraftCard
from courses import loader
from courses.comparison import compare
from courses.item_rules import versions_kept
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import ObjectStore


class HandedIn(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    sha256: str
    published: bool
    """In use already; else it waits to be released."""


async def hand_in(folder: Path, objects: ObjectStore, now: datetime) -> HandedIn:
    """Keep the folder's edition as a draft, if it is fit. Where nothing is published yet there is
    nobody to ask: the first edition is put into use at once. Safe to repeat."""
    edition = await asyncio.to_thread(service.sound_edition, folder)
    await pictures.keep(folder, objects)
    sha256, content = loader.sha256_of(edition), loader.canonical(edition)
    async with UnitOfWork(DB):
        published = await repository.hash_of(edition.code)
        if published is None and await repository.newest() is not None:
            old = await service.current_edition()
            service.refuse_unfit(folder.name, tuple(versions_kept(old, edition)))
            if await release_rows.hand_in(edition.code, sha256, content, now=now):
                await record_act(
                    "edition-handed-in",
                    actor=None,
                    subject=f"edition:{edition.code}",
                    now=now,
                    details={"sha256": sha256},
                )
            return HandedIn(edition.code, sha256, published=False)
        await service.publish(edition.code, sha256, content, now=now)
    return HandedIn(edition.code, sha256, published=True)


class Standing(msgspec.Struct, frozen=True):
    published: list[Step]
    drafts: list[DraftCard]
    """Those that are not published."""


async def standing() -> Standing:
    published = await service.steps()
    known = {step.code for step in published}
    drafts = await release_rows.drafts(limit=100)
    return Standing(published, [draft for draft in drafts if draft.code not in known])


async def propose(
    by: UUID,
    code: str,
    sha256: str,
    *,
    finish_until: date,
    editorial: Sequence[str],
    now: datetime,
) -> Release:
    check_last_day(finish_until, now=now)
    async with UnitOfWork(DB):
        new, old = await service.draft(code, sha256), await service.current_edition()
        if await repository.hash_of(code) is not None:
            raise AlreadyPublished
        check_editorial(editorial, await asyncio.to_thread(compare, old, new))
        proposed = Release(
            id=uuid7(),
            code=code,
            sha256=sha256,
            instead_of=old.code,
            finish_until=finish_until,
            editorial=tuple(sorted(set(editorial))),
            state=ReleaseState.PROPOSED,
            proposed_by=by,
            proposed_at=now,
        )
        await release_rows.propose(proposed)
        await _record("edition-release-proposed", proposed, by, now)
    return proposed


async def decide(
    by: UUID, release_id: UUID, *, accepts: bool, reason: str, now: datetime
) -> Release:
    """The second person's word. A release puts the edition into use in the same transaction."""
    async with UnitOfWork(DB):
        found = await release_rows.release(release_id, lock=True)
        current = (await service.current_edition()).code
        check_decision(found, by, accepts=accepts, reason=reason, current=current, now=now)
        state = ReleaseState.RELEASED if accepts else ReleaseState.REFUSED
        said = reason.strip() or None
        await release_rows.decide(release_id, state, by=by, reason=said, now=now)
        if accepts:
            content = await release_rows.draft_content(found.code, found.sha256)
            await service.publish(found.code, found.sha256, content or b"", now=now)
        await _record(f"edition-release-{state}", found, by, now)
    return await release_rows.release(release_id)


async def _record(act: str, release: Release, by: UUID, now: datetime) -> None:
    await record_act(
        act,
        actor=by,
        subject=f"edition:{release.code}",
        now=now,
        details={
            "release": str(release.id),
            "sha256": release.sha256,
            "insteadOf": release.instead_of,
            "finishUntil": release.finish_until.isoformat(),
            "editorial": list(release.editorial),
            "proposedBy": str(release.proposed_by),
        },
    )
