"""A lecture encoded in pieces is the lecture encoded whole: the same pictures at the same times."""

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from media_pipeline.encoding.encode import encode_pictures
from media_pipeline.encoding.graph import picture_arguments
from media_pipeline.encoding.pieces import BrokenPiece, join_rung, look_at, pictures_in
from media_pipeline.judging.probe import probe
from media_pipeline.judging.source import Source
from media_pipeline.plan import Chunk, Plan, plan
from media_pipeline.running.tools import Tools
from tests.media_pipeline import clips

SECONDS = 13.0
WHOLE = Chunk(0)
DROPS = "select='not(between(mod(n,10),3,7))*gt(random(1),0.3)'"
Clip = Callable[[Path], Path]


def even(folder: Path) -> Path:
    """Reordered pictures and few key pictures, at 29.97 a second."""
    options = ("-preset", "veryfast", "-bf", "3", "-g", "150")
    return clips.clip(
        folder / "even.mp4", seconds=SECONDS, rate="30000/1001", size="640x480", options=options
    )


def uneven(folder: Path) -> Path:
    """A screen recording that drops pictures, in milliseconds."""
    path = folder / "uneven.mkv"
    options = ("-vf", DROPS, "-fps_mode", "vfr", *clips.QUICK, "-bf", "2", str(path))
    clips.ffmpeg("-i", str(even(folder)), *options)
    return path


