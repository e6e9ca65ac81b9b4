"""What whoever runs an installation does to it from a terminal: address and roles."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from infra.clock import system_clock
from infra.engine import DB, configure
from infra.errors import Conflict, Unavailable
from infra.local.folder import DataFolder
from infra.local.postgres import OWNER
from infra.settings import Settings, get_settings
from infra.vault import Vault

T = TypeVar("T")


# Keys made by a command are of no use in another folder than the instance's own.
_OF_THE_INSTANCE = {
    "DATABASE_URL": "DATABASE_URL",
    "OBJECTS_URL": "OBJECTS_URL",
    "keys_dir": "GUANBIAO_KEYS_DIR",
    "record_algorithm": "GUANBIAO_RECORD_ALGORITHM",
}


class NoInstance(Unavailable):
    """No instance runs from this folder, and DATABASE_URL is not set; start `guanbiao up`."""

    zh = "此文件夹没有正在运行的实例，也未设置 DATABASE_URL；请先运行 guanbiao up。"


def change_public_address(new: str, data: Path) -> str:
    """The line to show. Works on DATABASE_URL, or on the instance that runs from `data`."""
    from backend.records import service

    on_database(settings_of(data), lambda: service.change_public_address(new, system_clock()))
    return f"公开地址已更改 · the public address is now {new}"


def change_role(login: str, role: str, data: Path, *, withdraw: bool) -> str:
    """The line to show. The person must have signed up: nobody's password is ever set here."""
    from backend.accounts import service
    from backend.accounts.domain import Role

    settings, change = settings_of(data), service.grant_role
    if withdraw:
        change = service.withdraw_role
    vault = Vault.of(settings.keys)
    on_database(settings, lambda: change(vault, login, Role(role), now=system_clock()))
    done = "已撤销角色 · role withdrawn" if withdraw else "已授予角色 · role granted"
    return f"{done}: {role}"


def reset_second_factor(login: str, reason: str, data: Path) -> str:
    """The line to show. For an only administrator, whom nobody else could let in again."""
    from backend.accounts.domain import NobodyByThatLogin
    from backend.accounts.factors.service import reset
    from backend.accounts.service import person_by_login

    settings = settings_of(data)

    async def work() -> None:
        person_id = await person_by_login(Vault.of(settings.keys), login)
        if person_id is None:
            raise NobodyByThatLogin
        await reset(person_id, actor=None, reason=reason, now=system_clock())

    on_database(settings, work)
    return "二次验证已重置，所有登录已退出 · second factor reset, every session ended"


def release_login(login: str, reason: str, data: Path) -> str:
    """The line to show."""
    from backend.accounts import service

    settings = settings_of(data)
    vault = Vault.of(settings.keys)
    released = on_database(
        settings, lambda: service.release_login(vault, login, reason=reason, now=system_clock())
    )
    left = released.logins_left
    return f"已释放，原账号还有 {left} 个登录方式 · released; the account has {left} logins left"


def settings_of(data: Path) -> Settings:
    """Those of the environment, or of the instance that runs from `data`. NoInstance."""
    given = get_settings()
    if given.database_url:
        return given
    running = DataFolder(data).running()
    if running is None:
        raise NoInstance
    found = running.environment
    said = {name: found[key] for name, key in _OF_THE_INSTANCE.items() if key in found}
    return Settings.model_validate({**said, "data_dir": DataFolder(data).path})


class OwnerNeeded(Conflict):
    """This needs the role that owns the tables; set DATABASE_OWNER_URL besides DATABASE_URL."""

    zh = "此操作需要表的所有者角色，请同时设置 DATABASE_OWNER_URL。"


def owners_settings_of(data: Path) -> Settings:
    """The same with the address of the tables' owner in place of the application's."""
    found = settings_of(data)
    owner = found.database_owner_url or _local_owner(found.database_url, data)
    return found.model_copy(update={"database_url": owner})


def _local_owner(url: str, data: Path) -> str:
    """That of the instance which `guanbiao up` runs from `data`. OwnerNeeded."""
    password = DataFolder(data).path / "postgres" / f"{OWNER}.password"
    if get_settings().database_url or not password.exists():
        raise OwnerNeeded
    place = url.rpartition("@")[2]
    return f"postgresql://{OWNER}:{password.read_text()}@{place}"


def on_database(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        await DB.start_connection_pool(min_size=1, max_size=2)
        try:
            return await work()
        finally:
            await DB.close_connection_pool()

    configure(settings.database_url)
    return asyncio.run(run())
