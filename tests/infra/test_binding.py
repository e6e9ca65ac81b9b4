"""Of every sealed column there is: a field opens in its own row alone, and those from before that
was so are bound to theirs once."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
import structlog
from cryptography.exceptions import InvalidTag

from infra.binding import bind_once
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.local.postgres import LocalPostgres
from infra.resealing import Resealed, SealedColumn, bind_all, reseal, sealed_columns
from infra.sealkeys import add_key
from infra.tables import InstanceFact
from infra.vault import Vault, place_named
from tests.backend.progress.own_database import own_database
from tests.conftest import START
from tests.infra.test_vault import unbound
from tests.one_connection import connection

COLUMNS = sealed_columns()
KEYS = [uuid7(), uuid7()]
TEXTS = ["王小明", "李四"]


@pytest.fixture(scope="module", autouse=True)
async def rows_of_our_own(local_postgres: LocalPostgres, database: None) -> AsyncIterator[None]:
    async with own_database(local_postgres, "binding"):
        yield


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.of(tmp_path)


@pytest.fixture
def old(vault: Vault, tmp_path: Path) -> list[bytes]:
    return [unbound(text, (tmp_path / "vault-seal.key").read_bytes()) for text in TEXTS]


class UndoneAgain(Exception):
    pass


def undone() -> "pytest.RaisesExc[UndoneAgain]":
    return pytest.raises(UndoneAgain)


async def tables_like_ours(fields: dict[SealedColumn, list[bytes]]) -> None:
    """In front of ours until the transaction ends: two rows each, their sealed columns alone."""
    by_table: dict[str, list[SealedColumn]] = {}
    for column in COLUMNS:
        by_table.setdefault(column.table, []).append(column)
    for table, columns in by_table.items():
        keys = list(dict.fromkeys((columns[0].key, columns[0].place_key)))
        names = ", ".join(f'"{name}"' for name in [*keys, *(c.column for c in columns)])
        await connection().execute(
            f'CREATE TEMP TABLE "{table}" ON COMMIT DROP AS SELECT {names} FROM "{table}" LIMIT 0'
        )
        for number, key in enumerate(KEYS):
            found = [key_of(columns[0], key), place_key_of(columns[0], key)][: len(keys)]
            values = [*found, *(fields[column][number] for column in columns)]
            marks = ", ".join(f"${n}" for n in range(1, len(values) + 1))
            await connection().execute(f'INSERT INTO "{table}" VALUES ({marks})', *values)


def key_of(column: SealedColumn, key: UUID) -> UUID | bytes:
    return key.bytes if column.key_type == "bytea" else key


def place_key_of(column: SealedColumn, key: UUID) -> UUID | bytes | str:
    return key_of(column, key) if column.place_key == column.key else f"lectures/{key}/"


def places(column: SealedColumn) -> list[str]:
    return [place_named(column.home, column.column, place_key_of(column, key)) for key in KEYS]


async def kept(column: SealedColumn) -> list[bytes]:
    rows = await connection().fetch(
        f'SELECT "{column.column}" FROM "{column.table}" ORDER BY "{column.key}"'
    )
    return [bytes(row[0]) for row in rows]


def unreadable(done: list[Resealed]) -> dict[str, int]:
    return {f"{one.table}.{one.column}": len(one.unreadable) for one in done}


EACH_TWICE = {f"{column.table}.{column.column}": 2 for column in COLUMNS}


async def test_two_rows_that_swapped_their_fields_are_both_found_in_every_column(
    vault: Vault, tmp_path: Path
) -> None:
    swapped = dict[SealedColumn, list[bytes]]()
    for column in COLUMNS:
        here, there = places(column)
        swapped[column] = [vault.seal(TEXTS[1], there), vault.seal(TEXTS[0], here)]
        for sealed, at in zip(swapped[column], (here, there), strict=True):
            with pytest.raises(InvalidTag):
                vault.open(sealed, at)
    with undone():
        async with UnitOfWork(DB):
            await tables_like_ours(swapped)
            add_key(tmp_path, coming=False)
            assert unreadable(await reseal(vault, bind=True)) == EACH_TWICE
            raise UndoneAgain


async def test_a_field_that_is_bound_to_nothing_opens_in_no_column_until_it_is_bound_once(
    vault: Vault, old: list[bytes]
) -> None:
    with undone():
        async with UnitOfWork(DB):
            await tables_like_ours({column: old for column in COLUMNS})
            assert unreadable(await reseal(vault)) == EACH_TWICE
            done = await bind_all(vault)
            assert {f"{one.table}.{one.column}": one.resealed for one in done} == EACH_TWICE
            for column in COLUMNS:
                for sealed, at, text in zip(await kept(column), places(column), TEXTS, strict=True):
                    assert vault.open(sealed, at) == text
            assert not any(one.resealed for one in await bind_all(vault))
            raise UndoneAgain


async def test_places_differ_but_for_the_row_that_moves_from_one_table_to_another() -> None:
    named = {c: places(c)[0] for c in COLUMNS}
    shared = {(c.table, c.home) for c in COLUMNS if c.table != c.home}
    assert shared == {("expected_member", "import_row")}
    assert len(set(named.values())) == len([c for c in COLUMNS if c.table == c.home])


async def test_binding_is_done_once_so_that_nothing_planted_later_is_taken_for_old(
    vault: Vault, old: list[bytes]
) -> None:
    key = KEYS[0]
    with undone():
        async with UnitOfWork(DB):
            await tables_like_ours({column: old for column in COLUMNS})
            assert await bind_once(vault, now=START) == 2 * len(COLUMNS)
            await connection().execute(
                "UPDATE person SET name_sealed = $2 WHERE id = $1", key, old[1]
            )
            assert await bind_once(vault, now=START) == 0
            column = next(c for c in COLUMNS if c.table == "person")
            assert (await kept(column))[0] == old[1]
            raise UndoneAgain


async def test_a_field_that_no_key_opens_is_named_and_asked_for_again_at_the_next_start(
    vault: Vault, old: list[bytes]
) -> None:
    broken = [b"\x01" + bytes(40), old[1]]
    with undone(), structlog.testing.capture_logs() as logs:
        async with UnitOfWork(DB):
            await tables_like_ours({column: broken for column in COLUMNS})
            assert await bind_once(vault, now=START) == len(COLUMNS)
            assert not await InstanceFact.exists().where(InstanceFact.name == "fields-bound")
            raise UndoneAgain
    named = {log["where"]: log["rows"] for log in logs if log["event"] == "fields_not_bound"}
    assert named["person.name_sealed"] == [str(KEYS[0])]
    assert named["person_login.sealed"] == [KEYS[0].bytes.hex()]
