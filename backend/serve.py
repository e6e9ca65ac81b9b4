"""What the commands `api`, `openapi` and `public-address` do."""

import asyncio
import tempfile
from pathlib import Path

import msgspec
import uvicorn

from backend.app import create_app
from backend.logs import configure_logs
from infra.clock import system_clock
from infra.engine import DB, configure
from infra.errors import Unavailable
from infra.local.folder import DataFolder
from infra.settings import Settings, get_settings

_GRACE_SECONDS = 5  # a phone's heartbeat needs less; an open event stream would never end


class NoInstance(Unavailable):
    """No instance runs from this folder, and DATABASE_URL is not set; start `guanbiao up`."""

    zh = "此文件夹没有正在运行的实例，也未设置 DATABASE_URL；请先运行 guanbiao up。"


def serve(settings: Settings) -> None:
    configure_logs()
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def openapi_document() -> str:
    """The document of an instance that exists nowhere: no database, no object store."""
    with tempfile.TemporaryDirectory() as folder:
        nowhere = {"OBJECTS_URL": "http://key:secret@localhost:1/bucket", "data_dir": folder}
        application = create_app(Settings.model_validate(nowhere))
        schema = application.openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema)).decode()


def change_public_address(new: str, data: Path) -> str:
    """The line to show. Works on DATABASE_URL, or on the instance that runs from `data`."""
    from backend.records import service

    async def change() -> None:
        await DB.start_connection_pool(min_size=1, max_size=2)
        try:
            await service.change_public_address(new, system_clock())
        finally:
            await DB.close_connection_pool()

    configure(_database_url(data))
    asyncio.run(change())
    return f"公开地址已更改 · the public address is now {new}"


def _database_url(data: Path) -> str:
    given = get_settings().database_url
    running = DataFolder(data).running()
    if not given and running is None:
        raise NoInstance
    return given or (running.environment["DATABASE_URL"] if running else "")
