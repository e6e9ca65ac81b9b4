"""Cues -> WebVTT and SRT, and our own WebVTT back again."""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from media_pipeline.captions.domain import Cue
from media_pipeline.captions.markup import plain

_BLOCK = re.compile(r"([0-9:.]+) --> ([0-9:.]+)\n((?:.+\n)+)")


def clock(milliseconds: int, point: str = ".") -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{rest:03}"


def vtt(cues: Iterable[Cue]) -> str:
    return "WEBVTT\n" + "".join(map(block, cues))


def block(cue: Cue, *, name: str = "") -> str:
    named = f"\n{name}" if name else ""
    return f"{named}\n{clock(cue.from_ms)} --> {clock(cue.to_ms)}\n{cue.text}\n"


def srt(cues: Iterable[Cue]) -> str:
    """Plain text: SRT has no way to write a literal `<`, nor an arrow in a line."""
    parts = []
    for number, cue in enumerate(cues, 1):
        text = plain(cue.text).replace("-->", "→")
        times = f"{clock(cue.from_ms, ',')} --> {clock(cue.to_ms, ',')}"
        parts.append(f"{number}\n{times}\n{text}\n")
    return "\n".join(parts)


@lru_cache(maxsize=32)
def cues_of(text: str) -> tuple[Cue, ...]:
    """Of WebVTT that `vtt` wrote, and no other: remembered, for a player asks for it in pieces."""
    return tuple(
        Cue(_milliseconds(found[1]), _milliseconds(found[2]), found[3].removesuffix("\n"))
        for found in _BLOCK.finditer(text)
    )


def _milliseconds(written: str) -> int:
    hours, minutes, seconds = written.split(":")
    whole, _, rest = seconds.partition(".")
    return ((int(hours) * 60 + int(minutes)) * 60 + int(whole)) * 1000 + int(rest)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
