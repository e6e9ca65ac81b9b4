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
IDLE_IN_TRANSACTION_SECONDS = 30
"""A process that freezes, or whose line is cut, in the middle of a transaction gives back what it
has locked after this time; it would hold it for ever. Nothing of ours thinks that long in one."""


def configure(
    dsn: str, *, idle_in_transaction_seconds: float = IDLE_IN_TRANSACTION_SECONDS, **options: Any
) -> None:
    """Point the engine at a database; call before the pool starts. `options` go to asyncpg."""
    if not dsn:
        raise NotConfigured(NotConfigured.__doc__)
    DB.config.clear()
    session = {"idle_in_transaction_session_timeout": f"{idle_in_transaction_seconds:g}s"}
    DB.config.update({"dsn": dsn, "server_settings": session, **options})
