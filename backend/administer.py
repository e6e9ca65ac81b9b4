"""What whoever runs an installation does to it from a terminal: address and roles."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from infra.clock import system_clock
from infra.engine import DB, configure
from infra.errors import Unavailable
from infra.local.folder import DataFolder
from infra.settings import Settings, get_settings
from infra.vault import Vault


class NoInstance(Unavailable):
    """No instance runs from this folder, and DATABASE_URL is not set; start `guanbiao up`."""

    zh = "此文件夹没有正在运行的实例，也未设置 DATABASE_URL；请先运行 guanbiao up。"


def change_public_address(new: str, data: Path) -> str:
    """The line to show. Works on DATABASE_URL, or on the instance that runs from `data`."""
    from backend.records import service

    _on_database(_settings(data), lambda: service.change_public_address(new, system_clock()))
    return f"公开地址已更改 · the public address is now {new}"


def change_role(login: str, role: str, data: Path, *, withdraw: bool) -> str:
    """The line to show. The person must have signed up: nobody's password is ever set here."""
    from backend.accounts import service
    from backend.accounts.domain import Role

    settings, change = _settings(data), service.grant_role
    if withdraw:
        change = service.withdraw_role
    vault = Vault.of(settings.keys)
    _on_database(settings, lambda: change(vault, login, Role(role), now=system_clock()))
    done = "已撤销角色 · role withdrawn" if withdraw else "已授予角色 · role granted"
    return f"{done}: {role}"


def _settings(data: Path) -> Settings:
    given = get_settings()
    if given.database_url:
        return given
    running = DataFolder(data).running()
    if running is None:
        raise NoInstance
    address = {"DATABASE_URL": running.environment["DATABASE_URL"]}
    return Settings.model_validate({**address, "data_dir": DataFolder(data).path})


def _on_database(settings: Settings, work: Callable[[], Awaitable[object]]) -> None:
    async def run() -> None:
        await DB.start_connection_pool(min_size=1, max_size=2)
        try:
            await work()
        finally:
            await DB.close_connection_pool()

    configure(settings.database_url)
    asyncio.run(run())