def interlaced(folder: Path) -> Path:
    path = folder / "interlaced.mkv"
    fields = ("-vf", "setfield=tff", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-q:v", "4")
    clips.ffmpeg("-i", str(even(folder)), *fields, "-c:a", "copy", str(path))
    return path


def late(folder: Path) -> Path:
    """The first picture comes in the second piece, after 8 s of sound."""
    path, whole = folder / "late.mp4", even(folder)
    shifted = ("-itsoffset", "8", "-i", str(whole), "-i", str(whole))
    clips.ffmpeg(*shifted, "-map", "0:v", "-map", "1:a", "-c", "copy", str(path))
    return path


def without_index(folder: Path) -> Path:
    """A seek lands behind the place it was asked for; plans leave such files whole."""
    path = folder / "without index.ts"
    clips.ffmpeg("-i", str(even(folder)), "-c", "copy", str(path))
    return path


def in_three(chosen: Plan) -> Plan:
    at = [f"{cut.numerator}/{cut.denominator}" for cut in (chosen.segment, 2 * chosen.segment)]
    chunks = (Chunk(0, "0/1", at[0]), Chunk(1, at[0], at[1]), Chunk(2, at[1]))
    return msgspec.structs.replace(chosen, chunks=chunks)


def fed(args: tuple[str, ...], count: int) -> list[list[str]]:
    """Hashes of the pictures that a command line would give to each of its encoders."""
    maps = [n for n, arg in enumerate(args) if arg == "-map"]
    kept = [flag for flag in ("-copyts", "-start_at_zero") if flag in args]
    hashes = []
    for number, mapped in enumerate(args[n + 1] for n in maps):
        rest = [
            part
            for other, n in enumerate(maps)
            if other != number
            for part in ("-map", args[n + 1], "-f", "null", "-")
        ]
        take = (*args[: maps[0]], "-v", "error", *kept, "-map", mapped, "-f", "framemd5", "-")
        done = subprocess.run([*take, *rest], capture_output=True, text=True, check=True)
        lines = [line.split(",") for line in done.stdout.splitlines() if line[:1] != "#"]
        assert [int(line[2]) for line in lines] == list(range(len(lines)))
        hashes.append([line[5].strip() for line in lines])
    assert len(hashes) == count
    return hashes


def pictures(tools: Tools, path: Path, source: Source, chosen: Plan, chunk: Chunk) -> list[str]:
    zero = path.suffix == ".ts" or path.stem == "late"
    args = picture_arguments(tools.ffmpeg, path, source, chosen, chunk, path.parent, from_zero=zero)
    return [one for rung in fed(args, len(chosen.rungs)) for one in rung]


@pytest.mark.parametrize("make", [even, uneven, interlaced, late, without_index])
async def test_every_encoder_is_given_the_same_pictures(
    tools: Tools, tmp_path: Path, make: Clip
) -> None:
    path = make(tmp_path)
    source = await probe(tools, path)
    chosen = plan(source)
    whole = pictures(tools, path, source, chosen, WHOLE)
    cut = in_three(chosen)
    pieces = [pictures(tools, path, source, cut, chunk) for chunk in cut.chunks]
    assert [one for piece in pieces for one in piece] == whole
    counted = [pictures_in(cut.rungs[0], chunk) for chunk in cut.chunks]
    assert [len(piece) for piece in pieces[:2]] == counted[:2]
    assert counted[2] is None
    assert len(pieces[2]) > 0


async def encoded(tools: Tools, path: Path, source: Source, cut: Plan) -> list[Path]:
    folders = []
    for chunk in cut.chunks:
        folder = path.parent / f"it's piece {chunk.number}"
        folder.mkdir()
        await encode_pictures(tools, path, source, cut, chunk, folder, lambda _: None)
        folders.append(folder)
    return folders


def packets(tools: Tools, path: Path) -> list[tuple[int, int, str]]:
    """pts, dts and K for key pictures."""
    show = ("-show_entries", "packet=pts,dts,flags", "-of", "csv=p=0")
    command = [str(tools.ffprobe), "-v", "error", *show, str(path)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    rows = [line.split(",") for line in done.stdout.splitlines()]
    return [(int(pts), int(dts), flags[0]) for pts, dts, flags in rows]


@pytest.mark.parametrize("make", [uneven, late, without_index])
async def test_pieces_are_joined_as_if_never_cut(tools: Tools, tmp_path: Path, make: Clip) -> None:
    path = make(tmp_path)
    source = await probe(tools, path)
    chosen = plan(source)
    await encode_pictures(tools, path, source, chosen, WHOLE, tmp_path, lambda _: None)
    cut = in_three(chosen)
    folders = await encoded(tools, path, source, cut)
    into = tmp_path / "joined"
    into.mkdir()
    for rung in cut.rungs:
        paths = [folder / f"{rung.name}.mp4" for folder in folders]
        await join_rung(tools, cut, rung, paths, into)
        joined, whole = (packets(tools, at / f"{rung.name}.mp4") for at in (into, tmp_path))
        assert sorted(pts for pts, _, _ in joined) == sorted(pts for pts, _, _ in whole)
        assert [pts for pts, _, key in joined if key == "K"] == [
            pts for pts, _, key in whole if key == "K"
        ]
        assert [dts for _, dts, _ in joined] == sorted({dts for _, dts, _ in joined})
        every_picture_decodes(tools, into / f"{rung.name}.mp4", len(joined))
    assert sorted(path.name for path in into.iterdir()) == sorted(
        f"{r.name}.mp4" for r in cut.rungs
    )


def every_picture_decodes(tools: Tools, path: Path, count: int) -> None:
    command = [str(tools.ffmpeg), "-v", "warning", "-xerror", "-i", str(path), "-f", "framemd5"]
    done = subprocess.run([*command, "-"], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert sum(line[:1] != "#" for line in done.stdout.splitlines()) == count


async def test_a_piece_from_another_encoder_is_not_joined(tools: Tools, tmp_path: Path) -> None:
    path = even(tmp_path)
    source = await probe(tools, path)
    cut = in_three(plan(source))
    folders = await encoded(tools, path, source, cut)
    rung = cut.rungs[0]
    paths = [folder / f"{rung.name}.mp4" for folder in folders]
    stranger = folders[1] / "stranger.mp4"
    clips.ffmpeg("-i", str(paths[1]), "-c:v", "libx264", "-profile:v", "main", str(stranger))
    with pytest.raises(BrokenPiece):
        await join_rung(tools, cut, rung, [paths[0], stranger, paths[2]], tmp_path)
    with pytest.raises(BrokenPiece):
        await join_rung(tools, cut, rung, [paths[0], paths[2], paths[2]], tmp_path)


async def test_a_piece_knows_its_pictures(tools: Tools, tmp_path: Path) -> None:
    path = clips.clip(tmp_path / "a.mp4", sound=False, rate="5", seconds=6)
    piece = await look_at(tools, path)
    assert (piece.pictures, piece.start) == (30, 0)
    source = await probe(tools, path)
    rung = msgspec.structs.replace(plan(source).rungs[0], frame_rate="5/1")
    assert piece.is_all_of(rung, Chunk(1, "6/1", "12/1"))
    assert piece.is_all_of(rung, Chunk(2, "12/1"))
    assert not piece.is_all_of(rung, Chunk(1, "6/1", "18/1"))
    assert pictures_in(rung, Chunk(1, "6/1", "12/1")) == Fraction(6) * 5
