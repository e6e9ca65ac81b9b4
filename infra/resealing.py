"""All sealed columns, and how they come under a new key while the API goes on.

A sealed column is a `Bytea` named `sealed` or `..._sealed`, in any area's table, or one of
`infra.vault.BY_COLUMN`; tests/infra/test_resealing.py asks every new `Bytea` which it is.

One pass pages each table by its primary key and commits every batch: killed anywhere, the next
run skips what is done. Fields from before fields were bound to their place are bound by a pass of
its own, once (`infra.binding`); from then on one of those is unreadable. Runs as the tables' owner,
because completion records are append-only: the guard lets him, and in such a transaction alone,
change nothing but the sealed columns.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from cryptography.exceptions import InvalidTag
from piccolo.columns import Bytea
from piccolo.conf.apps import Finder
from piccolo.table import Table

from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.errors import Conflict
from infra.sealkeys import SealKeyMissing, change_state, keys_in
from infra.vault import BOUND, BY_COLUMN, Vault, home_of, place_named

BATCH = 500
_IN_FLIGHT = timedelta(hours=1)  # no transaction that began before is still open
_FIRST_BYTE = """get_byte(nullif("{column}", ''), 0)"""
"""NULL, and so neither older nor used, where a field was emptied because its person was erased."""


class StillSealedUnderIt(Conflict):
    """Fields are still sealed under this key; run `guanbiao vault reseal` first."""

    zh = "仍有字段由该密钥封存，请先运行 guanbiao vault reseal。"


class NewestStays(Conflict):
    """Only a key that a newer one has followed can be retired; add one first."""

    zh = "最新的封存密钥不能停用，请先新增密钥。"


class TooSoon(Conflict):
    """The newer key is in use for less than an hour: requests may still seal under the old one."""

    zh = "新密钥启用不足一小时，可能仍有请求使用旧密钥，请稍后再停用。"


class SealedColumn(msgspec.Struct, frozen=True):
    table: str
    column: str
    key: str
    """The primary key's column, and its type in PostgreSQL."""
    key_type: str
    home: str
    """The table that its place names, and the column that its place's key stands in."""
    place_key: str


class Resealed(msgspec.Struct, frozen=True, rename="camel"):
    table: str
    column: str
    resealed: int
    unreadable: list[str]
    """Keys of rows whose field no key opens: left as they are, for somebody to look at."""


def is_sealed(column: Bytea) -> bool:
    meta = column._meta
    name = meta.db_column_name
    return (
        name == "sealed"
        or name.endswith("_sealed")
        or (meta.table._meta.tablename, name) in BY_COLUMN
    )


def sealed_in(table: type[Table]) -> list[str]:
    columns = (c for c in table._meta.columns if isinstance(c, Bytea))
    return [c._meta.db_column_name for c in columns if is_sealed(c)]


def sealed_columns() -> list[SealedColumn]:
    tables = Finder().get_table_classes()
    return [_sealed_column(table, name) for table in tables for name in sealed_in(table)]


def _sealed_column(table: type[Table], name: str) -> SealedColumn:
    named, key = table._meta.tablename, table._meta.primary_key
    return SealedColumn(
        named,
        name,
        key._meta.db_column_name,
        key.column_type.lower().replace("serial", "int"),
        home_of(table),
        BY_COLUMN.get((named, name), key._meta.db_column_name),
    )


async def sealed_under() -> dict[int, int]:
    """Key -> fields sealed under it. Reads every sealed column whole: for an operator's eyes."""
    counts: dict[int, int] = {}
    async with UnitOfWork(DB):
        for found in sealed_columns():
            first = _FIRST_BYTE.format(column=found.column)
            rows = await connection().fetch(
                f'SELECT {first} & 127 AS key, count(*) AS n FROM "{found.table}"'
                f' WHERE length("{found.column}") > 0 GROUP BY 1'
            )
            for row in rows:
                counts[row["key"]] = counts.get(row["key"], 0) + row["n"]
    return counts


