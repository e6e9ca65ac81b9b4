import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from backend.accounts.domain import Caller, Role
from backend.accounts.guards import requires
from backend.curriculum import release_rows, releasing, service
from backend.curriculum.domain import Release
from backend.curriculum.edition_hours import edition_hours
from backend.curriculum.hours_schemas import ClosedProgramme, EditionHours
from backend.curriculum.release_schemas import (
    DraftList,
    DraftPage,
    LessonDifference,
    ReleaseCard,
    ReleaseDecision,
    ReleaseList,
    ReleasePage,
    ReleaseProposal,
)
from courses.comparison import Change, LessonChange, compare
from courses.format import Edition
from infra.settings import Settings

_TAGS = ["curriculum"]
_EITHER = [requires(Role.AUTHOR, Role.REVIEWER, whose="all")]
_DRAFTS = 100


@get(
    "/v1/edition-drafts",
    operation_id="ListEditionDrafts",
    summary="Editions handed in, newest first",
    tags=_TAGS,
    guards=_EITHER,
)
async def list_drafts() -> DraftList:
    return DraftList(await release_rows.drafts(_DRAFTS))


@get(
    "/v1/edition-drafts/{draft_id:uuid}",
    operation_id="GetEditionDraft",
    summary="One edition handed in, with every lesson that differs from the edition in use",
    tags=_TAGS,
    guards=_EITHER,
)
async def get_draft(draft_id: FromPath[UUID]) -> DraftPage:
    card = await release_rows.draft(draft_id)
    new, old = await service.draft(card.code, card.sha256), await service.current_edition()
    same, lessons = await _differences(old, new)
    return DraftPage(
        **msgspec.structs.asdict(card),
        instead_of=old.code,
        same=same,
        lessons=lessons,
        not_open=await _not_open(new),
    )


@post(
    "/v1/edition-releases",
    operation_id="ProposeEditionRelease",
    summary="Propose to put an edition into use; somebody else decides",
    tags=_TAGS,
    guards=[requires(Role.AUTHOR, whose="all")],
)
async def propose(
    data: JSONBody[ReleaseProposal],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> ReleaseCard:
    return _card(
        await releasing.propose(
            caller.person_id,
            data.edition,
            data.sha256,
            finish_until=data.finish_until,
            editorial=data.editorial,
            now=now,
        )
    )


@get(
    "/v1/edition-releases",
    operation_id="ListEditionReleases",
    summary="Releases proposed and decided, newest first",
    tags=_TAGS,
    guards=_EITHER,
)
async def list_releases(
    cursor: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> ReleaseList:
    found = await release_rows.releases(before=cursor, limit=limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    return ReleaseList([_card(release) for release in found[:limit]], more)


@get(
    "/v1/edition-releases/{release_id:uuid}",
    operation_id="GetEditionRelease",
    summary="One release, with every lesson that it changes",
    tags=_TAGS,
    guards=_EITHER,
)
async def get_release(release_id: FromPath[UUID]) -> ReleasePage:
    release, old, new = await service.proposed(release_id)
    same, lessons = await _differences(old, new, release.editorial)
    return ReleasePage(
        **msgspec.structs.asdict(_card(release)),
        same=same,
        lessons=lessons,
        not_open=await _not_open(new),
    )


@post(
    "/v1/edition-releases/{release_id:uuid}/decision",
    operation_id="DecideEditionRelease",
    summary="The second person's word: put the edition into use, or refuse it",
    tags=_TAGS,
    guards=[requires(Role.REVIEWER, whose="others' proposals")],
    status_code=200,
)
async def decide(
    release_id: FromPath[UUID],
    data: JSONBody[ReleaseDecision],
    caller: NamedDependency[Caller],
    now: NamedDependency[datetime],
) -> ReleaseCard:
    return _card(
        await releasing.decide(
            caller.person_id, release_id, accepts=data.release, reason=data.reason, now=now
        )
    )


def _card(release: Release) -> ReleaseCard:
    fields = msgspec.structs.asdict(release)
    return ReleaseCard(edition=fields.pop("code"), **fields)


async def _not_open(edition: Edition) -> list[ClosedProgramme]:
    found = await edition_hours(edition)
    return [
        ClosedProgramme(programme=one.programme, why=one.why_not_open)
        for one in found.programmes
        if one.why_not_open
    ]


async def _differences(
    old: Edition, new: Edition, editorial: Sequence[str] = ()
) -> tuple[int, list[LessonDifference]]:
    """How many lessons nothing is to be said of, and the others."""
    changes = await asyncio.to_thread(compare, old, new, editorial=editorial)
    shown = [change for change in changes if change.change is not Change.SAME or change.parts]
    return len(changes) - len(shown), [_difference(change, old, new) for change in shown]


def _difference(change: LessonChange, old: Edition, new: Edition) -> LessonDifference:
    where = old if change.change is Change.GONE else new
    return LessonDifference(
        code=change.code,
        before=change.before,
        title=where.lesson(change.code).title,
        change=change.change,
        parts=change.parts,
    )


@get(
    "/v1/edition-hours",
    operation_id="GetEditionHours",
    summary="What an edition's lessons are worth, and what is missing from which",
    tags=_TAGS,
    guards=_EITHER,
)
async def hours(
    settings: NamedDependency[Settings],
    edition: Annotated[str | None, QueryParameter(pattern=r"^[0-9A-Za-z.-]{1,16}$")] = None,
) -> EditionHours:
    """Of the edition in use, or of the last draft of a code. With the lectures of now."""
    if edition is None:
        return await edition_hours(await service.current_edition(), demo=settings.demo)
    return await edition_hours(await service.edition_or_draft(edition), demo=settings.demo)


ROUTES = [hours, list_drafts, get_draft, propose, list_releases, get_release, decide]
