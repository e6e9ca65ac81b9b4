"""Looks into an uploaded file and judges it: facts, or a refusal the author can act on."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from media_pipeline.errors import (
    DolbyVisionOnly,
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
from media_pipeline.judging import facts, hearing, motion
from media_pipeline.judging.cut import breaks_off
from media_pipeline.judging.packets import real_ends
from media_pipeline.judging.sniff import looks_like_media, sniff
from media_pipeline.judging.source import AudioFacts, Motion, Source
from media_pipeline.judging.streams import SHOWN, Report, Stream, seconds
from media_pipeline.running import reading
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import Finished, run
from media_pipeline.running.tools import Tools

TRUNCATION_SECONDS = 0.5
# Containers whose header states a length. MPEG and MP3 lengths are guessed from the bit rate.
STATE_THEIR_LENGTH = {"mov", "matroska", "avi", "asf", "flv", "wav", "w64", "flac"}
HEADER_LIMITS = Limits(timeout=60)
# Codecs of old cameras and television, whose files often do not say that pictures are two fields.
MAY_HIDE_FIELDS = {"mpeg1video", "mpeg2video", "mpeg4", "h264", "dvvideo", "vc1", "wmv3", "mjpeg"}
FIELD_HEIGHTS = {480, 486, 576, 1080}
FIELDS_SHARE = 0.7


def _refusal(finished: Finished, path: Path) -> Refused:
    """ffprobe's complaint, in the author's words."""
    if finished.said("exceeds specified max pixel count"):
        return TooManyPixels()
    if finished.said("[hls", "[concat", "[dash"):
        return PlaylistInDisguise()
    if finished.said("not on whitelist"):
        return UnknownContainer()
    if finished.said("moov atom not found", "End of file", "partial file", "error reading header"):
        return Truncated() if looks_like_media(path) else NotAVideo()
    return Undecodable() if looks_like_media(path) else NotAVideo()


def header_command(tools: Tools, path: Path) -> Command:
    options = ("-v", "error", *reading.guard_arguments(), "-of", "json=compact=1")
    args = (str(tools.ffprobe), *options, "-show_entries", SHOWN, reading.address(path))
    return Command(args=args, reads=(path.resolve(),))


async def _read_header(tools: Tools, path: Path) -> Report:
    finished = await run(header_command(tools, path), HEADER_LIMITS)
    if finished.said("exceeds specified max pixel count"):
        raise TooManyPixels
    if not finished.ok:
        raise _refusal(finished, path)
    report = msgspec.json.decode(finished.output, type=Report)
    sizeless = any(stream.codec_type == "video" and not stream.width for stream in report.streams)
    if sizeless and not report.videos and finished.said("Picture size"):
        raise TooManyPixels  # beyond what ffmpeg itself can count
    return report


def _check_length(report: Report, ends: Mapping[int, float], duration: float) -> None:
    """Compares what the header promises with where packets end."""
    if report.container not in STATE_THEIR_LENGTH:
        return
    promised = [
        (stream.declared_seconds, ends[stream.index])
        for stream in report.streams
        if stream.index in ends
    ]
    if all(declared is None for declared, _ in promised):
        promised = [(seconds(report.format.duration), duration)]
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


def _with_packets(report: Report, streams: list[Stream], ends: Mapping[int, float]) -> list[Stream]:
    """Where a recorder wrote several sizes of one picture, a cut may hold only some. A sound track
    to which nothing was ever recorded is no sound; a picture is never dropped in silence."""
    found = [stream for stream in streams if stream.index in ends]
    if found or not streams:
        return found
    promised = any((stream.declared_seconds or 0) >= 1 for stream in streams)
    if promised and report.container in STATE_THEIR_LENGTH:
        raise Truncated
    if streams[0].is_video:
        raise Undecodable
    return []


async def _read(tools: Tools, path: Path) -> tuple[Source, tuple[AudioFacts, ...], Stream | None]:
    """Facts that cost no decoding, all sound tracks by preference, and the picture's stream."""
    report = await _read_header(tools, path)
    if await asyncio.to_thread(breaks_off, path, report.container):
        raise Truncated
    if not report.videos and not report.audios:
        raise NoVideoOrAudio
    if report.videos and facts.needs_dolby_vision(report.videos[0]):
        raise DolbyVisionOnly
    ends = await real_ends(tools, path, report)
    videos = _with_packets(report, report.videos, ends)
    audios = _with_packets(report, report.audios, ends)
    wanted = {stream.index: ends[stream.index] for stream in videos[:1] + audios[:1]}
    if not wanted:
        raise Undecodable
    _check_length(report, wanted, max(wanted.values()))
    tracks = tuple(facts.audio_facts(stream, ends[stream.index]) for stream in audios)
    picture = videos[0] if videos else None
    source = Source(
        container=report.format.format_name,
        size_bytes=(await asyncio.to_thread(path.stat)).st_size,
        duration=max(wanted.values()),
        video=facts.video_facts(picture, ends[picture.index]) if picture else None,
        audio=tracks[0] if tracks else None,
        motion=Motion.SLIDES,
    )
    _check_bounds(source)
    return source, tracks, picture


async def read_facts(tools: Tools, path: Path) -> Source:
    """Everything that shows without decoding: no motion, the first sound track."""
    source, _, _ = await _read(tools, path)
    return source


async def _with_voice(
    tools: Tools, path: Path, source: Source, tracks: tuple[AudioFacts, ...]
) -> Source:
    voice = await hearing.choose(tools, path, tracks)
    ends = [found.ends_at for found in (source.video, voice) if found]
    return msgspec.structs.replace(source, audio=voice, duration=max(ends))


def _may_hide_fields(picture: Stream) -> bool:
    unsaid = picture.field_order in ("", "unknown")
    return unsaid and picture.codec_name in MAY_HIDE_FIELDS and picture.height in FIELD_HEIGHTS


async def _with_motion(tools: Tools, path: Path, source: Source, picture: Stream) -> Source:
    assert source.video is not None
    seen = await motion.look(tools, path, source, fields=_may_hide_fields(picture))
    interlaced = source.video.interlaced or seen.fields_share > FIELDS_SHARE
    return msgspec.structs.replace(
        source,
        video=msgspec.structs.replace(source.video, interlaced=interlaced),
        motion=motion.classify(
            motion.pieces(seen.areas[0]) if len(seen.areas) == 1 else seen.areas
        ),
        changed_share=seen.changed_share,
        moving_area=seen.moving_area,
        damaged_at=seen.damaged_at,
    )


async def probe(tools: Tools, path: Path) -> Source:
    """Raises a Refused for a bad file and a MachineFault for our own trouble."""
    await asyncio.to_thread(sniff, path)
    source, tracks, picture = await _read(tools, path)
    if tracks:
        source = await _with_voice(tools, path, source, tracks)
    return await _with_motion(tools, path, source, picture) if picture else source
