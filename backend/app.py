"""`create_app()`: areas, error mapping, lifespan; nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from backend.accounts.revocations import Revocations
from backend.problems import HANDLERS
from infra.clock import Clock, system_clock
from infra.engine import DB, configure
from infra.objects import ObjectStore
from infra.settings import Settings, get_settings
from infra.vault import Vault

_AREAS = ["accounts", "curriculum", "lectures", "progress", "assessment", "records", "web"]


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
    async def pool(_: Litestar) -> AsyncIterator[None]:
        configure(settings.database_url)
        await DB.start_connection_pool(min_size=1, max_size=settings.pool_size)
        try:
            yield
        finally:
            await DB.close_connection_pool()

    return pool


def create_app(
    settings: Settings | None = None, clock: Clock = system_clock, *, own_pool: bool = True
) -> Litestar:
    """`own_pool=False`: the caller (a test) keeps the connection pool."""
    settings = settings or get_settings()
    areas = [
        import_module(f"backend.{a}.controllers")
        for a in _AREAS
        if find_spec(f"backend.{a}.controllers")
    ]
    return Litestar(
        route_handlers=[route for area in areas for route in area.ROUTES],
        dependencies={
            "now": Provide(now),
            "settings": Provide(settings_of),
            "objects": Provide(objects_of),
            "vault": Provide(vault_of),
            **{k: v for area in areas for k, v in getattr(area, "DEPENDENCIES", {}).items()},
        },
        state=State(
            {
                "clock": clock,
                "settings": settings,
                "objects": ObjectStore.from_url(settings.objects_url, settings.objects_public_url),
                "vault": Vault.of(settings.keys),
                "tokens": None,
                "revocations": Revocations(),
            }
        ),
        exception_handlers=HANDLERS,
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=5),
        openapi_config=OpenAPIConfig(title="Guanbiao 贯标", version="1", path="/api"),
        lifespan=[_pool(settings)] if own_pool else [],
    )
