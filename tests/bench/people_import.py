"""An import of 100,000 staff, one row in a hundred bad: from the stored file to the members' list.

A process of its own checks and applies, with nothing else beside it but PostgreSQL and the store,
so that its memory is the import's.
"""

import asyncio
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec
import xlsxwriter

from backend.organisations.imports import repository, service
from backend.organisations.imports.applying import apply
from backend.organisations.imports.checking import check
from backend.organisations.tables import Membership, Organisation
from infra.clock import system_clock
from infra.database import UnitOfWork
from infra.engine import DB, configure
from infra.ids import uuid7
from infra.local.objects import LocalObjects
from infra.local.postgres import OWNER, LocalPostgres
from infra.migrate import migrate
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings
from infra.vault import Vault

ROWS, BAD_EACH = 100_000, 100
_MANAGER = uuid7()


class Measured(msgspec.Struct, frozen=True):
    check_seconds: float
    apply_seconds: float
    peak_bytes: int
    """Of the process that did both."""
    good: int
    bad: int

    @property
    def seconds(self) -> float:
        return self.check_seconds + self.apply_seconds


def measure_import(rows: int = ROWS) -> Measured:
    """With a PostgreSQL and an object store of its own; about a minute."""
    with tempfile.TemporaryDirectory(prefix="guanbiao-import-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        postgres = LocalPostgres(folder / "postgres")
        objects = LocalObjects(folder / "objects")
        try:
            postgres.start()
            objects.start()
            asyncio.run(migrate(postgres.dsn(OWNER)))
            (folder / "staff.xlsx").write_bytes(_workbook(rows))
            command = [sys.executable, "-m", __name__, postgres.dsn(), objects.url, name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        finally:
            objects.stop()
            postgres.stop()
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Measured)


def _workbook(rows: int) -> bytes:
    """Five columns, departments in three levels."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet("人员")
        for number, cells in enumerate(_cells(rows)):
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, cell)
    return out.getvalue()


def _cells(rows: int) -> Iterator[tuple[str, ...]]:
    yield "姓名", "手机号或邮箱", "部门", "职责", "工号"
    for n in range(rows):
        login = "123" if n % BAD_EACH == 0 else f"139{n:08d}"
        department = f"事业部{n % 10}/部门{n % 100}/小组{n % 300}"
        yield f"张{n % 5000}", login, department, "内审员", f"A-{n:06d}"


async def _measured(dsn: str, objects_url: str, folder: Path) -> Measured:
    settings = Settings.model_validate(
        {"DATABASE_URL": dsn, "OBJECTS_URL": objects_url, "data_dir": folder / "data"}
    )
    configure(dsn)
    await DB.start_connection_pool(min_size=1, max_size=4)
    objects = ObjectStore.from_url(objects_url)
    await objects.ensure_bucket()
    context = WorkerContext(objects=objects, clock=system_clock, settings=settings)
    organisation, job = await _uploaded(context, (folder / "staff.xlsx").read_bytes())
    began = time.perf_counter()
    await check(context, job)
    checked = time.perf_counter()
    await service.confirm(_MANAGER, organisation, job)
    await apply(context, job)
    ended = time.perf_counter()
    found = await repository.job_of(organisation, job)
    assert found is not None
    await DB.close_connection_pool()
    return Measured(
        check_seconds=round(checked - began, 2),
        apply_seconds=round(ended - checked, 2),
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        good=found.good,
        bad=found.bad,
    )


async def _uploaded(context: WorkerContext, content: bytes) -> tuple[UUID, UUID]:
    vault, now = Vault.of(context.settings.keys), datetime.now(UTC)
    organisation = Organisation(
        id=uuid7(),
        code="914403001922038216",
        name="十万人的企业",
        kind="enterprise",
        reporting_unit="GD",
        state="confirmed",
        demonstration=False,
        declared_by=_MANAGER,
        declared_at=now,
        decided_by=_MANAGER,
        decided_at=now,
    )
    async with UnitOfWork(DB):
        await Organisation.insert(organisation)
        await Membership.insert(
            Membership(
                id=uuid7(),
                organisation=organisation.id,
                person=_MANAGER,
                position="manager",
                joined_at=now,
                joined_by="declaration",
            )
        )
    job = await service.upload(vault, context.objects, _MANAGER, organisation.id, content, now=now)
    return organisation.id, job.id


if __name__ == "__main__":
    _found = asyncio.run(_measured(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
    print(json.dumps(msgspec.to_builtins(_found)))
