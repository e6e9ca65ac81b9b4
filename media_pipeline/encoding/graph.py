"""Plan -> ffmpeg's argument list: one decode for all rungs, one output file each; the sound apart.

Imported only by the encode step: ffmpeg-python costs 0.4 s to import. Its `run` and `probe`
have no timeout and may deadlock, so it only writes arguments; `runner` runs them.
"""

from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.judging.loudness import TARGET_LUFS, TRUE_PEAK, layout
from media_pipeline.judging.source import Loudness, Source
from media_pipeline.plan import CARD_SIZE, SOUND_RATE, Chunk, Ladder, Plan, Rung
from media_pipeline.running import reading

CARD_COLOUR = "0x16324f"
HDR_NITS = 100
WIDEST_RANGE = 50.0  # loudnorm's limit for LRA; above the measured range it stays linear
HOLD_FROM_SECONDS = 0.05


def _tone_mapped(picture: Any, transfer: str) -> Any:
    """BT.2020 PQ or HLG to the BT.709 every screen shows. What comes in is stated first: zscale
    finds no path from a file that leaves its matrix or primaries out."""
    stated = {"color_trc": transfer, "color_primaries": "bt2020", "colorspace": "bt2020nc"}
    return (
        picture.filter("setparams", **stated)
        .filter("zscale", transfer="linear", npl=HDR_NITS)
        .filter("format", "gbrpf32le")
        .filter("zscale", primaries="bt709")
        .filter("tonemap", tonemap="hable", desat=0)
        .filter("zscale", transfer="bt709", matrix="bt709", range="tv")
    )


def _steady(picture: Any, rate: str) -> Any:
    """Constant rate from second 0. `pass` keeps a last picture shorter than one step: without
    it a lecture of one picture and a voice has none."""
    return picture.filter("fps", fps=rate, start_time=0, eof_action="pass")


def _picture(source: Any, facts: Source, plan: Plan) -> Any:
    """The one decoded, corrected, constant-rate picture that all rungs are scaled from."""
    if plan.ladder is Ladder.CARD:
        size = f"{CARD_SIZE[0]}x{CARD_SIZE[1]}"
        card = f"color=c={CARD_COLOUR}:s={size}:r={plan.full_rate}:d={plan.duration:.3f}"
        return ffmpeg.input(card, format="lavfi").video
    assert facts.video is not None
    picture = source[str(facts.video.index)]
    if plan.deinterlace:
        picture = picture.filter("bwdif", mode="send_frame")
    if plan.tone_map:
        picture = _tone_mapped(picture, facts.video.transfer)
    picture = _steady(picture, plan.full_rate)
    if plan.hold_seconds > HOLD_FROM_SECONDS:
        hold = f"{plan.hold_seconds:.3f}"
        picture = picture.filter("tpad", stop_mode="clone", stop_duration=hold)
    return picture


def _video_output(picture: Any, rung: Rung, plan: Plan, folder: Path) -> Any:
    if rung.frame_rate != plan.full_rate:
        picture = _steady(picture, rung.frame_rate)
    scaled = (
        picture.filter("scale", rung.width, rung.height, flags="bicubic", out_range="tv")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
    )
    keys = {"g": rung.gop, "keyint_min": rung.gop, "sc_threshold": 0}
    ceiling = {"maxrate": rung.quality.max_rate, "bufsize": rung.quality.buffer}
    coding = {"c:v": "libx264", "preset": rung.preset, "crf": rung.quality.crf, "profile:v": "high"}
    return scaled.output(
        reading.address(folder / f"{rung.name}.mp4"),
        **coding, **keys, **ceiling, map_metadata=-1, map_chapters=-1, format="mp4",
    )  # fmt: skip


def _normalised(sound: Any, loudness: Loudness) -> Any:
    """Second pass. Where the gain would clip, loudnorm turns dynamic by itself."""
    measured = {
        "measured_I": loudness.input_i,
        "measured_TP": loudness.input_tp,
        "measured_LRA": loudness.input_lra,
        "measured_thresh": loudness.input_thresh,
        "offset": loudness.target_offset,
    }
    allowed = min(WIDEST_RANGE, max(7.0, loudness.input_lra + 1))
    return sound.filter(
        "loudnorm", I=TARGET_LUFS, TP=TRUE_PEAK, LRA=allowed, linear="true", **measured
    )


def _audio_output(source: Any, facts: Source, plan: Plan, folder: Path) -> Any:
    assert facts.audio is not None
    assert plan.sound is not None
    sound = source[str(facts.audio.index)].filter("aresample", **{"async": 1, "first_pts": 0})
    sound = sound.filter("aformat", channel_layouts=layout(plan.sound))
    loudness = facts.audio.loudness
    if loudness is not None and not loudness.is_silence:
        sound = _normalised(sound, loudness)
    sound = sound.filter("aresample", SOUND_RATE).filter("apad", whole_dur=f"{plan.duration:.3f}")
    return sound.output(
        reading.address(folder / f"{plan.sound.name}.mp4"),
        **{"c:a": "aac", "b:a": plan.sound.bit_rate, "ar": SOUND_RATE},
        map_metadata=-1, map_chapters=-1, format="mp4",
    )  # fmt: skip


def _compiled(tool: Path, *outputs: Any) -> tuple[str, ...]:
    merged = ffmpeg.merge_outputs(*outputs).global_args(
        "-hide_banner", "-nostdin", "-nostats", "-v", "warning", "-progress", "pipe:1"
    )
    return tuple(ffmpeg.compile(merged, cmd=str(tool), overwrite_output=True))


def picture_arguments(
    tool: Path, path: Path, facts: Source, plan: Plan, chunk: Chunk, folder: Path
) -> tuple[str, ...]:
    """The whole command line, tool first: `<rung>.mp4` in `folder` for every rung."""
    assert chunk.number == 0
    source = ffmpeg.input(reading.address(path), **reading.GUARDS)
    split = _picture(source, facts, plan).filter_multi_output("split", len(plan.rungs))
    outputs = [
        _video_output(split.stream(n), rung, plan, folder) for n, rung in enumerate(plan.rungs)
    ]
    return _compiled(tool, *outputs)


def sound_arguments(
    tool: Path, path: Path, facts: Source, plan: Plan, folder: Path
) -> tuple[str, ...]:
    """The whole command line, tool first: `audio.mp4` in `folder`."""
    source = ffmpeg.input(reading.address(path), **reading.GUARDS)
    return _compiled(tool, _audio_output(source, facts, plan, folder))
