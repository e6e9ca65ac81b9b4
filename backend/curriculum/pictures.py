"""Images of items, in the object store under the hash of what they hold.

Whoever knows a hash has been shown it: an image of an explanation or a feedback is asked for by
nobody before that is told.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from backend.accounts.domain import Role
from backend.accounts.guards import requires
from courses.exchange.pictures import media_type
from courses.item_pictures import pictures
from infra.errors import NotFound
from infra.objects import NoSuchObject, ObjectStore

Sha256 = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{64}$")]


class NoSuchPicture(NotFound):
    """No image of an item has this hash."""

    zh = "没有这张图片。"


async def keep(folder: Path, objects: ObjectStore) -> None:
    """Those of an edition's folder; again, or in vain, does no harm."""
    for one in await asyncio.to_thread(pictures, folder):
        await objects.put_bytes(_name(one.sha256), one.content, one.media_type)


def _name(sha256: str) -> str:
    return f"item-images/{sha256}"


@get(
    "/v1/items/images/{sha256:str}",
    operation_id="GetItemImage",
    summary="An image of an item, by its hash",
    tags=["curriculum"],
    guards=[requires(*Role, whose="all")],
    media_type="application/octet-stream",
)
async def get_image(sha256: Sha256, objects: NamedDependency[ObjectStore]) -> Response[bytes]:
    try:
        content = await objects.get_bytes(_name(sha256))
    except NoSuchObject as error:
        raise NoSuchPicture from error
    headers = {
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    kind = media_type(content) or "application/octet-stream"
    return Response(content, media_type=kind, headers=headers)


ROUTES: list[Any] = [get_image]
