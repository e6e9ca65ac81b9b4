"""Records: making, logging, proving, checking and auditing them.

One instance for all: its records are issued first, then checked as strangers do, and at last its
log grows to millions of leaves: some six minutes. `RECORDS_SCALE=0.02` for a look. Processor time
wherever one process does the work; by the clock only what somebody waits for.
"""

import asyncio
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from tests.bench import records_audit, records_verdicts
from tests.bench.records_bulk import file_rows
from tests.bench.records_issuing import issuing_rows
from tests.bench.records_live import live_rows
from tests.bench.records_log import log_rows
from tests.bench.records_site import Site, open_pool, running, site
from tests.bench.rows import Row, row

Measure = Callable[[Site], Coroutine[Any, Any, list[Row]]]


def measure() -> list[Row]:
    rows = _part("verdicts", records_verdicts.measure)
    rows += _part("proofs and audit", records_audit.measure)
    with site() as found:
        rows += _part("issuing", lambda: _run(issuing_rows, found))
        with running(found):
            rows += _part("a running instance", lambda: _run(live_rows, found))
            rows += _part("files", lambda: _run(file_rows, found))
        rows += _part("log", lambda: _run(log_rows, found))
    return rows


def _run(part: Measure, found: Site) -> list[Row]:
    async def within() -> list[Row]:
        async with open_pool(found):
            return await part(found)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(within())


def _part(name: str, measured: Callable[[], list[Row]]) -> list[Row]:
    """What one part could not measure does not cost the rows of the others."""
    began = time.perf_counter()
    try:
        rows = measured()
    except Exception:
        traceback.print_exc()
        failed = f"records, {name}: not measured, see above"
        rows = [row(failed, value=0, unit="-", floor=1, target="value >= 1")]
    print(f"  records, {name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return rows
