"""`make bench [ONLY=part]`: one table, and the same as bench.json."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench.rows import Row

PARTS = {
    "assessment": "tests.bench.assessment",
    "exam": "tests.bench.exam_day",
    "media": "tests.bench.media",
    "people": "tests.bench.people",
    "printing": "tests.bench.printing",
    "progress": "tests.bench.progress",
    "records": "tests.bench.records",
    "slides": "tests.bench.slides",
    "uploads": "tests.bench.uploads",
    "workers": "tests.bench.workers",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=PARTS, default="", help="one part (make bench ONLY=...)")
    only = parser.parse_args().only
    rows: list[Row] = []
    for part, module in PARTS.items():
        if only in {"", part}:
            print(f"measuring {part} ...", file=sys.stderr)
            measure: Callable[[], list[Row]] = import_module(module).measure
            rows += measure()
    Path("bench.json").write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1))
    _print(rows)
    return 0


def _print(rows: list[Row]) -> None:
    table = Table("figure", "value", "unit", "floor", "ratio", "target", "met")
    for row in rows:
        figures = (f"{row.value:,g}", row.unit, f"{row.floor:,g}", f"{row.ratio:g}")
        table.add_row(row.name, *figures, row.target, "yes" if row.met else "NO")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
