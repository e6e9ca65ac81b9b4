"""Plan -> ffmpeg's argument list: one decode for all rungs, one output file each; the sound apart.

Imported only by the encode step: ffmpeg-python costs 0.4 s to import. Its `run` and `probe`
have no timeout and may deadlock, so it only writes arguments; `runner` runs them.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg
import msgspec

from media_pipeline.encoding.levels import Level
from media_pipeline.encoding.means import Thrift
from media_pipeline.judging.loudness import mixdown
from media_pipeline.judging.source import Matrix, Source
from media_pipeline.plan import CARD_SIZE, SOUND_RATE, Chunk, Codec, Ladder, Plan, Rung
from media_pipeline.running import reading

CARD_COLOUR = "0x16324f"
HDR_NITS = 100
HOLD_FROM_SECONDS = 0.05
# Enough for a deinterlacer's neighbours and for reordered pictures around a key picture.
SEEK_BACK_SECONDS = 2


class PictureOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What one ffmpeg is to make: `<rung>.mp4` in `folder` for each of `rungs`.

    `from_zero`: decodes from the beginning of the file, for one in which a seek does not land
    where it should.
    """

    plan: Plan
    chunk: Chunk
    rungs: tuple[Rung, ...]
    folder: Path
    thrift: Thrift = Thrift(1)
    from_zero: bool = False


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


def _steady(picture: Any, rate: str, **options: Any) -> Any:
    """Constant rate. `pass` keeps a last picture shorter than one step: without it a lecture of
    one picture and a voice has none."""
    return picture.filter("fps", fps=rate, eof_action="pass", **options)


def _stretch(picture: Any, chunk: Chunk, rate: str) -> Any:
    """The chunk's pictures out of the lecture's, by number, counted from 0 again.

    They are numbered on the lecture's own grid before they are cut, so it makes no difference
    where decoding began. setpts forgets the rate, which the encoder's header needs.
    """
    first = chunk.starts_at * Fraction(rate)
    bounds = {"start_pts": int(first)}
    if chunk.ends_at is not None:
        bounds["end_pts"] = int(chunk.ends_at * Fraction(rate))
    numbered = picture.filter("trim", **bounds).filter("setpts", f"PTS-{int(first)}")
    return _steady(numbered, rate)


def _is_whole(chunk: Chunk) -> bool:
    return not chunk.starts_at and chunk.ends_at is None


def _card(plan: Plan, chunk: Chunk) -> Any:
    size = f"{CARD_SIZE[0]}x{CARD_SIZE[1]}"
    until = float(chunk.ends_at) if chunk.ends_at is not None else plan.duration
    seconds = f"{until - float(chunk.starts_at):.3f}"
    card = f"color=c={CARD_COLOUR}:s={size}:r={plan.full_rate}:d={seconds}"
    return ffmpeg.input(card, format="lavfi").video


def _picture(source: Any, facts: Source, plan: Plan, chunk: Chunk, *, from_zero: bool) -> Any:
    """The one decoded, corrected, constant-rate picture that all rungs are scaled from."""
    assert facts.video is not None
    picture = source[str(facts.video.index)]
    if plan.deinterlace:
        picture = picture.filter("bwdif", mode="send_frame")
    if plan.tone_map:
        picture = _tone_mapped(picture, facts.video.transfer)
    # A picture that comes late is shown from second 0; a seek leaves no second 0 to fill.
    picture = _steady(picture, plan.full_rate, **({"start_time": 0} if from_zero else {}))
    if plan.hold_seconds > HOLD_FROM_SECONDS:
        hold = f"{plan.hold_seconds:.3f}"
        picture = picture.filter("tpad", stop_mode="clone", stop_duration=hold)
    return picture if _is_whole(chunk) else _stretch(picture, chunk, plan.full_rate)


def _scaled(picture: Any, rung: Rung, facts: Source, plan: Plan) -> Any:
    """In the colours that players assume of H.264 without asking, and saying so."""
    options = {"flags": "bicubic", "out_range": "tv", "out_color_matrix": "bt709"}
    if facts.video and not plan.tone_map and facts.video.matrix is not Matrix.RGB:
        options["in_color_matrix"] = facts.video.matrix.value
    said = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
    return (
        picture.filter("scale", rung.width, rung.height, **options)
        .filter("setsar", 1)
        .filter("format", "yuv420p")
        .filter("setparams", range="tv", **said)
    )


def _h264(rung: Rung, thrift: Thrift) -> dict[str, Any]:
    coding = {"c:v": "libx264", "preset": rung.preset, "crf": rung.quality.crf, "profile:v": "high"}
    keys = {"g": rung.gop, "keyint_min": rung.gop, "sc_threshold": 0, "threads": thrift.threads}
    ceiling = {"maxrate": rung.quality.max_rate, "bufsize": rung.quality.buffer}
    ahead = {"rc-lookahead": thrift.lookahead} if thrift.lookahead else {}
    return {**coding, **keys, **ceiling, **ahead}


