"""Real parts, started once a session: PostgreSQL, the object store, the migrated database."""

import gc
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from execnet import XSpec
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from httpx._transports import default
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer

os.environ.setdefault("PICCOLO_CONF", "backend.piccolo_conf")

from backend.accounts.domain import Role
from backend.accounts.tokens import AccessTokens
from infra.clock import ManualClock
from infra.engine import DB, configure
from infra.instance import fix_public_url
from infra.local.objects import LocalObjects
from infra.local.postgres import DATABASE, OWNER, LocalPostgres
from infra.migrate import migrate
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault import Vault
from tests import prepared_cluster
from tests.applications import application
from tests.in_memory import temporary_files_in_memory
from tests.loading import loading
from tests.one_connection import one_connection
from tests.people import AsPerson, SignedIn, sign_in_someone
from tests.prepared_cluster import MIGRATED
from tests.sharing import FilesTogether, longest_first

# Where it is used: machines that test mostly live in UTC, where no mistake of a zone is seen.
os.environ["TZ"] = "Asia/Shanghai"
time.tzset()

# How long an example takes says how busy the machine is, not whether the rule holds.
hypothesis_settings.register_profile("guanbiao", deadline=None)
hypothesis_settings.load_profile("guanbiao")
DEFAULT_TIMEOUT_CONFIG.read = 60.0  # seconds: so does how long a server takes to answer

# A new client reads some hundred authorities, which takes longer than any request of a test.
once_read = cache(httpx.create_ssl_context)
default.create_ssl_context = once_read  # type: ignore[attr-defined]  # the name that clients use

START = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, nine in the morning in Shanghai
PUBLIC_URL = "http://guanbiao.test"


class RollBack(Exception):
    """Leaves a transaction that a test has opened."""


@pytest.fixture(scope="session")
def stack_folder() -> Iterator[Path]:
    """Outside of pytest's own folder, which every new session closes to other users: PostgreSQL
    runs as one of them when we are root."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-tests-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@pytest.fixture(scope="session")
def local_postgres(stack_folder: Path) -> Iterator[LocalPostgres]:
    prepared_cluster.copy_to(stack_folder / "postgres")
    server = LocalPostgres(stack_folder / "postgres")
    server.start()
    yield server
    os.kill(server.pid, signal.SIGQUIT)  # at once: nobody will miss what is not written yet
    server.stop()


@pytest.fixture(scope="session")
def local_objects(stack_folder: Path) -> Iterator[LocalObjects]:
    server = LocalObjects(stack_folder / "objects")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def object_store(local_objects: LocalObjects) -> ObjectStore:
    store = ObjectStore.from_url(local_objects.url)
    await store.ensure_bucket()
    return store


def new_database(server: LocalPostgres, name: str, template: str = "template1") -> None:
    created = server._psql(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template}")
    assert created.returncode == 0, created.stderr


def has_database(server: LocalPostgres, name: str) -> bool:
    asked = f"SELECT 'there' FROM pg_database WHERE datname = '{name}'"
    return b"there" in server._psql(asked).stdout


@pytest.fixture(scope="session")
async def database(local_postgres: LocalPostgres) -> AsyncIterator[None]:
    """Migrated as the owner; the pool connects as the application's role."""
    if not has_database(local_postgres, MIGRATED):
        await migrate(local_postgres.dsn(OWNER))
        new_database(local_postgres, MIGRATED, template=DATABASE)  # while nobody is in that
    configure(local_postgres.dsn(), idle_in_transaction_seconds=0)  # tests wait inside of theirs
    await DB.start_connection_pool(min_size=1, max_size=8)
    await fix_public_url(PUBLIC_URL, PUBLIC_URL, now=START)
    yield
    await DB.close_connection_pool()


@pytest.fixture
async def unit(database: None) -> AsyncIterator[None]:
    """Whatever the test writes is rolled back."""
    async with one_connection():
        yield


@pytest.fixture(scope="session")
def settings(
    stack_folder: Path, local_postgres: LocalPostgres, local_objects: LocalObjects
) -> Settings:
    return Settings.model_validate(
        {
            "DATABASE_URL": local_postgres.dsn(),
            "OBJECTS_URL": local_objects.url,
            "data_dir": stack_folder / "instance",
            "demo": True,
        }
    )


@pytest.fixture(scope="session")
def vault(settings: Settings) -> Vault:
    return Vault.of(settings.keys)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def api(
    unit: None, settings: Settings, object_store: ObjectStore, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    """The API in this process, over the real database, at the test's own time."""
    app = application(settings, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    hooks: Any = {"response": [_says_its_charset_once]}
    async with httpx.AsyncClient(
        transport=transport, base_url=PUBLIC_URL, event_hooks=hooks
    ) as client:
        yield client


async def _says_its_charset_once(answer: httpx.Response) -> None:
    """Whatever a test asks for: the framework names the charset of texts, so a route that names it
    as well says it twice."""
    told = answer.headers.get("content-type", "")
    assert told.count("charset") <= 1, f"{answer.request.url}: {told}"


@pytest.fixture(scope="session")
def tokens(settings: Settings) -> AccessTokens:
    return AccessTokens.of(settings.keys, PUBLIC_URL)


@pytest.fixture
def as_person(unit: None, vault: Vault, tokens: AccessTokens, clock: ManualClock) -> AsPerson:
    """`await as_person(Role.AUTHOR)` -> `SignedIn` with `.id` and `.headers`; default: a learner.

    Read `.headers` anew after the clock advanced: the token in it is minted for that moment.
    """

    async def sign_in(*roles: Role) -> SignedIn:
        return await sign_in_someone(
            roles or (Role.LEARNER,), vault=vault, tokens=tokens, clock=clock
        )

    return sign_in


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        gc.disable()  # until all is loaded (pytest_collection_finish)
    else:  # it runs no test itself, but shares them out
        stack = ExitStack()
        stack.enter_context(temporary_files_in_memory())
        stack.enter_context(prepared_cluster.in_the_making())
        config.add_cleanup(stack.close)
        gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list[XSpec]) -> None:
    """They need not each load the tests for itself."""
    stack = ExitStack()
    config.add_cleanup(stack.close)
    python = stack.enter_context(loading(config.invocation_params.args))
    for spec in specs:
        spec.python = python


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it again and again is a tenth of all work, and
    doing so once to leave some garbage out takes each process half a second."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether:
    return FilesTogether(config, log)
