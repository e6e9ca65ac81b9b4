"""The one engine. Piccolo's tables, the services and the tests all take it from here."""

from typing import Any

from piccolo.engine.postgres import PostgresEngine

from infra.error_text import quote_no_values


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

    async def start_connection_pool(self, **options: Any) -> None:
        """`options` go to asyncpg's pool."""
        await super().start_connection_pool(**{"reset": _as_it_is, **options})


async def _as_it_is(_: Any) -> None:
    """What asyncpg sends on every return (RESET ALL and three more) undoes what a session may have
    been set to. Nothing of ours sets one: settings are SET LOCAL, locks those of a transaction. It
    rolls back a transaction that was left open in any case."""


DB = LateEngine(config={})
IDLE_IN_TRANSACTION_SECONDS = 30
"""A process that freezes, or whose line is cut, in the middle of a transaction gives back what it
has locked after this time; it would hold it for ever. Nothing of ours thinks that long in one."""

_RANDOM_PAGE_COST = "1.1"
"""For memory and flash. PostgreSQL's own 4 is for turning discs: with it, a batch of heartbeats
read partitions of some thousand rows whole, since the planner does not count that it looks into one
partition for each learner; with 20,000 learners it took seven times as long as with 1,000."""


def configure(
    dsn: str, *, idle_in_transaction_seconds: float = IDLE_IN_TRANSACTION_SECONDS, **options: Any
) -> None:
    """Point the engine at a database; call before the pool starts. `options` go to asyncpg."""
    if not dsn:
        raise NotConfigured(NotConfigured.__doc__)
    quote_no_values()
    DB.config.clear()
    session = {
        "idle_in_transaction_session_timeout": f"{idle_in_transaction_seconds:g}s",
        "random_page_cost": _RANDOM_PAGE_COST,
    }
    DB.config.update({"dsn": dsn, "server_settings": session, **options})
