"""What players and downloading clients fetch; the token in the address is their right."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from litestar import Request, Response, get, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from backend.accounts import service as accounts
from backend.accounts.guards import SignInFirst, caller_of
from backend.lectures import captioned, downloads, service, tickets
from backend.lectures.compressing import gzipped
from backend.lectures.domain import (
    CAPTIONS,
    KEYS_PATH,
    PLAYLIST,
    STEADY,
    VIEWER_COOKIE,
    SomebodyElsesSession,
)
from backend.lectures.ranges import Unchanged, wanted
from backend.lectures.signing import manifest_key
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault

HLS = "application/vnd.apple.mpegurl"
WEBVTT = "text/vtt"
BYTES = "application/octet-stream"
_PRIVATE = {"Cache-Control": "private, no-store"}
_STEADY = {"Cache-Control": f"private, max-age={int(STEADY.total_seconds())}"}
_KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}
AnyRequest = Request[Any, Any, Any]


class PlaylistFetched(Protocol):
    """Told to whoever counts hours (`state.playlist_fetched`): that area calls this one, so it
    cannot be called from here."""

    async def __call__(
        self, person_id: UUID, session_id: UUID, *, segments: bool, now: datetime
    ) -> None: ...


@get("/v1/playback/{token:str}/{name:path}", operation_id="Play", tags=["lectures"])
async def play(
    request: AnyRequest,
    token: FromPath[str],
    name: FromPath[str],
    objects: NamedDependency[ObjectStore],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Response[bytes] | Redirect:
    """A playlist, captions, or a redirect to the store for any other file of the package."""
    ticket, path = tickets.read(vault, tickets.PLAY, token, now=now), name.lstrip("/")
    if path.startswith(f"{CAPTIONS}/"):
        kind = HLS if path.endswith(PLAYLIST) else WEBVTT
        content = await captioned.file_of(ticket, path)
        return gzipped(request, content, media_type=kind, headers=_PRIVATE)
    if not path.endswith(PLAYLIST):
        address = service.file_address(objects, ticket, path)
        return Redirect(address, status_code=307, headers=_STEADY)
    content = await service.playlist_for(objects, ticket, path)
    if ticket.ses is not None:
        fetched: PlaylistFetched = request.app.state.playlist_fetched
        await fetched(ticket.prs, ticket.ses, segments="/" in path, now=now)
    return gzipped(request, content, media_type=HLS, headers=_PRIVATE)


@get("/v1/playback/{token:str}/key", operation_id="PlaybackKey", tags=["lectures"])
async def key(
    request: AnyRequest,
    token: FromPath[str],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """The 16 bytes of an encrypted lecture's key, for the person of the play session alone."""
    ticket = tickets.read(vault, tickets.PLAY, token, now=now)
    if await _viewer(request, vault, now=now) != ticket.prs:
        raise SomebodyElsesSession
    found = await service.content_key(vault, ticket)
    return Response(found, media_type=BYTES, headers={"Cache-Control": "no-store"})


async def _viewer(request: AnyRequest, vault: Vault, *, now: datetime) -> UUID:
    """Who asks: by the access token, or by the cookie where a player cannot send one."""
    if "authorization" in request.headers:
        return (await caller_of(request)).person_id
    if VIEWER_COOKIE not in request.cookies:
        raise SignInFirst
    viewer = tickets.read_viewer(vault, request.cookies[VIEWER_COOKIE], now=now)
    if viewer.sid is not None and await accounts.session_ended(viewer.sid):
        raise SignInFirst
    return viewer.prs


@get("/v1/downloads/{token:str}/{name:path}", operation_id="Download", tags=["lectures"])
async def download(
    request: AnyRequest,
    token: FromPath[str],
    name: FromPath[str],
    objects: NamedDependency[ObjectStore],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Response[None] | Stream:
    """A file of a download manifest, whole or in part: resume with Range and If-Range."""
    ticket = tickets.read(vault, tickets.DOWNLOAD, token, now=now)
    file = await downloads.file_of(objects, ticket, name.lstrip("/"))
    part = wanted(_conditions(request), size=file.size, etag=file.etag)
    if isinstance(part, Unchanged):
        return Response(None, status_code=304, headers=_told(file))
    return Stream(
        file.part(objects, ticket, part.start, part.length),
        status_code=part.status_code,
        media_type=file.content_type,
        headers={**_told(file), **part.headers, "Content-Length": str(part.length)},
    )


@route(
    "/v1/downloads/{token:str}/{name:path}",
    http_method=[HttpMethod.HEAD],
    operation_id="DescribeDownload",
    tags=["lectures"],
    status_code=200,
)
async def describe_download(
    request: AnyRequest,
    token: FromPath[str],
    name: FromPath[str],
    objects: NamedDependency[ObjectStore],
    vault: NamedDependency[Vault],
    now: NamedDependency[datetime],
) -> Response[None]:
    """As a GET without its bytes. Range has no meaning for HEAD (RFC 9110 §14.2)."""
    ticket = tickets.read(vault, tickets.DOWNLOAD, token, now=now)
    file = await downloads.file_of(objects, ticket, name.lstrip("/"))
    conditions = {k: v for k, v in _conditions(request).items() if k != "range"}
    part = wanted(conditions, size=file.size, etag=file.etag)
    if isinstance(part, Unchanged):
        return Response(None, status_code=304, headers=_told(file))
    described = {"Content-Type": file.content_type, "Content-Length": str(file.size)}
    return Response(None, headers={**_told(file), **part.headers, **described})


def _conditions(request: AnyRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _told(file: downloads.Taken) -> dict[str, str]:
    name = file.path.rpartition("/")[2]
    return {**_KEPT, "ETag": file.etag, "Content-Disposition": f'attachment; filename="{name}"'}


@get(
    KEYS_PATH,
    operation_id="DownloadKeys",
    summary="Public keys of download manifests (JWKS)",
    tags=["lectures"],
)
async def download_keys(settings: NamedDependency[Settings]) -> Response[dict[str, object]]:
    keys = [manifest_key(settings.keys).jwk()]
    return Response({"keys": keys}, headers={"Cache-Control": "public, max-age=300"})


ROUTES: list[Any] = [play, key, download, describe_download, download_keys]
