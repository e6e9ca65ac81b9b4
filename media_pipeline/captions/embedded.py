"""Text captions that a video file brings along (mov_text, SubRip, ASS, WebVTT), as WebVTT."""

import asyncio
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from infra.outage import until_back
from media_pipeline.captions import service
from media_pipeline.captions.domain import FILE_BYTES
from media_pipeline.captions.languages import from_container
from media_pipeline.errors import MachineFault
from media_pipeline.judging.source import Source
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

TEXT_CODECS = {"mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text"}
MOST_TRACKS = 16
_log = structlog.get_logger(__name__)


class _Stream(msgspec.Struct):
    index: int
    codec_name: str = ""
    tags: dict[str, str] = {}
    disposition: dict[str, int] = {}

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """The default first; forced ones (signs alone) last."""
        forced, default = (bool(self.disposition.get(name)) for name in ("forced", "default"))
        return forced, not default, self.index


class _Streams(msgspec.Struct):
    streams: list[_Stream] = []


async def extract(tools: Tools, path: Path, source: Source) -> list[tuple[str, str]]:
    """(language, WebVTT) of each, one a language, the default first. Pictures of text (DVD, PGS)
    are left out. A track that cannot be read is passed over and logged: the lecture does not need
    it. Raises MachineFault alone."""
    found: dict[str, str] = {}
    limits = Limits(timeout=60 + source.duration / 20 + source.size_bytes / 20e6)
    path = await asyncio.to_thread(path.resolve)
    for stream in (await _text_streams(tools, path))[:MOST_TRACKS]:
        vtt = await _as_vtt(tools, path, stream.index, limits)
        language = from_container(stream.tags.get("language", ""), vtt or "")
        if vtt is None or "-->" not in vtt or language in found:
            _log.info("captions of the file not kept", stream=stream.index, language=language)
            continue
        found[language] = vtt
    return list(found.items())


async def bring_along(
    tools: Tools, path: Path, source: Source, lecture_id: UUID, *, now: datetime
) -> list[str]:
    """Languages that the file brought and that are kept as tracks. Whatever goes wrong with them
    harms no lecture; a database that is away is waited for."""
    try:
        found = await extract(tools, path, source)
    except MachineFault as fault:
        _log.warning("captions of the file not read", lecture=str(lecture_id), why=str(fault))
        return []
    seconds = source.duration
    return await until_back(
        lambda: service.keep_embedded(lecture_id, found, seconds=seconds, now=now)
    )


async def _text_streams(tools: Tools, path: Path) -> list[_Stream]:
    options = ("-of", "json", "-select_streams", "s", "-show_streams")
    args = (str(tools.ffprobe), "-v", "error", *reading.guard_arguments(), *options)
    command = Command(args=(*args, reading.address(path)), reads=(path,))
    finished = await run(command, Limits(timeout=60))
    if not finished.ok:
        return []
    streams = msgspec.json.decode(finished.output, type=_Streams).streams
    return sorted((s for s in streams if s.codec_name in TEXT_CODECS), key=lambda s: s.rank)


async def _as_vtt(tools: Tools, path: Path, index: int, limits: Limits) -> str | None:
    guarded = ("-v", "error", "-nostdin", *reading.guard_arguments())
    chosen = ("-i", reading.address(path), "-map", f"0:{index}", "-f", "webvtt")
    command = Command(
        args=(str(tools.ffmpeg), *guarded, *chosen, "-fs", str(FILE_BYTES), "-"),
        reads=(path,),
    )
    finished = await run(command, limits)
    return finished.output if finished.ok else None
