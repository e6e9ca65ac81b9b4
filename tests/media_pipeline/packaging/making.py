"""Small packages of every kind, encoded straight and packaged as a lecture is."""

from pathlib import Path

import msgspec

from media_pipeline.judging.source import Motion, Source, VideoFacts
from media_pipeline.packaging.package import package
from media_pipeline.plan import Plan, Rung, Sound, plan
from media_pipeline.running.tools import find_all
from tests.media_pipeline import clips

SECONDS = 14
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "high", "-crf", "40")
AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-crf", "50", "-svtav1-params", "lp=1")


def rung(name: str, size: str, rate: str = "25/1", *, optional: bool = False) -> Rung:
    width, height = map(int, size.split("x"))
    model = _plan().rungs[0]
    fields = {"name": name, "width": width, "height": height, "frame_rate": rate}
    return msgspec.structs.replace(model, **fields, optional=optional)


def _plan() -> Plan:
    video = VideoFacts(index=0, codec="h264", width=320, height=180, ends_at=SECONDS)
    return plan(
        Source(
            container="mp4",
            size_bytes=1,
            duration=SECONDS,
            video=video,
            audio=None,
            motion=Motion.CAMERA,
        )
    )


def encode(path: Path, one: Rung, codec: tuple[str, ...] = H264) -> None:
    gop = round(one.rate * 2)
    picture = f"testsrc2=size={one.width}x{one.height}:rate={one.frame_rate}:duration={SECONDS}"
    groups = ("-g", str(gop), "-keyint_min", str(gop), "-bf", "2", "-sc_threshold", "0")
    clips.ffmpeg(
        *("-f", "lavfi", "-i", picture, *codec, *(groups if codec is H264 else groups[:2])),
        *("-pix_fmt", "yuv420p", str(path)),
    )


def encode_sound(path: Path, language: str) -> None:
    voice = f"sine=frequency=300:duration={SECONDS}:sample_rate=48000"
    clips.ffmpeg(
        *("-f", "lavfi", "-i", voice, "-metadata:s:a", f"language={language}"),
        *(*clips.VOICE, "-b:a", "48k", str(path)),
    )


async def make(
    scratch: Path,
    *rungs: Rung,
    sound: bool = True,
    language: str = "und",
    av1: frozenset[str] = frozenset(),
    left_out: frozenset[str] = frozenset(),
) -> Path:
    """The package's folder. `av1`: names of rungs in AV1; `left_out`: those that failed."""
    (scratch / "encoded").mkdir(parents=True)
    (scratch / "package").mkdir()
    for one in rungs:
        if one.name not in left_out:
            codec = AV1 if one.name in av1 else H264
            encode(scratch / "encoded" / f"{one.name}.mp4", one, codec)
    if sound:
        encode_sound(scratch / "encoded" / "audio.mp4", language)
    chosen = msgspec.structs.replace(
        _plan(),
        rungs=rungs,
        sound=Sound(channels=1, bit_rate=48_000) if sound else None,
        segment_seconds=6.0,
    )
    return await package(find_all(), chosen, scratch)
