"""Every sealed field comes under the newest key, whatever happens meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from piccolo.columns import Bytea
from piccolo.conf.apps import Finder

from backend.accounts.tables import Person, PersonLogin
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB, configure
from infra.ids import uuid7
from infra.local.postgres import OWNER, LocalPostgres
from infra.resealing import (
    NewestStays,
    StillSealedUnderIt,
    TooSoon,
    is_sealed,
    reseal,
    retire,
    sealed_columns,
    sealed_under,
)
from infra.sealkeys import add_key
from infra.vault import Vault, place
from tests.backend.progress.own_database import own_database
from tests.conftest import START
from tests.infra.up import ROOT, environment, guanbiao
from tests.one_connection import connection

NAME, PHONE = "王小明", "13812345678"
PEOPLE = 12
LATER = timedelta(hours=2)

PLAIN = {
    *("completion_record.facts", "completion_record.evidence", "completion_record.jws"),
    *(
        "due_record.facts",
        "due_record.earning",
        "record_event.document",
        "status_list_version.jws",
        "log_leaf.entry",
    ),
    *("log_pending.entry", "log_checkpoint.root", "exam_attempt.seed", "exam_attempt.evidence"),
    *("exam_attempt.criterion", "practice_paper.paper", "essay.asked"),
    *("item_remedy.corrected", "attempt_correction.evidence", "exposure_count.counts"),
    *("lesson_watch.watched", "lesson_watch.pending", "download_lease.lost"),
    *("ledger_entry.evidence", "published_edition.content", "edition_draft.content"),
    *("audit_entry.hash", "passkey.credential_id", "passkey.public_key"),
    *("passkey_challenge.challenge", "rate_limit_count.key", "code_count.key"),
    *("federated_identity.subject_index", "federated_attempt.state_sha256"),
    *("federated_attempt.browser_sha256", "spot_check.seed", "spot_check.population"),
    *("exam_statistics.figures", "item_statistics.figures", "item_statistics.wording"),
    "key_event.document",
}
"""Bytes that are no person's, or found by a keyed index and never opened."""


def test_every_bytes_column_says_whether_it_is_sealed() -> None:
    """A new one: name it `..._sealed` (then keys are rotated for it), or by what else it is, or
    add it above."""
    columns = {
        f"{table._meta.tablename}.{c._meta.db_column_name}"
        for table in Finder().get_table_classes()
        for c in table._meta.columns
        if isinstance(c, Bytea) and not is_sealed(c)
        if not c._meta.db_column_name.endswith(("_index", "_sha256", "_hash"))
    }
    assert columns - PLAIN == set()
    assert {(c.table, c.column) for c in sealed_columns()} >= {
        *(("person", "name_sealed"), ("person_login", "sealed"), ("lecture", "content_key")),
        ("completion_record", "holder_sealed"),
    }


@pytest.fixture(scope="module")
async def rows_of_our_own(local_postgres: LocalPostgres, database: None) -> AsyncIterator[str]:
    async with own_database(local_postgres, "resealing"):
        yield local_postgres.dsn(OWNER, "resealing")


@pytest.fixture
async def people(
    rows_of_our_own: str, tmp_path: Path, local_postgres: LocalPostgres
) -> AsyncIterator[list[UUID]]:
    """Sealed under key 1; key 2 was just added. The engine is the owner's, as the command's is."""
    vault, ids = Vault.of(tmp_path), [uuid7() for _ in range(PEOPLE)]
    await connected(rows_of_our_own)
    for person_id in ids:
        await Person.insert(person(vault, person_id))
        index = vault.index(str(person_id))
        sealed = vault.seal(PHONE, place(PersonLogin.sealed, index))
        await PersonLogin.insert(
            PersonLogin(login_index=index, person=person_id, kind="phone", sealed=sealed)
        )
    add_key(tmp_path, coming=False)
    yield ids
    await PersonLogin.delete().where(PersonLogin.person.is_in(ids))
    await Person.delete().where(Person.id.is_in(ids))
    await connected(local_postgres.dsn(database="resealing"))


