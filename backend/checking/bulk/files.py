"""A file of records to check: uploaded, checked by a job, its result fetched; gone after a week.

Safe to kill anywhere: each attempt reads the file from its beginning and writes the whole result.
"""

import asyncio
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from uuid import UUID

import msgspec
import structlog
from cryptography.exceptions import InvalidTag

from backend.checking.bulk import repository
from backend.checking.bulk.domain import (
    MOST_ATTEMPTS,
    MOST_FILE_BYTES,
    MOST_ROWS,
    REFUSED,
    BulkCheckRunning,
    BulkFileRefused,
    BulkTooLarge,
    NoSuchBulkCheck,
    NotDone,
    State,
    column_of,
    refuse_old,
)
from backend.checking.bulk.schemas import BulkCheckView
from backend.checking.tables import BulkCheck
from backend.organisations.imports.domain import FileRefused
from backend.organisations.imports.service import plain_lines
from backend.organisations.service import BOM, csv_lines
from backend.records.domain import Title
from backend.records.lookups import service as lookups
from backend.records.lookups.service import Judged
from infra.database import UnitOfWork
from infra.engine import DB
from infra.ids import uuid7
from infra.objects import NoSuchObject, ObjectStore
from infra.queue import WorkerContext, enqueue
from infra.vault import Vault

CHECK = "checking.bulk_file"
KEPT = timedelta(days=7)
_ORPHANED_AFTER = timedelta(hours=1)
_FOLDER = "bulk-checks/"
_BATCH = 2_000
_HEAD_ROWS = 100
_LONGEST = 16_384
_HEAD = ("行号 Row", "所查内容 Asked", "结论 Verdict", "说明", "Meaning", "证明编号 Number")
_HEADINGS = (*_HEAD, "培养方案 Programme", "签发日期 Issued", "有效期至 Valid until", "演示 Demo")
_log = structlog.get_logger(__name__)

Line = tuple[int, str]


async def upload(
    vault: Vault,
    objects: ObjectStore,
    body_code: str,
    content: bytes,
    *,
    key: UUID | None,
    now: datetime,
) -> BulkCheckView:
    """`key`: that sent it; None: a person did. BulkTooLarge, BulkFileRefused, BulkCheckRunning."""
    if len(content) > MOST_FILE_BYTES:
        raise BulkTooLarge
    if not content:
        raise BulkFileRefused("no-rows")
    refuse_old(content)
    row = BulkCheck(
        id=uuid7(),
        body_code=body_code,
        key=key,
        state=State.UPLOADED,
        attempt=0,
        rows=0,
        percent=0,
        created_at=now,
    )
    await _put(vault, objects, _source(row.id), content)
    try:
        await _begin(row)
    except BaseException:
        await objects.remove(_source(row.id))
        raise
    return _view(row)


async def _begin(row: BulkCheck) -> None:
    async with UnitOfWork(DB):
        if not await repository.add(row):
            raise BulkCheckRunning
        await enqueue(CHECK, {"check_id": str(row.id)})


async def state(body_code: str, check_id: UUID, *, now: datetime) -> BulkCheckView:
    return _view(await _found(body_code, check_id, now))


async def latest(body_code: str, *, limit: int, now: datetime) -> list[BulkCheckView]:
    """Newest first, of the last week."""
    async with UnitOfWork(DB):
        rows = await repository.latest(body_code, since=now - KEPT, limit=limit)
    return [_view(row) for row in rows]


async def result(
    vault: Vault, objects: ObjectStore, body_code: str, check_id: UUID, *, now: datetime
) -> bytes:
    """CSV. NoSuchBulkCheck, NotDone."""
    row = await _found(body_code, check_id, now)
    if row.state != State.DONE:
        raise NotDone
    return await _get(vault, objects, _result(check_id))


async def check(context: WorkerContext, check_id: UUID) -> None:
    """The job."""
    async with UnitOfWork(DB):
        attempt = await repository.begin(check_id)
    if attempt is not None:
        try:
            await _checked(context, check_id, attempt)
        except (FileRefused, BulkFileRefused) as error:
            await _refused(context, check_id, attempt, error.because, error.line)
        except (NoSuchObject, InvalidTag):
            await _refused(context, check_id, attempt, "lost", None)
    await context.objects.remove(_source(check_id))


async def forget_old(objects: ObjectStore, *, now: datetime) -> int:
    """Files, results and rows of before a week, and files that a process left behind which died
    before it wrote its row; for the hourly sweep."""
    async with UnitOfWork(DB):
        old = await repository.older_than(now - KEPT, limit=500)
    for check_id in old:
        await objects.remove(_source(check_id))
        await objects.remove(_result(check_id))
        async with UnitOfWork(DB):
            await repository.forget(check_id)
    return len(old) + await _forget_orphans(objects, now=now)


async def _forget_orphans(objects: ObjectStore, *, now: datetime) -> int:
    removed = 0
    async for page in objects.pages(_FOLDER):
        found = {check_id: item.name for item in page if (check_id := _check_in(item.name))}
        async with UnitOfWork(DB):
            known = await repository.known_of(found)
        for check_id in found.keys() - known:
            if begun_at(check_id) < now - _ORPHANED_AFTER:  # its row may still be on its way
                await objects.remove(found[check_id])
                removed += 1
    return removed


