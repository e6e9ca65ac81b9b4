"""ASS and SSA: events of a script, one a line."""

import re
from collections.abc import Sequence

from media_pipeline.captions.domain import Fault
from media_pipeline.captions.timed import Piece, Pieces, check_times, milliseconds

_TIME = re.compile(r"\s*([0-9]{1,4}):([0-9]{1,2}):([0-9]{1,2})(?:[.,:]([0-9]{1,3}))?\s*")
# As in both versions of the format; a file may name its own order.
_USUAL = (
    "layer",
    "start",
    "end",
    "style",
    "name",
    "marginl",
    "marginr",
    "marginv",
    "effect",
    "text",
)


def read_substation(lines: Sequence[str]) -> Pieces:
    pieces, section, columns = Pieces(), "", list(_USUAL)
    for number, line in enumerate(lines, 1):
        kind, _, rest = line.partition(":")
        kind = kind.strip().lower()
        if line.strip().startswith("["):
            section = line.strip().lower()
        elif section != "[events]":
            continue
        elif kind == "format":
            columns = [name.strip().lower() for name in rest.split(",")]
        elif kind == "dialogue":
            _take(pieces, number, rest, columns)
        elif kind == "comment":
            pieces.count("comments")
        elif line.strip() and not line.lstrip().startswith(";"):
            fault = Fault(number, "不是 Dialogue 行", "not a Dialogue line")
            pieces.faults.append(fault)
    return pieces


def _take(pieces: Pieces, number: int, rest: str, columns: list[str]) -> None:
    """The last column is the text, commas and all."""
    values = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
    begin, end = (_TIME.fullmatch(values.get(name, "")) for name in ("start", "end"))
    if not begin or not end or "text" not in values:
        fault = Fault(number, "缺少时间或文字", "times or text are missing or not readable")
        pieces.faults.append(fault)
        return
    from_ms, to_ms = (milliseconds(t[1], t[2], t[3], t[4]) for t in (begin, end))
    if fault_of := check_times(number, from_ms, to_ms):
        pieces.faults.append(fault_of)
        return
    pieces.count("speakers", bool(values.get("name", "").strip()))
    pieces.found.append(Piece(number, from_ms, to_ms, [values["text"]]))
