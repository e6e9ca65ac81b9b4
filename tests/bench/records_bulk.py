"""Files of records, checked by a worker as a certification body sends them."""

import io
import time
from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice
from uuid import UUID

import xlsxwriter

from backend.checking.bulk import files
from backend.checking.bulk.domain import State
from infra.clock import system_clock
from infra.database import UnitOfWork, connection
from infra.engine import DB
from infra.objects import ObjectStore
from infra.vault import Vault
from tests.bench.records_site import Site, scaled
from tests.bench.rows import Row, row
from tests.waiting import condition

BODY = "91110000100000000B"
ROWS = scaled(100_000, 2_000)
HEADINGS = ("序号 No.", "证明编号 Number")
_PATIENCE = 300.0


async def file_rows(site: Site) -> list[Row]:
    asked = list(islice(cycle(await _numbers()), ROWS))
    limit = 60 * ROWS / 100_000
    return [
        row(
            f"{ROWS:,} rows as {name}, from upload to result / allowed",
            value=await _seconds(site, content),
            unit="s",
            floor=limit,
            target="ratio <= 1",
        )
        for name, content in (("CSV", _csv(asked)), ("XLSX", _xlsx(asked)))
    ]


async def _numbers() -> list[str]:
    """All records there are, by number and by code in turns."""
    named = "SELECT CASE WHEN random() < 0.5 THEN number ELSE code END AS name"
    async with UnitOfWork(DB):
        return [r["name"] for r in await connection().fetch(f"{named} FROM completion_record")]


def _csv(asked: Sequence[str]) -> bytes:
    lines = [",".join(HEADINGS), *(f"{n},{name}" for n, name in enumerate(asked, start=1))]
    return "\r\n".join(lines).encode("utf-8-sig")


def _xlsx(asked: Sequence[str]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for number, name in enumerate(asked, start=1):
            sheet.write_row(number, 0, (number, name))
    return out.getvalue()


async def _seconds(site: Site, content: bytes) -> float:
    vault, objects = Vault.of(site.settings.keys), ObjectStore.from_url(site.settings.objects_url)
    began = time.perf_counter()
    sent = await files.upload(vault, objects, BODY, content, key=None, now=system_clock())
    await condition(partial(_is_done, sent.id), seconds=_PATIENCE, pause=0.2)
    seconds = time.perf_counter() - began
    found = await files.result(vault, objects, BODY, sent.id, now=system_clock())
    assert len(found.splitlines()) == ROWS + 1
    return seconds


async def _is_done(check_id: UUID) -> bool:
    found = await files.state(BODY, check_id, now=system_clock())
    assert found.state != State.REFUSED
    return found.state == State.DONE
