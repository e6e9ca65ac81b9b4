"""An author's captions file -> cues, with what was changed told; or a refusal with line numbers."""

import re
from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise

import msgspec

from media_pipeline.captions import markup
from media_pipeline.captions.domain import CUES, FILE_BYTES, TEXT_CHARACTERS, Cue, Fault, Remark
from media_pipeline.captions.encodings import UTF_8, decode
from media_pipeline.captions.errors import (
    CaptionsEmpty,
    CaptionsFaulty,
    CaptionsLate,
    CaptionsTooLarge,
    NotCaptions,
    TooManyCues,
)
from media_pipeline.captions.substation import read_substation
from media_pipeline.captions.timed import Piece, Pieces, read_timed

_MARKED_UP = 8 * TEXT_CHARACTERS
_REMARKS = {
    "positions": ("位置与对齐设置未保留", "positions and alignment were not kept"),
    "joined": (
        "字幕中间有空行，空行之后的文字已并入同一条字幕",
        "captions had an empty line inside; the text after it was kept with them",
    ),
    "header": ("文件头的时间映射未采用", "the header's time map was not applied"),
    "comments": ("注释与样式块未保留", "comments and style blocks were not kept"),
    "speakers": ("说话人姓名未保留", "names of speakers were not kept"),
    "empty": ("没有文字的字幕已略去", "captions without text were left out"),
    "unordered": ("字幕未按时间排列，已重新排序", "captions stood out of order and were sorted"),
    "cut": (
        "字幕晚于视频结束，已在视频结束处截断",
        "captions ran past the lecture's end and were cut",
    ),
    "late": (
        "字幕在视频结束之后才开始，已略去",
        "captions began after the lecture's end: left out",
    ),
}


class Format(StrEnum):
    SRT = "srt"
    VTT = "vtt"
    ASS = "ass"


class Reading(msgspec.Struct, frozen=True):
    """Cues in order of time; overlapping ones are kept."""

    format: Format
    encoding: str
    cues: tuple[Cue, ...]
    remarks: tuple[Remark, ...] = ()


def read(content: bytes, *, language: str = "") -> Reading:
    """Any of the errors of this package; `language` helps to tell Chinese encodings apart."""
    if len(content) > FILE_BYTES:
        raise CaptionsTooLarge
    traditional = language.lower().startswith(("zh-hant", "zh-tw", "zh-hk", "yue"))
    text, encoding = decode(content, traditional=traditional)
    found = _read_text(text)
    if encoding == UTF_8:
        return msgspec.structs.replace(found, encoding=encoding)
    guessed = Remark(
        "encoding",
        1,
        f"文件按 {encoding} 编码读取；如有乱码，请另存为 UTF-8 后重新上传",
        f"read as {encoding}; if characters look wrong, save the file as UTF-8",
    )
    return msgspec.structs.replace(found, encoding=encoding, remarks=(*found.remarks, guessed))


def format_of(text: str) -> Format:
    """NotCaptions, CaptionsEmpty."""
    if not text.strip("\ufeff\0 \t\r\n"):
        raise CaptionsEmpty
    if re.match(r"\s*WEBVTT(?:\s|$)", text):
        return Format.VTT
    if re.search(r"^[ \t]*\[(?:Script Info|Events)\]", text, re.IGNORECASE | re.MULTILINE):
        return Format.ASS
    if re.search(r"^[ \t]*-?[0-9][0-9:.,]*[ \t]*-->", text, re.MULTILINE):
        return Format.SRT
    raise NotCaptions


def _read_text(text: str) -> Reading:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kind, lines = format_of(text), text.split("\n")
    readers: dict[Format, Callable[[], Pieces]] = {
        Format.SRT: lambda: read_timed(lines, webvtt=False),
        Format.VTT: lambda: read_timed(lines, webvtt=True),
        Format.ASS: lambda: read_substation(lines),
    }
    pieces = readers[kind]()
    if len(pieces.found) + len(pieces.faults) > CUES:
        raise TooManyCues
    dropped = markup.Dropped()
    cues = [_cue(piece, kind, pieces, dropped) for piece in pieces.found]
    if pieces.faults:
        raise CaptionsFaulty(pieces.faults)
    kept = [cue for cue in cues if cue.text]
    pieces.count("empty", len(cues) - len(kept))
    pieces.count("unordered", sum(a.from_ms > b.from_ms for a, b in _pairs(kept)))
    if not kept:
        raise CaptionsEmpty
    ordered = sorted(kept, key=lambda cue: (cue.from_ms, cue.to_ms))
    return Reading(kind, "", tuple(ordered), _remarks(pieces, dropped))


def _pairs(cues: list[Cue]) -> list[tuple[Cue, Cue]]:
    return list(pairwise(cues))


def _cue(piece: Piece, kind: Format, pieces: Pieces, dropped: markup.Dropped) -> Cue:
    readers = {
        Format.SRT: markup.from_srt,
        Format.VTT: markup.from_vtt,
        Format.ASS: markup.from_ass,
    }
    text = "\n".join(piece.text)
    # Markup may be longer than what it marks, but is not read without bounds.
    runs = [] if len(text) > _MARKED_UP else markup.tidy(readers[kind](text, dropped))
    if len(text) > _MARKED_UP or sum(len(run.text) for run in runs) > TEXT_CHARACTERS:
        en = f"longer than {TEXT_CHARACTERS} characters"
        pieces.faults.append(Fault(piece.line, f"文字超过 {TEXT_CHARACTERS} 个字符", en))
    return Cue(piece.from_ms, piece.to_ms, markup.written(runs))


def _remarks(pieces: Pieces, dropped: markup.Dropped) -> tuple[Remark, ...]:
    told = [remark(code, count) for code, count in pieces.counts.items()]
    if dropped:
        kinds = ", ".join(f"{kind} × {count}" for kind, count in sorted(dropped.items()) if count)
        zh, en = f"未保留的标记：{kinds}", f"markup that was not kept: {kinds}"
        told.append(Remark("markup", dropped.total(), zh, en))
    return tuple(found for found in told if found.count)


def remark(code: str, count: int) -> Remark:
    zh, en = _REMARKS[code]
    return Remark(code, count, f"{zh}（{count} 处）", f"{en} ({count})")


def fit(reading: Reading, duration_ms: int | None, *, refuse_late: bool) -> Reading:
    """Cues that run past the end are cut there. One that begins after it is refused, because the
    file is likely another lecture's; or left out and told, where no author waits for an answer."""
    if duration_ms is None:
        return reading
    late = [cue for cue in reading.cues if cue.from_ms >= duration_ms]
    if len(late) == len(reading.cues) or (late and refuse_late):
        raise CaptionsLate(late[0], len(late), duration_ms)
    over = sum(cue.from_ms < duration_ms < cue.to_ms for cue in reading.cues)
    kept = tuple(
        Cue(cue.from_ms, min(cue.to_ms, duration_ms), cue.text)
        for cue in reading.cues
        if cue.from_ms < duration_ms
    )
    told = [remark(code, n) for code, n in (("cut", over), ("late", len(late))) if n]
    return msgspec.structs.replace(reading, cues=kept, remarks=(*reading.remarks, *told))