def _check_in(name: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(name.removeprefix(_FOLDER).partition("/")[0])
    return None


def begun_at(check_id: UUID) -> datetime:
    """Its UUIDv7 begins with milliseconds since 1970."""
    return datetime.fromtimestamp((check_id.int >> 80) / 1000, UTC)


async def _checked(context: WorkerContext, check_id: UUID, attempt: int) -> None:
    if attempt > MOST_ATTEMPTS:
        raise BulkFileRefused("given-up")
    vault = Vault.of(context.settings.keys)
    content = await _get(vault, context.objects, _source(check_id))
    total, lines = await asyncio.to_thread(plain_lines, content)
    asked, pieces, done = asked_in(lines), [BOM + csv_lines([_HEADINGS])], 0
    verdicts = Counter[str]()
    while batch := await asyncio.to_thread(lambda: list(islice(asked, _BATCH))):
        judged = await lookups.verdicts([text for _, text in batch], context.clock())
        pieces.append(await asyncio.to_thread(result_lines, batch, judged))
        verdicts.update(str(one.verdict) for one in judged)
        done += len(batch)
        percent = min(99, 100 * done // max(total, 1))
        async with UnitOfWork(DB):
            counts = {"rows": done, "percent": percent}
            if not await repository.change(check_id, attempt, counts):
                return
    if not done:
        raise BulkFileRefused("no-rows")
    made = await asyncio.to_thread("".join(pieces).encode)
    await _put(vault, context.objects, _result(check_id), made)
    counted = msgspec.json.encode(verdicts).decode()
    await _ended(context, check_id, attempt, state=State.DONE, verdicts=counted)


def asked_in(lines: Iterator[tuple[int, list[str]]]) -> Iterator[Line]:
    """Number as the file counts, and what is asked there; empty rows are passed over.
    BulkFileRefused beyond 100,000, and where nothing in the first rows could be asked."""
    head = [line for line in islice(lines, _HEAD_ROWS) if any(cell.strip() for cell in line[1])]
    if not head:
        return
    found = column_of([cells for _, cells in head])
    if found is None:
        raise BulkFileRefused("no-column", line=head[0][0])
    place, named = found
    count = 0
    for number, cells in chain(head[1:] if named else head, lines):
        text = cells[place].strip() if len(cells) > place else ""
        if text:
            count += 1
            if count > MOST_ROWS:
                raise BulkFileRefused("too-many-rows", line=number)
            yield number, text[:_LONGEST]


def result_lines(batch: list[Line], judged: list[Judged]) -> str:
    """CSV lines in which no cell is a formula."""
    return csv_lines(
        (
            *(number, text[:64], one.verdict, *one.meaning, one.number),
            *(one.programme, _day(one.issued_at), _day(one.valid_until)),
            "演示 demonstration" if one.demonstration else None,
        )
        for (number, text), one in zip(batch, judged, strict=True)
    )


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


async def _refused(
    context: WorkerContext, check_id: UUID, attempt: int, because: str, line: int | None
) -> None:
    why = {"refused": because, "refused_line": line}
    await _ended(context, check_id, attempt, state=State.REFUSED, **why)
    _log.info("bulk_check_refused", check=str(check_id), because=because)


async def _ended(
    context: WorkerContext, check_id: UUID, attempt: int, **values: str | int | None
) -> None:
    ended = {**values, "percent": 100, "finished_at": context.clock()}
    async with UnitOfWork(DB):
        await repository.change(check_id, attempt, ended)


async def _found(body_code: str, check_id: UUID, now: datetime) -> BulkCheck:
    async with UnitOfWork(DB):
        row = await repository.of_body(body_code, check_id)
    if row is None or row.created_at < now - KEPT:
        raise NoSuchBulkCheck
    return row


def _view(row: BulkCheck) -> BulkCheckView:
    return BulkCheckView(
        id=row.id,
        state=State(row.state),
        rows=row.rows,
        percent=row.percent,
        created_at=row.created_at,
        finished_at=row.finished_at,
        verdicts=msgspec.json.decode(row.verdicts or "{}", type=dict[str, int]),
        refused=_words(row.refused) if row.refused else None,
        refused_line=row.refused_line,
    )


def _words(because: str) -> Title:
    zh, en = REFUSED[because]
    return Title(zh=zh, en=en)


def _source(check_id: UUID) -> str:
    return f"{_FOLDER}{check_id}/source"


def _result(check_id: UUID) -> str:
    return f"{_FOLDER}{check_id}/result"


async def _put(vault: Vault, objects: ObjectStore, name: str, content: bytes) -> None:
    """Sealed: such a file often has a column of names beside the numbers."""
    sealed = await asyncio.to_thread(lambda: vault.seal(b64encode(content).decode(), name))
    await objects.put_bytes(name, sealed, "application/octet-stream")


async def _get(vault: Vault, objects: ObjectStore, name: str) -> bytes:
    sealed = await objects.get_bytes(name)
    return await asyncio.to_thread(lambda: b64decode(vault.open(sealed, name)))
