"""Files of staff for tests, and the worker's part done on the spot."""

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import xlsxwriter

from backend.organisations.imports.applying import apply
from backend.organisations.imports.checking import check
from infra.clock import Clock
from infra.objects import ObjectStore
from infra.queue import WorkerContext
from infra.settings import Settings

HEADINGS = ("姓名 Name *", "手机号或邮箱 Mobile or e-mail *", "部门", "职责", "工号")
Cells = Sequence[str | int | float | None]


def workbook(rows: Sequence[Cells], headings: Sequence[str] = HEADINGS) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("人员")
        for number, cells in enumerate((headings, *rows)):
            for column, cell in enumerate(cells):
                sheet.write(number, column, cell)
    return out.getvalue()


def text(rows: Sequence[Cells], encoding: str = "utf-8") -> bytes:
    lines = [",".join(str(cell or "") for cell in cells) for cells in (HEADINGS, *rows)]
    return "\r\n".join(lines).encode(encoding)


def phone(number: int) -> str:
    return f"139{number:08d}"


class Worker:
    """Does a job as the worker does, in this process."""

    def __init__(self, objects: ObjectStore, settings: Settings, clock: Clock) -> None:
        self.context = WorkerContext(objects=objects, clock=clock, settings=settings)

    async def check(self, job: dict[str, Any]) -> None:
        await check(self.context, UUID(job["id"]))

    async def apply(self, job: dict[str, Any]) -> None:
        await apply(self.context, UUID(job["id"]))