def _av1(rung: Rung, thrift: Thrift) -> dict[str, Any]:
    """Closed groups, no key pictures but ours."""
    limits = f"scd=0:lp={thrift.threads}:mbr={rung.quality.max_rate // 1000}"
    coding = {"c:v": "libsvtav1", "preset": rung.preset, "crf": rung.quality.crf, "g": rung.gop}
    return {**coding, "svtav1-params": limits}


def _video_output(picture: Any, rung: Rung, facts: Source, order: PictureOrder) -> Any:
    if rung.frame_rate != order.plan.full_rate:
        picture = _steady(picture, rung.frame_rate, start_time=0)
    coding = _av1 if rung.codec is Codec.AV1 else _h264
    return _scaled(picture, rung, facts, order.plan).output(
        reading.address(order.folder / f"{rung.name}.mp4"),
        **coding(rung, order.thrift), map_metadata=-1, map_chapters=-1, format="mp4",
    )  # fmt: skip


def _turned(sound: Any, level: Level | None) -> Any:
    """One gain for the whole lecture, which does not pump with every pause; where peaks would
    not fit, a limiter at four times the rate sees those between two samples, too."""
    if level is None:
        return sound.filter("aresample", SOUND_RATE)
    sound = sound.filter("volume", f"{level.gain}dB")
    if level.ceiling is not None:
        limit = f"{10 ** (level.ceiling / 20):.5f}"
        sound = sound.filter("aresample", 4 * SOUND_RATE)
        sound = sound.filter("alimiter", limit=limit, level=0, attack=5, release=80)
    return sound.filter("aresample", SOUND_RATE)


def _audio_output(source: Any, facts: Source, plan: Plan, level: Level | None, folder: Path) -> Any:
    """The `fast` coder: on speech at these rates the other one spends three times the CPU, leaves
    5 dB more noise in the critical bands and lifts peaks by 3 dB (measured)."""
    assert facts.audio is not None
    assert plan.sound is not None
    sound = source[str(facts.audio.index)].filter("aresample", **{"async": 1, "first_pts": 0})
    mixer, option, value = mixdown(plan.sound, facts.audio.only_channel)
    sound = sound.filter(mixer, **{option: value})
    sound = _turned(sound, level).filter("apad", whole_dur=f"{plan.duration:.3f}")
    return sound.output(
        reading.address(folder / f"{plan.sound.name}.mp4"),
        **{"c:a": "aac", "aac_coder": "fast", "b:a": plan.sound.bit_rate, "ar": SOUND_RATE},
        map_metadata=-1, map_chapters=-1, format="mp4",
    )  # fmt: skip


def _compiled(tool: Path, *outputs: Any, kept_times: bool = False) -> tuple[str, ...]:
    merged = ffmpeg.merge_outputs(*outputs).global_args(
        *("-hide_banner", "-nostdin", "-nostats", "-v", "warning", "-progress", "pipe:1"),
        *(("-copyts", "-start_at_zero") if kept_times else ()),
    )
    return tuple(ffmpeg.compile(merged, cmd=str(tool), overwrite_output=True))


def _opened(path: Path, chunk: Chunk, thrift: Thrift, *, from_zero: bool) -> Any:
    """Decoding begins at a key picture at least SEEK_BACK_SECONDS before the chunk, and pictures
    keep the times they have in the whole file."""
    options: dict[str, Any] = {"threads": thrift.threads}
    if not from_zero:
        back = f"{float(chunk.starts_at - SEEK_BACK_SECONDS):.6f}"
        options |= {"noaccurate_seek": None, "ss": back}
    return ffmpeg.input(reading.address(path), **reading.GUARDS, **options)


def picture_arguments(
    tool: Path, path: Path, facts: Source, order: PictureOrder
) -> tuple[str, ...]:
    """The whole command line, tool first."""
    plan, chunk = order.plan, order.chunk
    from_zero = order.from_zero or chunk.starts_at <= SEEK_BACK_SECONDS
    if plan.ladder is Ladder.CARD:
        picture = _card(plan, chunk)
    else:
        source = _opened(path, chunk, order.thrift, from_zero=from_zero)
        picture = _picture(source, facts, plan, chunk, from_zero=from_zero)
    split = picture.filter_multi_output("split", len(order.rungs))
    outputs = [
        _video_output(split.stream(number), rung, facts, order)
        for number, rung in enumerate(order.rungs)
    ]
    return _compiled(tool, *outputs, kept_times=not from_zero)


def sound_arguments(
    tool: Path, path: Path, facts: Source, plan: Plan, level: Level | None, folder: Path
) -> tuple[str, ...]:
    """The whole command line, tool first: `audio.mp4` in `folder`."""
    source = ffmpeg.input(reading.address(path), **reading.GUARDS)
    return _compiled(tool, _audio_output(source, facts, plan, level, folder))
