from datetime import datetime
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from backend.accounts.domain import Role
from backend.accounts.guards import requires
from backend.curriculum import service as curriculum
from backend.progress.editions.preview import preview
from backend.progress.editions.schemas import EditionPreview


@get(
    "/v1/edition-releases/{release_id:uuid}/preview",
    operation_id="PreviewEditionRelease",
    summary="How many people a release concerns, by programme; counted now",
    tags=["curriculum"],
    guards=[requires(Role.AUTHOR, Role.REVIEWER, whose="all")],
)
async def preview_release(
    release_id: FromPath[UUID], now: NamedDependency[datetime]
) -> EditionPreview:
    release, _, new = await curriculum.proposed(release_id)
    return await preview(new, release.editorial, now=now)


ROUTES = [preview_release]