async def reseal(
    vault: Vault,
    *,
    batch: int = BATCH,
    after_batch: Callable[[], None] = lambda: None,
    bind: bool = False,
) -> list[Resealed]:
    """Everything under the newest key. As the owner of the tables; any number of times.
    `bind`: what is bound to no place, too; without it such a field is unreadable."""
    todo = _Pass(vault, batch, after_batch, bind, lambda: f"<> {vault.newest_key() | BOUND}")
    return [await _reseal_column(todo, found) for found in sealed_columns()]


async def bind_all(vault: Vault) -> list[Resealed]:
    """What is bound to no place, to the place where it stands now; nothing else is looked at."""
    todo = _Pass(vault, BATCH, lambda: None, True, lambda: f"< {BOUND}")
    return [await _reseal_column(todo, found) for found in sealed_columns()]


@dataclass(frozen=True)
class _Pass:
    vault: Vault
    batch: int
    after_batch: Callable[[], None]
    bind: bool
    wanted: Callable[[], str]
    """Which first bytes, as SQL says it; asked for each batch, as a newer key may come."""


async def _reseal_column(todo: _Pass, found: SealedColumn) -> Resealed:
    done, unreadable, last = 0, list[str](), None
    while True:
        async with UnitOfWork(DB):
            rows = await _wanted(todo, found, last)
            new = list(_anew(todo, found, rows, unreadable))
            await _write(found, new)
        if not rows:
            return Resealed(found.table, found.column, done, unreadable)
        done, last = done + len(new), rows[-1][0]
        todo.after_batch()


_Row: TypeAlias = tuple[Any, Any, bytes]
"""Primary key, its place's key, the sealed field."""


async def _wanted(todo: _Pass, found: SealedColumn, last: object) -> list[_Row]:
    """Locked: whoever changes such a row meanwhile waits for us, or we for him."""
    first = _FIRST_BYTE.format(column=found.column)
    after = f' AND "{found.key}" > $2' if last is not None else ""
    rows = await connection().fetch(
        f'SELECT "{found.key}" AS key, "{found.place_key}" AS place_key,'
        f' "{found.column}" AS sealed FROM "{found.table}"'
        f' WHERE "{found.column}" IS NOT NULL AND {first} {todo.wanted()}{after}'
        f' ORDER BY "{found.key}" LIMIT $1 FOR UPDATE',
        *(todo.batch, *([last] if last is not None else [])),
    )
    return [(row["key"], row["place_key"], bytes(row["sealed"])) for row in rows]


def _anew(
    todo: _Pass, found: SealedColumn, rows: list[_Row], unreadable: list[str]
) -> Iterator[tuple[object, bytes]]:
    for key, place_key, sealed in rows:
        at = place_named(found.home, found.column, place_key)
        try:
            yield key, todo.vault.sealed_anew(sealed, at, bind=todo.bind)
        except (InvalidTag, SealKeyMissing, UnicodeDecodeError):
            unreadable.append(key.hex() if isinstance(key, bytes) else str(key))


async def _write(found: SealedColumn, rows: list[tuple[object, bytes]]) -> None:
    await connection().execute("SET LOCAL guanbiao.resealing = 'on'")
    await connection().execute(
        f'UPDATE "{found.table}" AS t SET "{found.column}" = n.sealed'
        f" FROM unnest($1::{found.key_type}[], $2::bytea[]) AS n (key, sealed)"
        f' WHERE t."{found.key}" = n.key',
        [key for key, _ in rows],
        [sealed for _, sealed in rows],
    )


async def retire(folder: Path, number: int, *, now: datetime) -> None:
    """Looked at twice: a field sealed while the key goes away brings it back."""
    newer = [key for key in keys_in(folder) if key.state == "open" and key.number > number]
    if not newer:
        raise NewestStays
    if now - newer[-1].since < _IN_FLIGHT:
        raise TooSoon
    await _refuse_if_used(number)
    change_state(folder, number, "key", "retired")
    try:
        await _refuse_if_used(number)
    except StillSealedUnderIt:
        change_state(folder, number, "retired", "key")
        raise


async def _refuse_if_used(number: int) -> None:
    async with UnitOfWork(DB):
        for found in sealed_columns():
            key = _FIRST_BYTE.format(column=found.column) + " & 127"
            if await connection().fetchval(
                f'SELECT 1 FROM "{found.table}" WHERE {key} = $1 LIMIT 1', number
            ):
                raise StillSealedUnderIt
