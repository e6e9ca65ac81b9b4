import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from infra.local import reach
from infra.local.postgres import OWNER, LocalPostgres, binaries
from infra.local.processes import DidNotStart
from infra.local.reach import DatabaseGone, DatabaseShared, home_for
from tests.infra.up import open_folder

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root's PostgreSQL is another user")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder / "另一个 postgres"


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[LocalPostgres]:
    server = LocalPostgres(folder)
    server.start()
    yield server
    server.stop()


async def ask(server: LocalPostgres, statement: str, role: str = OWNER) -> object:
    connection = await asyncpg.connect(server.dsn(role), timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_server_left_behind_is_ended_and_its_cluster_taken_over(
    server: LocalPostgres, folder: Path
) -> None:
    await ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    second = LocalPostgres(folder)
    second.start()
    try:
        assert await ask(second, "SELECT answer FROM kept") == 42
        assert not server.alive(), "the first was ended politely"
    finally:
        second.stop()
        server.start()


async def test_a_lock_file_that_names_a_stranger_s_pid_does_not_stop_the_start(
    server: LocalPostgres,
) -> None:
    server.stop()
    lock = server.home / "data" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{server.home / 'data'}\n1\n5432\n\n127.0.0.1\n")
    server.start()
    assert await ask(server, "SELECT 1") == 1


async def test_a_killed_server_comes_back_with_what_was_committed(server: LocalPostgres) -> None:
    await ask(server, "CREATE TABLE survives AS SELECT 7 AS n")
    os.kill(server.pid, signal.SIGKILL)
    server.start(server.port)
    assert await ask(server, "SELECT n FROM survives") == 7


async def test_nobody_enters_without_a_password(server: LocalPostgres) -> None:
    address = server.dsn().replace(server.dsn().split(":")[2].split("@")[0], "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(address)


async def test_the_application_s_role_may_not_make_tables(server: LocalPostgres) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(server, "CREATE TABLE mine (n int)", role="guanbiao_app")


def test_a_cluster_that_cannot_start_says_why(folder: Path) -> None:
    broken = LocalPostgres(folder.parent / "broken")
    (broken.folder / "data").mkdir(parents=True, mode=0o700)
    if os.getuid() == 0:
        shutil.chown(broken.folder / "data", reach.NOBODY, reach.NOBODY)
    with pytest.raises(DidNotStart, match=r"postgresql\.conf|valid data directory"):
        broken.start()


@pytest.fixture
def closed_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder only root may enter, and a place elsewhere that is swept afterwards."""
    elsewhere = Path("/var/tmp") / f"guanbiao-test-{os.getpid()}"
    monkeypatch.setattr(reach, "ELSEWHERE", elsewhere)
    home = tmp_path / "closed"
    home.mkdir(mode=0o700)
    yield home
    shutil.rmtree(elsewhere, ignore_errors=True)


@as_root
async def test_under_a_closed_home_the_database_lives_where_its_user_can_reach_it(
    closed_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = binaries().parents[1]
    for source in (installed, installed.with_name(f"{installed.name}.libs")):
        shutil.copytree(source, closed_home / source.name)
    here = closed_home / binaries().relative_to(installed.parent)
    monkeypatch.setattr("infra.local.postgres.binaries", lambda: here)
    server = LocalPostgres(closed_home / "postgres")
    server.start()
    try:
        assert await ask(server, "SELECT 1") == 1
        assert server.home.parent == reach.ELSEWHERE
        assert home_for(server.folder) == server.home, "the next start finds it again"
    finally:
        server.stop()


@as_root
def test_a_moved_data_folder_keeps_its_database_and_a_copied_one_is_refused(
    closed_home: Path,
) -> None:
    home = home_for(closed_home / "a")
    (closed_home / "a").rename(closed_home / "b")
    assert home_for(closed_home / "b") == home
    shutil.copytree(closed_home / "b", closed_home / "c")
    with pytest.raises(DatabaseShared, match="copy"):
        home_for(closed_home / "c")


@as_root
def test_a_database_that_went_missing_elsewhere_is_not_silently_made_anew(
    closed_home: Path,
) -> None:
    shutil.rmtree(home_for(closed_home / "a"))
    with pytest.raises(DatabaseGone, match="backup"):
        home_for(closed_home / "a")
