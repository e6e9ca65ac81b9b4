"""The argument list is a value: what it says is what ffmpeg will do."""

import re
from pathlib import Path

import msgspec

from media_pipeline.encoding.graph import PictureOrder, picture_arguments, sound_arguments
from media_pipeline.encoding.levels import Level
from media_pipeline.judging.source import AudioFacts, Loudness, Matrix, Motion, Source, VideoFacts
from media_pipeline.plan import Codec, Wishes, plan
from media_pipeline.running.launch import Command, Host, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools
from tests.media_pipeline import clips

BARE = Host(bwrap=None, prlimit=None, nice=None, taskset=None)
VIDEO = VideoFacts(index=0, codec="h264", width=1920, height=1080, frame_rate="30/1", ends_at=60)
QUIET = Loudness(-31.2, -12.0)
VOICE = AudioFacts(index=1, codec="aac", channels=2, sample_rate=44_100, ends_at=60, loudness=QUIET)
LECTURE = Source(
    container="mov", size_bytes=1, duration=60, video=VIDEO, audio=VOICE, motion=Motion.CAMERA
)
UPLOAD = Path("/课程/它's 1;rm.mp4")


FFMPEG, FOLDER = Path("/ffmpeg"), Path("/scratch")


def ordered(source: Source, folder: Path = FOLDER, *, av1: bool = False) -> PictureOrder:
    chosen = plan(source, Wishes(av1=av1))
    chunk, rungs = chosen.chunks[0], chosen.rungs
    return PictureOrder(plan=chosen, chunk=chunk, rungs=rungs, folder=folder)


def arguments(source: Source = LECTURE) -> tuple[str, ...]:
    return picture_arguments(FFMPEG, UPLOAD, source, ordered(source))


def sound(level: Level | None) -> tuple[str, ...]:
    return sound_arguments(FFMPEG, UPLOAD, LECTURE, plan(LECTURE), level, FOLDER)


def graph_of(args: tuple[str, ...]) -> str:
    return args[args.index("-filter_complex") + 1]


def changed(**facts: object) -> Source:
    return msgspec.structs.replace(LECTURE, video=msgspec.structs.replace(VIDEO, **facts))


def test_the_upload_is_opened_once_behind_its_guards() -> None:
    args = arguments()
    assert args.count("-i") == 1
    opened = args.index("-i")
    assert args[opened + 1] == f"file:{UPLOAD}"
    guards = args[1:opened]
    assert guards[guards.index("-protocol_whitelist") + 1] == "file"
    assert "concat" not in guards[guards.index("-format_whitelist") + 1]
    assert "-max_pixels" in guards


async def test_even_outside_the_sandbox_ffmpeg_does_not_follow_a_list(
    tools: Tools, short: Path, tmp_path: Path
) -> None:
    canary = clips.cut(short, tmp_path / "canary.mp4", 1)
    read_at = clips.read_time(canary)
    for text in (f"ffconcat version 1.0\nfile '{canary}'\n", f"#EXTM3U\n#EXTINF:3,\n{canary}\n"):
        disguised = tmp_path / "lecture.mp4"
        disguised.write_text(text)
        order = ordered(LECTURE, tmp_path)
        for args in (
            picture_arguments(tools.ffmpeg, disguised, LECTURE, order),
            sound_arguments(tools.ffmpeg, disguised, LECTURE, order.plan, None, tmp_path),
        ):
            finished = await run(Command(args=args), Limits(timeout=30), on=BARE)
            assert not finished.ok
    assert clips.read_time(canary) == read_at


def test_one_decode_feeds_every_rung() -> None:
    graph = graph_of(arguments())
    assert graph.count("split=4") == 1
    assert graph.count("scale=") == 4
    assert graph.count("fps=30/1") == 1


def test_every_rung_has_fixed_key_pictures_and_a_ceiling() -> None:
    args = arguments()
    assert args.count("libx264") == 4
    assert [args[n + 1] for n, arg in enumerate(args) if arg == "-sc_threshold"] == ["0"] * 4
    assert [args[n + 1] for n, arg in enumerate(args) if arg == "-g"] == ["60", "60", "60", "30"]
    assert args.count("-maxrate") == args.count("-bufsize") == 4


def test_the_volume_is_turned_once_for_the_whole_lecture() -> None:
    graph = graph_of(sound(Level(15.2, None)))
    assert "volume=15.2dB" in graph
    assert "alimiter" not in graph


def test_peaks_are_held_where_those_between_samples_are_seen() -> None:
    graph = graph_of(sound(Level(9, -2)))
    assert graph.index("aresample=192000") < graph.index("alimiter") < graph.index("=48000")
    assert "limit=0.79433" in graph


def test_silence_is_not_made_louder() -> None:
    assert "volume" not in graph_of(sound(None))


def test_only_what_needs_mending_is_mended() -> None:
    plain = graph_of(arguments())
    for filter_name in ("bwdif", "zscale", "tonemap", "tpad"):
        assert filter_name not in plain
    assert "bwdif" in graph_of(arguments(changed(interlaced=True)))
    assert "tonemap" in graph_of(arguments(changed(transfer="smpte2084")))
    assert re.search(r"tpad=.*stop_duration=57\.5", graph_of(arguments(changed(ends_at=2.5))))


def test_pictures_and_sound_are_encoded_apart() -> None:
    assert "aac" not in arguments()
    assert "libx264" not in sound(None)


def test_sound_alone_is_shown_with_a_card() -> None:
    args = arguments(msgspec.structs.replace(LECTURE, video=None))
    assert any(arg.startswith("color=") for arg in args)
    assert args.count("libx264") == 1


def test_colours_are_converted_to_what_players_assume_and_said_so() -> None:
    graph = graph_of(arguments(changed(matrix=Matrix.BT601)))
    assert "in_color_matrix=bt601" in graph
    assert graph.count("out_color_matrix=bt709") == graph.count("colorspace=bt709") == 4
    assert "in_color_matrix" not in graph_of(arguments(changed(matrix=Matrix.RGB)))


def test_an_av1_rung_keeps_the_key_pictures_of_the_others() -> None:
    slides = msgspec.structs.replace(LECTURE, motion=Motion.SLIDES)
    order = ordered(slides, av1=True)
    (rung,) = (rung for rung in order.rungs if rung.codec is Codec.AV1)
    alone = msgspec.structs.replace(order, rungs=(rung,))
    args = picture_arguments(FFMPEG, UPLOAD, slides, alone)
    assert args[args.index("-c:v") + 1] == "libsvtav1"
    assert args[args.index("-g") + 1] == str(order.rungs[0].gop)
    assert "scd=0" in args[args.index("-svtav1-params") + 1]
