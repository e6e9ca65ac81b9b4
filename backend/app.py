"""`create_app()`: areas, error mapping, lifespan; nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from types import ModuleType
from typing import Any
from uuid import UUID

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import NotFoundException

from backend import health, openapi
from backend.accounts import controllers as accounts
from backend.accounts.factors import controllers as factors
from backend.accounts.federation import controllers as federation
from backend.accounts.guards import person_if_signed_in
from backend.accounts.state import accounts_state
from backend.assessment import controllers as assessment
from backend.assessment.item_reports import controllers as item_reports
from backend.assessment.marking import controllers as marking
from backend.assessment.marking.remedies import controllers as remedies
from backend.assessment.saving import route as saving
from backend.body_time import BodyTime
from backend.certification_bodies import controllers as certification_bodies
from backend.checking import controllers as checking
from backend.class_sessions import controllers as class_sessions
from backend.curriculum import controllers as curriculum
from backend.disclosures import controllers as disclosures
from backend.edge import BODY_LIMIT, RequestLog, add_headers, response_headers
from backend.express import express
from backend.identity import controllers as identity
from backend.identity.state import identity_state
from backend.lectures import controllers as lectures
from backend.limits.domain import networks
from backend.limits.middleware import RateLimits
from backend.limits.service import Limits
from backend.logs import configure_logs
from backend.notices import controllers as notices
from backend.organisations import controllers as organisations
from backend.organisations.assignments import controllers as assignments
from backend.organisations.prints import controllers as prints
from backend.organisations.service import organisation_ids_of
from backend.oversight import controllers as oversight
from backend.plans import controllers as plans
from backend.privacy import controllers as privacy
from backend.privacy_notices import needed_for_account
from backend.problems import HANDLERS, JsonRequest
from backend.progress import controllers as progress
from backend.progress.heartbeats import route as heartbeats
from backend.progress.service import playlist_fetched
from backend.records import controllers as records
from backend.web import (
    achievement_pages,
    checking_pages,
    class_pages,
    decision_pages,
    edition_pages,
    learning_pages,
    marking_pages,
    register_pages,
    statistics_pages,
)
from backend.web import controllers as web
from backend.web.errors import lost
from infra.clock import Clock, system_clock
from infra.engine import DB, configure
from infra.objects import ObjectStore
from infra.own_keys import check_keys
from infra.settings import Settings, get_settings
from infra.vault import Vault

_AREAS: list[ModuleType] = [
    accounts,
    factors,
    federation,
    identity,
    notices,
    organisations,
    assignments,
    prints,
    certification_bodies,
    class_sessions,
    curriculum,
    lectures,
    progress,
    plans,
    assessment,
    item_reports,
    marking,
    remedies,
    records,
    disclosures,
    checking,
    oversight,
    privacy,
    web,
    register_pages,
    checking_pages,
    class_pages,
    edition_pages,
    learning_pages,
    decision_pages,
    marking_pages,
    achievement_pages,
    statistics_pages,
]
"""Each names its ROUTES, and may name DEPENDENCIES, and OPENAPI_PATHS for raw `@asgi` routes."""
_ORGANISATIONS_COUNTED = 3
_LANES = (heartbeats.LANE, saving.LANE)
_COMMITTERS = ("heartbeat_committer", "answer_committer")
_DRAIN_SECONDS = 3.0


async def now(state: State) -> datetime:
    return state.clock()  # type: ignore[no-any-return]


async def settings_of(state: State) -> Settings:
    return state.settings  # type: ignore[no-any-return]


async def objects_of(state: State) -> ObjectStore:
    return state.objects  # type: ignore[no-any-return]


async def vault_of(state: State) -> Vault:
    return state.vault  # type: ignore[no-any-return]


def _pool(settings: Settings) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def pool(app: Litestar) -> AsyncIterator[None]:
        configure(settings.database_url)
        await DB.start_connection_pool(min_size=1, max_size=settings.pool_size)
        try:
            await check_keys(Vault.of(settings.keys))
            yield
            for name in _COMMITTERS:
                if (committer := app.state.get(name)) is not None:
                    await committer.close(grace_seconds=_DRAIN_SECONDS)
        finally:
            await DB.close_connection_pool()

    return pool


async def _organisations_of(person_id: UUID) -> list[UUID]:
    """Whose rate limits a request counts for, besides the person's."""
    return await organisation_ids_of(person_id, limit=_ORGANISATIONS_COUNTED)


def state_of(settings: Settings, clock: Clock) -> State:
    """What lives as long as the process, and all that settings decide: any other application has
    the same routes, and differs in this alone."""
    vault = Vault.of(settings.keys)
    return State(
        {
            "clock": clock,
            "settings": settings,
            "objects": ObjectStore.from_url(settings.objects_url, settings.objects_public_url),
            "vault": vault,
            "limits": Limits(
                vault, factor=settings.limit_factor, organisations_of=_organisations_of
            ),
            "trusted_proxies": networks(settings.trusted_proxies),
            "response_headers": response_headers(settings),
            "playlist_fetched": playlist_fetched,
            **accounts_state(settings),
            "agreements": needed_for_account(),
            **identity_state(settings),
        }
    )


class Application(Litestar):
    """Litestar, and before it express lanes for its busiest routes."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        left = await express(_LANES, self.state, scope, receive, send)
        if left is not None:
            await super().__call__(_as_get(scope), left, send)


def _as_get(scope: Any) -> Any:
    """Who asks for the head of a page or of a public file: the server leaves the body out. The
    API's routes say themselves which of them answer to HEAD."""
    if scope.get("method") != "HEAD" or scope["path"].startswith("/v1/"):
        return scope
    return {**scope, "method": "GET"}


def create_app(
    settings: Settings | None = None, clock: Clock = system_clock, *, own_pool: bool = True
) -> Litestar:
    """`own_pool=False`: the caller (a test) keeps the connection pool."""
    configure_logs()
    settings = settings or get_settings()
    raw_routes: dict[str, Any] = {
        path: item for area in _AREAS for path, item in getattr(area, "OPENAPI_PATHS", {}).items()
    }
    return Application(
        route_handlers=[
            *health.ROUTES,
            openapi.docs,
            *(route for area in _AREAS for route in area.ROUTES),
        ],
        dependencies={
            "now": Provide(now),
            "settings": Provide(settings_of),
            "objects": Provide(objects_of),
            "vault": Provide(vault_of),
            **{k: v for area in _AREAS for k, v in getattr(area, "DEPENDENCIES", {}).items()},
        },
        state=state_of(settings, clock),
        exception_handlers=HANDLERS | {NotFoundException: lost},
        middleware=[
            RequestLog(),
            BodyTime(),
            RateLimits(person_if_signed_in),
        ],
        before_send=[add_headers],
        request_class=JsonRequest,
        request_max_body_size=BODY_LIMIT,
        # Live events must not wait in a compressor's buffer; video is compressed already; and a
        # compressor is made for each request, which costs a save a tenth, and packs nothing.
        compression_config=CompressionConfig(
            backend="gzip",
            gzip_compress_level=5,
            exclude=[
                *("/events$", "^/static/.*\\.woff2$"),
                *("^/v1/heartbeats$", "^/v1/attempts/[^/]+/answers$"),
                *("^/v1/playback/", "^/v1/downloads/", "^/v1/exports/"),
                *("/prints/[^/]+/file$", "^/v1/records/[^/]+/pdf$"),
            ],
        ),
        openapi_config=openapi.openapi_config(raw_routes),
        logging_config=None,
        lifespan=[_pool(settings)] if own_pool else [],
    )
