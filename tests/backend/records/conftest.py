from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend.accounts import repository as people
from backend.accounts import service as accounts
from backend.accounts.domain import Role, typed_login
from backend.accounts.tables import Person
from backend.records import service
from backend.records.issuing import issue
from backend.records.keyring import Keyring
from backend.records.sequencer import settle
from backend.records.tables import CompletionRecord, DueRecord, StatusList
from backend.records.verdict.notes import open_checkpoint
from backend.records.verdict.status_list import PURPOSES
from backend.records.verdict.tiles import tiles_of
from backend.records.verdict.trust import parse_trust
from infra.clock import ManualClock
from infra.database import UnitOfWork
from infra.engine import DB
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault, place
from tests.backend.records.making import START, some_facts

Someone = Callable[..., Awaitable[UUID]]
Issued = Callable[..., Awaitable[CompletionRecord]]
Mirror = Callable[[], Awaitable[Path]]


@pytest.fixture
def context(object_store: ObjectStore, clock: ManualClock, settings: Settings) -> WorkerContext:
    return WorkerContext(objects=object_store, clock=clock, settings=settings)


@pytest.fixture
def keyring(settings: Settings) -> Keyring:
    return Keyring.of(settings)


@pytest.fixture
def someone(database: None, vault: Vault, clock: ManualClock) -> Someone:
    """A person; `method=None` leaves the identity unverified."""

    async def add(name: str = "王小明", method: str | None = "counter") -> UUID:
        person_id = await accounts.add_person(
            vault,
            name=name,
            login=typed_login(f"{uuid4().hex}@example.org"),
            password_hash="-",
            roles=[Role.LEARNER],
            demonstration=False,
            now=clock(),
        )
        if method:
            await verify_person(vault, person_id, name, method)
        return person_id

    return add


async def verify_person(
    vault: Vault, person_id: UUID, name: str = "王小明", method: str = "counter"
) -> None:
    async with UnitOfWork(DB):
        await people.set_identity(
            person_id,
            name_sealed=vault.seal(name, place(Person.name_sealed, person_id)),
            method=method,
            verified_at=START,
            valid_until=None,
        )


@pytest.fixture
def issued(context: WorkerContext, someone: Someone, clock: ManualClock) -> Issued:
    """A record, issued and in the log."""

    async def make(learner_id: UUID | None = None, **changes: Any) -> CompletionRecord:
        learner_id = learner_id or await someone()
        facts = some_facts(learner_id, **changes)
        await service.request_record(facts, clock())
        due = await the_due(learner_id, facts.revision)
        await issue(context, due.id)
        await settle(context)
        record = await CompletionRecord.objects().get(CompletionRecord.due == due.id)
        assert record is not None
        return record

    return make


async def the_due(learner_id: UUID, revision: int = 1) -> DueRecord:
    """Of several, the one requested last."""
    due = (
        await DueRecord.objects()
        .where(DueRecord.learner_id == learner_id, DueRecord.revision == revision)
        .order_by(DueRecord.id, ascending=False)
        .first()
    )
    assert due is not None
    return due


@pytest.fixture
def mirror(api: httpx.AsyncClient, tmp_path: Path) -> Mirror:
    """Everything public of the log, fetched into a folder."""

    async def fetch() -> Path:
        folder = tmp_path / "mirror"
        trust = (await api.get("/trust.json")).content
        checkpoint = (await api.get("/log/checkpoint")).text
        size = open_checkpoint(checkpoint, parse_trust(trust).log.note_key).size
        lists = [row["number"] for row in await StatusList.select(StatusList.number)]
        files = {"trust.json": trust, "checkpoint": checkpoint.encode()}
        files["trust-demonstration.json"] = (await api.get("/trust-demonstration.json")).content
        for tile in tiles_of(size):
            files[tile.path] = (await api.get(f"/log/{tile.path}")).content
        for name in (f"status/{p}/{n}" for n in lists for p in PURPOSES):
            files[name] = (await api.get(name)).content
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    return fetch