async def connected(dsn: str) -> None:
    await DB.close_connection_pool()
    configure(dsn)
    await DB.start_connection_pool(min_size=1, max_size=4)


def person(vault: Vault, person_id: UUID) -> Person:
    return Person(
        id=person_id,
        name_sealed=vault.seal(NAME, at(person_id)),
        password_hash="!",
        demonstration=False,
        created_at=START,
    )


async def names(vault: Vault, ids: list[UUID]) -> set[str]:
    rows = await Person.select(Person.id, Person.name_sealed).where(Person.id.is_in(ids))
    return {vault.open(row["name_sealed"], at(row["id"])) for row in rows}


def at(person_id: UUID) -> str:
    return place(Person.name_sealed, person_id)


async def test_a_new_key_takes_over_batch_by_batch_and_the_old_one_goes(
    people: list[UUID], tmp_path: Path
) -> None:
    vault, batches = Vault.of(tmp_path), list[int]()
    with pytest.raises(StillSealedUnderIt):
        await retire(tmp_path, 1, now=system_clock() + LATER)
    done = await reseal(vault, batch=5, after_batch=lambda: batches.append(1))
    assert {f"{d.table}.{d.column}": d.resealed for d in done if d.resealed} == {
        "person.name_sealed": PEOPLE,
        "person_login.sealed": PEOPLE,
    }
    assert len(batches) == 2 * 3  # twelve rows, five at a time, in two columns
    assert await sealed_under() == {2: 2 * PEOPLE}
    with pytest.raises(TooSoon):
        await retire(tmp_path, 1, now=system_clock())
    await retire(tmp_path, 1, now=system_clock() + LATER)
    assert await names(Vault.of(tmp_path), people) == {NAME}
    with pytest.raises(NewestStays):
        await retire(tmp_path, 2, now=system_clock() + LATER)


KILLED_IN_A_BATCH = """
import asyncio, os, signal, sys
from pathlib import Path
from infra.engine import DB, configure
from infra.resealing import reseal
from infra.vault import Vault

class Doomed(Vault):
    left = 7
    def sealed_anew(self, sealed, at, *, bind):
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().sealed_anew(sealed, at, bind=bind)

async def run():
    configure(sys.argv[1])
    await DB.start_connection_pool(min_size=1, max_size=1)
    await reseal(Doomed.of(Path(sys.argv[2])), batch=5)

asyncio.run(run())
"""


async def test_killed_in_the_middle_of_a_batch_nothing_is_lost_and_the_next_run_goes_on(
    people: list[UUID], rows_of_our_own: str, tmp_path: Path
) -> None:
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-P", "-c", KILLED_IN_A_BATCH, rows_of_our_own, str(tmp_path)],
        env={**environment(), "PICCOLO_CONF": "backend.piccolo_conf"},
        cwd=ROOT,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert await sealed_under() == {1: 2 * PEOPLE - 5, 2: 5}  # whole batches, never half of one
    assert await names(Vault.of(tmp_path), people) == {NAME}
    done = await reseal(Vault.of(tmp_path), batch=5)
    assert sum(d.resealed for d in done) == 2 * PEOPLE - 5
    assert await sealed_under() == {2: 2 * PEOPLE}
    assert sum(d.resealed for d in await reseal(Vault.of(tmp_path))) == 0


async def test_a_field_changed_meanwhile_is_not_written_over(
    people: list[UUID], tmp_path: Path
) -> None:
    """Somebody holds the row, and writes a new name: the batch waits and takes up the new one."""
    vault = Vault.of(tmp_path)
    async with UnitOfWork(DB):
        await Person.select().where(Person.id == people[0]).lock_rows("UPDATE")
        batch = asyncio.create_task(outside(reseal(vault)))
        await asyncio.sleep(0)
        other = vault.seal("李四", at(people[0]))
        await Person.update({Person.name_sealed: other}).where(Person.id == people[0])
    await batch
    assert await names(vault, [people[0]]) == {"李四"}
    assert await sealed_under() == {2: 2 * PEOPLE}


