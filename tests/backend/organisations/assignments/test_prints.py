"""A manager takes the records of the staff along on paper: theirs, in force, and not for others."""

import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.organisations.prints import making, service
from backend.organisations.prints.tables import PrintBatch
from backend.records import service as records
from backend.records.keyring import Keyring
from backend.records.trusting import trust
from backend.records.verdict.printed import examine_print
from backend.records.verdict.words import Verdict
from infra.access_log import accesses_of
from infra.objects import NoSuchObject
from infra.queue import WorkerContext
from tests.backend.organisations.assignments.company import Company, leave
from tests.backend.records.conftest import Issued, Someone, context, issued, keyring, someone
from tests.one_connection import connection

__all__ = ["context", "issued", "keyring", "someone"]
PROGRAMME = "IA-E"


async def asked(company: Company, assignment: str, who: Any = None) -> httpx.Response:
    headers = (who or company.manager).headers
    body = {"assignmentId": assignment, "language": "en"}
    return await company.api.post(f"{company.path}/prints", json=body, headers=headers)


async def made(company: Company, context: WorkerContext, assignment: str) -> dict[str, Any]:
    answer = await asked(company, assignment)
    assert answer.status_code == 202, answer.text
    await making.make(context, UUID(answer.json()["id"]))
    (found,) = (await company.read("/prints"))["items"]
    assert found["id"] == answer.json()["id"]
    return dict(found)


async def files(company: Company, batch: str) -> dict[str, bytes]:
    answer = await company.get(f"/prints/{batch}/file")
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
async def assignment(company: Company) -> str:
    return str((await company.assign(programme=PROGRAMME))["id"])


async def test_the_zip_has_a_sealed_pdf_of_each_present_member_who_is_done(
    company: Company,
    assignment: str,
    context: WorkerContext,
    issued: Issued,
    someone: Someone,
    keyring: Keyring,
) -> None:
    people = [await someone(name) for name in ("王小明", 'A/B:"C"', "已离职", "被暂停", "未完成")]
    memberships = [(await company.member(person=person))[0] for person in people]
    done = [await issued(person) for person in people[:4]]
    stranger = await issued()
    await leave(memberships[2], company.clock())
    await records.suspend(
        keyring, done[3].id, "投诉待查，暂停", actor_id=people[0], now=company.clock()
    )
    found = await made(company, context, assignment)
    assert (found["state"], found["printed"], found["people"]) == ("ready", 2, 3)
    content = await files(company, found["id"])
    assert sorted(content) == sorted([f"{done[0].number} 王小明.pdf", f"{done[1].number} ABC.pdf"])
    pins = await trust(real=True, demonstration=False)
    for pdf in content.values():
        assert examine_print(pdf, pins, company.clock()).outcome.verdict is Verdict.VALID
        assert stranger.number.encode() not in pdf
    (look,) = [one for one in await accesses_of(people[0]) if "print" in one.what]
    assert (look.actor_id, look.organisation_id) == (company.manager.id, company.id)
    body = await connection().fetchval(
        "SELECT body FROM audit_entry WHERE subject = $1 AND act = 'records-printed'",
        f"organisation:{company.id}",
    )
    assert PROGRAMME in body
    assert "王小明" not in body


async def test_only_its_managers_find_it_and_one_is_made_at_a_time(
    company: Company, other_company: Company, assignment: str, context: WorkerContext
) -> None:
    first = ok_202(await asked(company, assignment))
    again = await asked(company, assignment)
    assert (again.status_code, again.json()["code"]) == (409, "prints-under-way")
    early = await company.get(f"/prints/{first['id']}/file")
    assert (early.status_code, early.json()["code"]) == (409, "prints-not-ready")
    await making.make(context, UUID(first["id"]))
    assert await files(company, first["id"]) == {}
    stranger = other_company.manager
    for refused in (
        await asked(company, assignment, stranger),
        await company.get("/prints", stranger),
        await company.get(f"/prints/{first['id']}/file", stranger),
        await other_company.get(f"/prints/{first['id']}/file"),
        await asked(other_company, assignment),
    ):
        assert refused.status_code == 404


def ok_202(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def test_a_killed_worker_s_file_is_made_anew_and_a_day_later_nothing_is_left(
    company: Company, assignment: str, context: WorkerContext, issued: Issued, someone: Someone
) -> None:
    person = await someone()
    await company.member(person=person)
    await issued(person)
    batch = UUID(ok_202(await asked(company, assignment))["id"])
    with pytest.raises(ConnectionError):
        async with dying(context):
            await making.make(context, batch)
    await making.make(context, batch)
    assert len(await files(company, str(batch))) == 1
    await making.make(context, batch)  # a job that comes twice changes nothing
    names = await context.objects.list_names(f"prints/{batch}/")
    assert len(names) == 1
    sealed = await context.objects.get_bytes(names[0])
    assert b"%PDF" not in sealed
    company.clock.advance(timedelta(days=1).total_seconds())
    assert (await company.get(f"/prints/{batch}/file")).status_code == 404
    assert await service.forget_old(context.objects, now=company.clock()) >= 1
    assert await PrintBatch.objects().get(PrintBatch.id == batch) is None
    with pytest.raises(NoSuchObject):
        await context.objects.stat(names[0])


@asynccontextmanager
async def dying(context: WorkerContext) -> AsyncIterator[None]:
    """The worker's line to the store breaks when the file is to be closed."""
    whole = context.objects.multipart_complete

    async def broken(name: str, upload: str, etags: list[str]) -> None:
        raise ConnectionError

    context.objects.multipart_complete = broken  # type: ignore[method-assign]
    try:
        yield
    finally:
        context.objects.multipart_complete = whole  # type: ignore[method-assign]


async def test_what_kills_workers_ends_and_so_does_what_a_former_manager_asked_for(
    company: Company, assignment: str, context: WorkerContext
) -> None:
    poison = UUID(ok_202(await asked(company, assignment))["id"])
    await PrintBatch.update({PrintBatch.starts: 3}).where(PrintBatch.id == poison)
    await making.make(context, poison)
    asked_for = UUID(ok_202(await asked(company, assignment))["id"])
    await connection().execute(
        "UPDATE membership SET position = 'member' WHERE person = $1", company.manager.id
    )
    await making.make(context, asked_for)
    for batch in (poison, asked_for):
        row = await PrintBatch.objects().get(PrintBatch.id == batch)
        assert row is not None
        assert row.state == "failed"
