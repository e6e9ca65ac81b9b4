"""SRT and WebVTT: blocks that begin with a line of two times.

No library is used: those that are kept well pass over what they cannot read (a last caption that
ends in a line `2026` loses it in one, text between captions is dropped by another), take times that
run backwards, and name no line. An author must be told (docs/how-to-captions.md).
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from media_pipeline.captions.domain import LATEST_MS, Fault

_TIME = r"(?:([0-9]{1,4}):)?([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(\s.*)?")
_ABOUT_TIMES = re.compile(r"\s*-?[0-9][0-9:.,\s-]*-->")
_NUMBER = re.compile(r"\s*[0-9]+\s*")
_VTT_OTHER = ("NOTE", "STYLE", "REGION")


class Piece(msgspec.Struct):
    """A cue as it stands in the file: `line` of its times, text with the author's markup."""

    line: int
    from_ms: int
    to_ms: int
    text: list[str]


class Pieces(msgspec.Struct):
    """What a file holds; `counts` of things passed over or mended, by their remark's code."""

    found: list[Piece] = []
    faults: list[Fault] = []
    counts: dict[str, int] = {}

    def count(self, code: str, by: int = 1) -> None:
        if by:
            self.counts[code] = self.counts.get(code, 0) + by


def milliseconds(hours: str | None, minutes: str, seconds: str, fraction: str | None) -> int:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def check_times(line: int, from_ms: int, to_ms: int) -> Fault | None:
    if to_ms < from_ms:
        return Fault(line, "结束时间早于开始时间", "end before begin")
    if to_ms == from_ms:
        return Fault(line, "结束时间与开始时间相同", "ends at the moment it begins")
    if to_ms > LATEST_MS:
        return Fault(line, "时间超过六小时", "later than six hours")
    return None


def read_timed(lines: Sequence[str], *, webvtt: bool) -> Pieces:
    """`lines` of the whole file. Text that belongs to no cue is kept with the one before it."""
    pieces = Pieces()
    lines = _without_vtt_blocks(lines, pieces) if webvtt else lines
    starts = [number for number in range(len(lines)) if _begins_cue(lines, number, webvtt)]
    before = _own_lines(lines, 0, starts[0] if starts else len(lines), webvtt)
    for number, line in enumerate(before, 1):
        if line.strip() and not _NUMBER.fullmatch(line):
            pieces.faults.append(
                Fault(number, "此处应为时间行", "a line of times is expected here")
            )
            break
    for start, end in pairwise([*starts, len(lines)]):
        text = _own_lines(lines, start + 1, end, webvtt)
        _take(pieces, start + 1, lines[start], text)
    return pieces


def _begins_cue(lines: Sequence[str], at: int, webvtt: bool) -> bool:
    """An arrow in SRT may be text ("A --> B"), unless it stands where times belong; in WebVTT it
    never is."""
    if "-->" not in lines[at]:
        return False
    below_number = at > 0 and _NUMBER.fullmatch(lines[at - 1])
    alone = at < 2 or not lines[at - 2].strip()
    return webvtt or bool(_ABOUT_TIMES.match(lines[at]) or (below_number and alone))


def _own_lines(lines: Sequence[str], start: int, end: int, webvtt: bool) -> list[str]:
    """Lines of a cue, without the name or number of the one that follows it."""
    own = list(lines[start:end])
    if end < len(lines) and own:
        alone = len(own) > 1 and not own[-2].strip()
        if alone if webvtt else _NUMBER.fullmatch(own[-1]):
            own.pop()
    return own


def _take(pieces: Pieces, number: int, times: str, text: list[str]) -> None:
    found = _TIMES.fullmatch(times)
    if not found or max(int(found[i]) for i in (2, 3, 6, 7)) > 59:
        fault = Fault(
            number, "时间无法读取，应如 00:01:02,500", "time not readable, write 00:01:02,500"
        )
        pieces.faults.append(fault)
        return
    from_ms = milliseconds(found[1], found[2], found[3], found[4])
    to_ms = milliseconds(found[5], found[6], found[7], found[8])
    if fault_of := check_times(number, from_ms, to_ms):
        pieces.faults.append(fault_of)
        return
    pieces.count("positions", bool((found[9] or "").strip()))
    pieces.count("joined", _gaps(text))
    pieces.found.append(Piece(number, from_ms, to_ms, text))


def _gaps(text: list[str]) -> bool:
    """An empty line inside a caption ends it for most players; here it goes on."""
    stripped = "\n".join(line.strip() for line in text).strip("\n")
    return "\n\n" in stripped


def _without_vtt_blocks(lines: Sequence[str], pieces: Pieces) -> list[str]:
    """Header, comments, styles and regions as empty lines, so that numbers of lines stay."""
    kept, inside, header, blank_before = [], False, True, True
    for line in lines:
        blank = not line.strip()
        if header:
            pieces.count("header", line.startswith("X-TIMESTAMP-MAP"))
            header = not blank and "-->" not in line
            kept.append(line if "-->" in line else "")
            continue
        if blank:
            inside = False
        elif blank_before and line.split()[0] in _VTT_OTHER and "-->" not in line:
            inside = True
            pieces.count("comments")
        kept.append("" if inside else line)
        blank_before = blank
    return kept