async def outside(work: object) -> None:
    """In no transaction of the task that asks."""
    DB.current_transaction.set(None)
    await work  # type: ignore[misc]


async def test_a_field_that_no_key_opens_is_named_and_left_alone(
    people: list[UUID], tmp_path: Path
) -> None:
    for person_id, key in ((people[3], b"\x81"), (people[4], b"\xe3")):
        broken = key + os.urandom(40)
        await Person.update({Person.name_sealed: broken}).where(Person.id == person_id)
    done = {f"{d.table}.{d.column}": d for d in await reseal(Vault.of(tmp_path), batch=5)}
    assert done["person.name_sealed"].unreadable == [str(people[3]), str(people[4])]
    assert await sealed_under() == {1: 1, 2: 2 * PEOPLE - 2, 99: 1}
    with pytest.raises(StillSealedUnderIt):
        await retire(tmp_path, 1, now=system_clock() + LATER)


SAMPLE = """
CREATE TABLE kept (id int, holder_sealed bytea, score int);
INSERT INTO kept VALUES (1, 'old', 90);
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON kept
    FOR EACH ROW EXECUTE FUNCTION refuse_change('holder_sealed');
"""


async def test_of_what_is_append_only_the_sealed_columns_alone_can_be_sealed_anew(
    people: list[UUID],
) -> None:
    """By the owner, in a transaction that says so; the application has no right to update."""
    async with UnitOfWork(DB):
        await connection().execute(SAMPLE)
        for said, change in (
            ("off", "holder_sealed = 'new'"),
            ("on", "holder_sealed = 'new', score = 100"),
        ):
            with pytest.raises(asyncpg.RestrictViolationError):
                await alone(f"SET LOCAL guanbiao.resealing = '{said}'; UPDATE kept SET {change}")
        await connection().execute("SET LOCAL guanbiao.resealing = 'on'")
        await connection().execute("UPDATE kept SET holder_sealed = 'new'")
        with pytest.raises(asyncpg.RestrictViolationError):
            await alone("DELETE FROM kept")
        assert await connection().fetchval("SELECT holder_sealed FROM kept") == b"new"
        await connection().execute("DROP TABLE kept")


async def alone(statements: str) -> None:
    """What is refused is undone, and no more."""
    async with UnitOfWork(DB):
        await connection().execute(statements)


async def test_the_commands_do_it_from_a_terminal_and_leave_their_trace(
    people: list[UUID], rows_of_our_own: str, tmp_path: Path, local_postgres: LocalPostgres
) -> None:
    env = environment(
        DATABASE_URL=local_postgres.dsn(database="resealing"),
        DATABASE_OWNER_URL=rows_of_our_own,
        GUANBIAO_KEYS_DIR=str(tmp_path),
    )

    async def vault(*words: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(guanbiao, "vault", *words, env=env)

    assert (await vault("add-key", "--coming")).returncode == 0
    assert (await vault("use-key", "3")).returncode == 0
    assert (await vault("reseal", "--json")).returncode == 0
    assert await sealed_under() == {3: 2 * PEOPLE}
    refused = await vault("retire-key", "1")  # three is in use for seconds only
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    os.utime(tmp_path / "vault-seal-3.key", (0, 0))
    assert (await vault("retire-key", "1")).returncode == 0
    shown = (await vault("show")).stdout
    assert [line.split()[:2] for line in shown.splitlines()] == [
        *(["1", "retired"], ["2", "open"], ["3", "open"])
    ]
    rows = await connection_rows("SELECT act FROM audit_entry ORDER BY number")
    assert rows == ["seal-key-added", "seal-key-used", "fields-resealed", "seal-key-retired"]


async def connection_rows(query: str) -> list[str]:
    async with UnitOfWork(DB):
        rows = await connection().fetch(query)
    return [row[0] for row in rows]
