"""The one engine. Piccolo's tables, the services and the tests all take it from here."""

from typing import Any

from piccolo.engine.postgres import PostgresEngine


class NotConfigured(RuntimeError):
    """No database address was given; set DATABASE_URL or start with `guanbiao up`."""


class LateEngine(PostgresEngine):
    """An engine that may be imported before its address is known.

    Piccolo's own connects when it is created, to ask for the version and to add extensions.
    """

    async def check_version(self) -> None:
        return

    async def prep_database(self) -> None:
        return


DB = LateEngine(config={})


def configure(dsn: str, **options: Any) -> None:
    """Point the engine at a database; call before the pool starts. `options` go to asyncpg."""
    if not dsn:
        raise NotConfigured(NotConfigured.__doc__)
    DB.config.clear()
    DB.config.update({"dsn": dsn, **options})
