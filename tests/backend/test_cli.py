import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from backend.accounts.demonstration import DEMO_ACCOUNTS
from backend.accounts.domain import Role
from backend.cli import RoleName
from backend.records.commands import EXIT_CODES
from backend.up import addresses
from infra.local.ports import free_port
from tests.infra.up import ROOT, environment, guanbiao, help_of

COMMANDS = (
    *(
        "up",
        "api",
        "worker",
        "migrate",
        "demo",
        "transcode",
        "check-package",
        "media",
        "verify",
        "audit-log",
        "openapi",
        "login",
    ),
    *("doctor", "public-address", "grant", "vault", "witness", "witness-keys"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_by_example(command: str) -> None:
    assert f"guanbiao {command}" in help_of(command)


def test_the_roles_to_grant_are_the_roles_there_are() -> None:
    assert set(get_args(RoleName)) == {role.value for role in Role}


def test_help_imports_no_framework() -> None:
    probe = (
        "import sys; from backend import cli\n"
        "heavy = {'litestar', 'piccolo', 'asyncpg', 'pgqueuer', 'minio', 'pydantic'}\n"
        "sys.exit(f'{heavy & set(sys.modules)}' if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


# What others wrote is loaded once, before the first of ours.
EACH_BY_ITSELF = """
import gc, importlib, os, sys
gc.disable()
import asyncpg, httpx, litestar, minio, msgspec, pgqueuer, piccolo.table, pydantic_settings, rich
import aiohttp, aiosmtplib, jinja2, joserfc.jwt, litestar.openapi.plugins, markdown_it, numpy
import piccolo.apps.migrations.commands.base, tusclient.client, uvicorn.main, webauthn, xlsxwriter
broken = []
for name in sys.argv[1:]:
    if not (child := os.fork()):
        os._exit(importlib.import_module(name) is None)
    if os.waitpid(child, 0)[1]:
        broken.append(name)
sys.exit(f"cannot be the first of ours to be imported: {broken}" if broken else 0)
"""


def test_whatever_a_command_imports_can_be_imported_first() -> None:
    """A command is a process that imports this and nothing before; tests fork one that has all."""
    sources = [ROOT / "backend" / "cli.py", *(ROOT / "backend").glob("*_commands.py")]
    late = re.compile(r"^ +from (backend\.[\w.]+) import", re.MULTILINE)
    names = {name for path in sources for name in late.findall(path.read_text())}
    assert {"backend.administer", "backend.serve", "backend.worker"} <= names
    program = [sys.executable, "-P", "-c", EACH_BY_ITSELF, *sorted(names)]
    env = environment(PICCOLO_CONF="backend.piccolo_conf")
    done = subprocess.run(program, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_openapi_document_needs_no_database() -> None:
    document = msgspec.json.decode(guanbiao("openapi").stdout)
    assert document["openapi"].startswith("3.1")
    assert "/v1/sessions" in document["paths"]


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "said"),
    [
        (["migrate"], {}, 2, "DATABASE_OWNER_URL"),
        (["nonsense"], {}, 2, "No such command"),
        (["api"], {"GUANBIAO_PORT": "many"}, 2, "GUANBIAO_PORT"),
        (["up"], {"DATABASE_URL": "postgresql://a:b@db/x"}, 2, "DATABASE_OWNER_URL"),
        (["public-address", "https://x.example"], {}, 3, "guanbiao up"),
    ],
    ids=[
        "migrating without an address",
        "a command that does not exist",
        "a setting that is no number",
        "the operator's database without its owner",
        "an address for an instance that does not run",
    ],
)
def test_an_expected_error_is_one_clear_line(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], code: int, said: str
) -> None:
    env = environment(GUANBIAO_DATA_DIR=str(tmp_path / "data"), **variables)
    done = guanbiao(*arguments, env=env)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr


def test_a_database_that_is_away_is_the_machine_s_fault(tmp_path: Path) -> None:
    away = f"postgresql://a:b@127.0.0.1:{free_port()}/x"
    env = environment(
        DATABASE_URL=away, DATABASE_OWNER_URL=away, OBJECTS_URL="http://k:s@127.0.0.1:1/b"
    )
    done = guanbiao("migrate", env=env)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False), done.stderr


def make(*arguments: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "MAKEFLAGS": "", **variables}
    return subprocess.run(
        [shutil.which("make") or "make", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_says_what_it_can_do() -> None:
    said = make().stdout
    assert all(f"make {goal}" in said for goal in ("install", "run", "test", "bench", "lock"))


def test_make_without_a_python_names_the_package_to_install(tmp_path: Path) -> None:
    folder = tmp_path / "新 文件夹"
    folder.mkdir()
    (folder / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "grep", "sed", "expand"):
        (tmp_path / "bin" / tool).symlink_to(f"/bin/{tool}" if tool == "sh" else f"/usr/bin/{tool}")
    done = make("install", cwd=folder, PATH=str(tmp_path / "bin"), PYTHON="absent")
    assert done.returncode == 2
    assert "apt-get install python3.11 python3.11-venv" in done.stdout + done.stderr


def test_ci_runs_what_a_developer_runs() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "set "))] == ["make test"]


def test_the_lock_files_have_hashes_and_no_addresses() -> None:
    for name in ("run.txt", "test.txt"):
        text = (ROOT / "requirements" / name).read_text()
        assert "://" not in text
        pinned = [line for line in text.splitlines() if line[:1].isalpha()]
        assert pinned
        assert all(line.endswith("\\") and "==" in line for line in pinned)


def test_the_help_of_verify_names_the_exit_code_of_every_verdict() -> None:
    said = " ".join(guanbiao("verify", "--help").stdout.split())  # wherever the lines break
    assert all(f"{code} {verdict.value}" in said for verdict, code in EXIT_CODES.items())


def test_the_start_names_every_demonstration_account_by_what_it_does() -> None:
    said = "\n".join(addresses("http://a", "http://a", Path("data"), demo=True))
    for account in DEMO_ACCOUNTS:
        (line,) = (each for each in said.splitlines() if f" {account.login} " in each)
        assert account.english in line
    assert "审校 · reviewer" in said
