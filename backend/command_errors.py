"""What an error of a command is called, and the code that it ends with."""

import sys

from infra.errors import DomainError, Unavailable

UNEXPECTED, REFUSED, MACHINE_FAULT, INTERRUPTED = 1, 2, 3, 130


def explained(error: Exception) -> tuple[str, int]:
    """Words for whoever gave the command, Chinese first; `UNEXPECTED` for faults of ours."""
    if isinstance(error, DomainError):
        text = error.zh if error.zh == str(error) else f"{error.zh}\n{error}"
        fields = "".join(f"\n  {name}: {reason}" for name, reason in error.fields.items())
        return text + fields, MACHINE_FAULT if isinstance(error, Unavailable) else REFUSED
    if isinstance(error, OSError):
        return f"{error.strerror or error}（机器或服务不可用 · machine or service)", MACHINE_FAULT
    if "asyncpg" in sys.modules and isinstance(error, _database_away()):
        return f"数据库连接不上 · the database lets nobody in: {error}", MACHINE_FAULT
    return str(error), UNEXPECTED


def _database_away() -> tuple[type[Exception], ...]:
    """Not every error of the database: a bad statement is a fault of ours."""
    from asyncpg import exceptions

    return (
        exceptions.PostgresConnectionError,
        exceptions.InvalidAuthorizationSpecificationError,
        exceptions.InvalidCatalogNameError,
        exceptions.CannotConnectNowError,
        exceptions.TooManyConnectionsError,
    )
