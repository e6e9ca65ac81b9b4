"""Standings as a spreadsheet: made in a file, then sent from it.

A hundred thousand rows pass through in pieces of a thousand. The database is done with before the
first byte leaves, so that a slow client holds no transaction, and the rows come from one statement,
so that they all belong to one moment.
"""

import asyncio
import csv
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote
from uuid import UUID

import msgspec
import xlsxwriter

from backend.organisations import service as organisations
from backend.organisations.assignments import repository, service, standings
from backend.organisations.assignments.domain import ExportsBusy, State, day_of
from backend.organisations.assignments.standings import Chosen, Member
from backend.organisations.spreadsheets import harmless
from infra.audit import record_act
from infra.database import UnitOfWork
from infra.engine import DB
from infra.vault import Vault

AT_ONCE = 2
"""Exports that one process makes at a time: each keeps a core busy for some seconds."""
_ROWS = 1_000
_CHUNK = 256 << 10
_making = 0

MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_HEADINGS = {
    "zh": ("姓名", "联系方式", "部门", "状态", "截止日期", "开始日期", "完成日期"),
    "en": ("Name", "Contact", "Department", "State", "Due", "Begun", "Done"),
}
_STATES = {
    "zh": {"done": "已完成", "late": "逾期未完成", "under-way": "学习中", "not-started": "未开始"},
    "en": {"done": "Done", "late": "Late", "under-way": "Under way", "not-started": "Not started"},
}


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A finished file, open and already without a name: it is gone when it is closed."""

    file: IO[bytes]
    size: int
    name: str
    media_type: str

    @property
    def disposition(self) -> str:
        """RFC 6266: the Chinese name for all that know RFC 8187, an ASCII one for the rest."""
        plain = f"training.{self.name.rpartition('.')[2]}"
        return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await asyncio.to_thread(self.file.read, _CHUNK):
                yield chunk
        finally:
            self.file.close()


class Sheet(Protocol):
    """Where rows go. Every cell is text; none is ever a formula."""

    def write(self, rows: Iterable[tuple[str, ...]]) -> None: ...

    def close(self) -> None: ...


class CsvSheet:
    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")  # the mark is for Excel
        self._writer = csv.writer(self._file)

    def write(self, rows: Iterable[tuple[str, ...]]) -> None:
        self._writer.writerows([harmless(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._file.close()


class ExcelSheet:
    """`write_string` makes a cell text whatever it begins with; rows go to disk as they come."""

    def __init__(self, path: Path) -> None:
        options = {"constant_memory": True, "tmpdir": str(path.parent)}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet()
        self._sheet.set_column(0, 6, 14)
        self._row = 0

    def write(self, rows: Iterable[tuple[str, ...]]) -> None:
        for row in rows:
            for column, cell in enumerate(row):
                self._sheet.write_string(self._row, column, harmless(cell))
            self._row += 1

    def close(self) -> None:
        self._book.close()


_SHEETS: dict[str, type[CsvSheet] | type[ExcelSheet]] = {"csv": CsvSheet, "xlsx": ExcelSheet}


async def export(
    vault: Vault,
    manager_id: UUID,
    organisation_id: UUID,
    assignment_id: UUID,
    *,
    state: State | None,
    department_id: UUID | None,
    form: str,
    language: str,
    now: datetime,
) -> Export:
    """ExportsBusy when this process makes others. `form`: csv or xlsx; `language`: zh or en."""
    global _making
    if _making >= AT_ONCE:
        raise ExportsBusy
    _making += 1
    try:
        with tempfile.TemporaryDirectory(prefix="guanbiao-export-") as folder:
            path = Path(folder) / f"export.{form}"
            async with UnitOfWork(DB):
                organisation = await organisations.manager_or_404(manager_id, organisation_id)
                found = await repository.one(organisation_id, assignment_id)
                await service.made_fresh(organisation_id, now=now)
                units = await repository.units([organisation_id])
                chosen = Chosen(
                    organisation_id=organisation_id,
                    assignment_id=assignment_id,
                    state=state,
                    departments=service.chosen_departments(department_id, units),
                )
                names = {unit.id: unit.name for unit in units}
                made = _Making(_SHEETS[form](path), chosen, _Line(vault, names, language))
                rows = await made.write(_HEADINGS[language], by=manager_id, now=now)
                await record_act(
                    "standings-exported",
                    actor=manager_id,
                    subject=f"organisation:{organisation_id}",
                    now=now,
                    details={"assignment": str(assignment_id), "rows": rows, "form": form},
                )
            name = f"{organisation.name}-培训进度-{found.rule.programme}-{day_of(now)}.{form}"
            return Export(
                file=path.open("rb"),  # it stays readable when its folder goes
                size=path.stat().st_size,
                name=name,
                media_type=MEDIA_TYPES[form],
            )
    finally:
        _making -= 1


class _Making:
    def __init__(self, sheet: Sheet, chosen: Chosen, line: "_Line") -> None:
        self._sheet, self._chosen, self._line = sheet, chosen, line

    async def write(self, headings: tuple[str, ...], *, by: UUID, now: datetime) -> int:
        """The number of rows. Cells are written in a thread: other requests go on meanwhile."""
        count, what = 0, "training-progress-export"
        try:
            self._sheet.write([headings])
            async for members in standings.all_members(self._chosen, at_once=_ROWS):
                await asyncio.to_thread(self._lines, members)
                await service.note_look(members, by, self._chosen, what=what, now=now)
                count += len(members)
        finally:
            await asyncio.to_thread(self._sheet.close)
        return count

    def _lines(self, members: Sequence[Member]) -> None:
        self._sheet.write(map(self._line, members))


class _Line:
    """One member's cells; names are opened here, one at a time, and kept nowhere."""

    def __init__(self, vault: Vault, departments: dict[UUID, str], language: str) -> None:
        self._vault, self._departments = vault, departments
        self._states = _STATES[language]

    def __call__(self, member: Member) -> tuple[str, ...]:
        return (
            *service.name_and_contact(self._vault, member),
            self._departments.get(member.department, "") if member.department else "",
            self._states[member.state],
            *map(_day, (member.due_on, member.begun_on, member.done_on)),
        )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
