"""Looks into an uploaded file and judges it: facts, or a refusal the author can act on."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from media_pipeline.errors import (
    NotAVideo,
    NoVideoOrAudio,
    PlaylistInDisguise,
    Refused,
    TooFewPixels,
    TooLong,
    TooManyPixels,
    TooShort,
    Truncated,
    Undecodable,
    UnknownContainer,
)
from media_pipeline.judging import motion, streams
from media_pipeline.judging.sniff import looks_like_media, sniff
from media_pipeline.judging.source import Motion, Source
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import Finished, run
from media_pipeline.running.tools import Tools

TAIL_SECONDS = 12.0
TRUNCATION_SECONDS = 0.5
# Containers whose header states a length. MPEG and MP3 lengths are guessed from the bit rate.
STATE_THEIR_LENGTH = {"mov", "matroska", "avi", "asf", "flv", "wav", "w64", "flac"}
HEADER_LIMITS = Limits(timeout=60)


def _command(tools: Tools, path: Path, *options: str) -> Command:
    args = (str(tools.ffprobe), "-v", "error", *reading.guard_arguments(), *options)
    return Command(args=(*args, reading.address(path)), reads=(path.resolve(),))


def _refusal(finished: Finished, path: Path) -> Refused:
    """ffprobe's complaint, in the author's words."""
    if finished.said("exceeds specified max pixel count"):
        return TooManyPixels()
    if finished.said("[hls", "[concat", "[dash"):
        return PlaylistInDisguise()
    if finished.said("not on whitelist"):
        return UnknownContainer()
    if finished.said("moov atom not found", "End of file", "partial file"):
        return Truncated() if looks_like_media(path) else NotAVideo()
    return Undecodable() if looks_like_media(path) else NotAVideo()


async def _read_header(tools: Tools, path: Path) -> streams.Report:
    options = ("-of", "json", "-show_format", "-show_streams")
    finished = await run(_command(tools, path, *options), HEADER_LIMITS)
    if finished.said("exceeds specified max pixel count"):
        raise TooManyPixels
    if not finished.ok:
        raise _refusal(finished, path)
    return msgspec.json.decode(finished.output, type=streams.Report)


async def _packet_ends(
    tools: Tools, path: Path, start: float, since: float | None
) -> tuple[Mapping[int, float], bool]:
    """Ends of the packets from `since` on (None: all), and whether the bytes ran out early."""
    options = ["-show_entries", "packet=stream_index,pts_time,duration_time", "-of", "csv=p=0"]
    if since is not None:
        options += ["-read_intervals", f"{start + since:.3f}%"]
    ends = streams.PacketEnds()
    size = (await asyncio.to_thread(path.stat)).st_size
    limits = Limits(timeout=60 + size / 20e6)
    finished = await run(_command(tools, path, *options), limits, on_line=ends.take)
    return ends.from_start(start), finished.said("partial file", "File ended prematurely")


async def _real_ends(
    tools: Tools, path: Path, report: streams.Report, wanted: set[int]
) -> Mapping[int, float]:
    """A seek near the end is enough for most files; the rest are read through."""
    start = streams.seconds(report.format.start_time) or 0.0
    declared = streams.seconds(report.format.duration)
    since = max(0.0, declared - TAIL_SECONDS) if declared else None
    ends, cut = await _packet_ends(tools, path, start, since)
    if not cut and since and not wanted <= ends.keys():
        ends, cut = await _packet_ends(tools, path, start, None)
    if cut:
        raise Truncated
    if not wanted <= ends.keys():
        raise Undecodable
    return ends


def _check_length(report: streams.Report, ends: Mapping[int, float], duration: float) -> None:
    """Compares what the header promises with where packets end."""
    if report.format.format_name.split(",")[0] not in STATE_THEIR_LENGTH:
        return
    promised = [
        (streams.declared_seconds(stream), ends[stream.index])
        for stream in report.streams
        if stream.index in ends
    ]
    if all(declared is None for declared, _ in promised):
        promised = [(streams.seconds(report.format.duration), duration)]
    for declared, real in promised:
        if declared is not None and real < declared - max(TRUNCATION_SECONDS, declared / 1000):
            raise Truncated


def _check_bounds(source: Source) -> None:
    if source.duration > reading.MAX_SECONDS:
        raise TooLong
    if source.duration < reading.MIN_SECONDS:
        raise TooShort
    if source.video is None:
        return
    if source.video.width * source.video.height > reading.MAX_PIXELS:
        raise TooManyPixels
    if min(source.video.width, source.video.height) < reading.MIN_SIDE:
        raise TooFewPixels


async def read_facts(tools: Tools, path: Path) -> Source:
    """Everything but the motion class: no picture is decoded yet."""
    report = await _read_header(tools, path)
    video, audio = streams.video_stream(report), streams.audio_stream(report)
    wanted = {stream.index for stream in (video, audio) if stream}
    if not wanted:
        raise NoVideoOrAudio
    ends = await _real_ends(tools, path, report, wanted)
    duration = max(ends[index] for index in wanted)
    _check_length(report, {index: ends[index] for index in wanted}, duration)
    source = Source(
        container=report.format.format_name,
        size_bytes=(await asyncio.to_thread(path.stat)).st_size,
        duration=duration,
        video=streams.video_facts(video, ends[video.index]) if video else None,
        audio=streams.audio_facts(audio, ends[audio.index]) if audio else None,
        motion=Motion.SLIDES,
    )
    _check_bounds(source)
    return source


async def probe(tools: Tools, path: Path) -> Source:
    """Raises a Refused for a bad file and a MachineFault for our own trouble."""
    await asyncio.to_thread(sniff, path)
    source = await read_facts(tools, path)
    if source.video is None:
        return source
    share = await motion.changed_share(tools, path, source)
    return msgspec.structs.replace(source, changed_share=share, motion=motion.classify(share))
