"""A lecture encoded in pieces is the lecture encoded whole: the same pictures at the same times."""

import subprocess
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from media_pipeline.encoding.encode import encode_pictures
from media_pipeline.encoding.graph import PictureOrder, picture_arguments
from media_pipeline.encoding.pieces import BrokenPiece, join_rung, look_at, pictures_in
from media_pipeline.judging.probe import probe
from media_pipeline.judging.source import Source
from media_pipeline.plan import Chunk, Plan, plan
from media_pipeline.running.tools import Tools
from tests.media_pipeline import clips

SECONDS = 13.0
WHOLE = Chunk(0)
DROPS = "select='not(between(mod(n,10),3,7))*gt(random(1),0.3)'"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One recording in several forms; a rung of it has half the pictures of the other."""
    folder = tmp_path_factory.mktemp("sources")
    even = clips.clip(
        folder / "even.mp4",
        seconds=SECONDS,
        rate="30000/1001",
        size="120x120",
        options=("-preset", "veryfast", "-bf", "3", "-g", "150"),
    )
    made = {"even": even}
    fields = ("-vf", "setfield=tff", "-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-q:v", "4")
    late = ("-itsoffset", "8", "-i", str(even), "-map", "1:v", "-map", "0:a", "-c", "copy")
    for name, options in {
        "uneven.mkv": ("-vf", DROPS, "-fps_mode", "vfr", *clips.QUICK, "-bf", "2"),
        "interlaced.mkv": (*fields, "-c:a", "copy"),
        # The first picture comes in the second piece, after 8 s of sound.
        "late.mp4": late,
        # A seek lands behind the place it was asked for; plans leave such files whole.
        "no index.ts": ("-c", "copy"),
    }.items():
        path = folder / name
        clips.ffmpeg("-i", str(even), *options, str(path))
        made[path.stem] = path
    return made


@pytest.fixture(scope="module")
async def seen(tools: Tools, sources: dict[str, Path]) -> dict[str, Source]:
    return {name: await probe(tools, path) for name, path in sources.items()}


def planned(source: Source) -> Plan:
    """As for a recording four times as wide, which has two rungs, and these as small as it is:
    what is cut and joined is the same, and most of the time would go into its pixels."""
    assert source.video is not None
    video = msgspec.structs.replace(source.video, width=480, height=480)
    chosen = plan(msgspec.structs.replace(source, video=video))
    small = (
        msgspec.structs.replace(rung, width=rung.width // 4, height=rung.height // 4)
        for rung in chosen.rungs
    )
    return msgspec.structs.replace(chosen, rungs=tuple(small))


def in_three(chosen: Plan) -> Plan:
    at = [f"{cut.numerator}/{cut.denominator}" for cut in (chosen.segment, 2 * chosen.segment)]
    chunks = (Chunk(0, "0/1", at[0]), Chunk(1, at[0], at[1]), Chunk(2, at[1]))
    return msgspec.structs.replace(chosen, chunks=chunks)


def fed(args: tuple[str, ...], folder: Path) -> list[list[str]]:
    """For each encoder of a command line, hashes of the pictures it would be given."""
    maps = [n for n, arg in enumerate(args) if arg == "-map"]
    kept = [flag for flag in ("-copyts", "-start_at_zero") if flag in args]
    paths = [folder / f"{n}.md5" for n in maps]
    take = [
        part
        for n, path in zip(maps, paths, strict=True)
        for part in ("-map", args[n + 1], "-f", "framemd5", "-y", str(path))
    ]
    subprocess.run([*args[: maps[0]], "-v", "error", *kept, *take], check=True, timeout=60)
    hashes = []
    for path in paths:
        lines = [line.split(",") for line in path.read_text().splitlines() if line[0] != "#"]
        assert [int(line[2]) for line in lines] == list(range(len(lines)))
        hashes.append([line[5].strip() for line in lines])
    return hashes


@pytest.mark.parametrize("name", ["even", "uneven", "interlaced", "late", "no index"])
async def test_every_encoder_is_given_the_same_pictures(
    tools: Tools, sources: dict[str, Path], seen: dict[str, Source], tmp_path: Path, name: str
) -> None:
    path, source = sources[name], seen[name]
    cut = in_three(planned(source))

    def pictures(chunk: Chunk) -> list[list[str]]:
        order = PictureOrder(
            plan=cut,
            chunk=chunk,
            rungs=cut.rungs,
            folder=tmp_path,
            from_zero=name in ("late", "no index"),
        )
        return fed(picture_arguments(tools.ffmpeg, path, source, order), tmp_path)

    whole = pictures(WHOLE)
    pieces = [pictures(chunk) for chunk in cut.chunks]
    assert len(whole) == 2
    for number, rung in enumerate(cut.rungs):
        of_rung = [piece[number] for piece in pieces]
        assert [one for piece in of_rung for one in piece] == whole[number]
        counted = [pictures_in(rung, chunk) for chunk in cut.chunks[:2]]
        assert [len(piece) for piece in of_rung[:2]] == counted
        assert of_rung[2]


async def encoded(tools: Tools, path: Path, source: Source, cut: Plan, into: Path) -> list[Path]:
    folders = []
    for chunk in cut.chunks:
        folder = into / f"it's piece {chunk.number}"
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


@pytest.mark.parametrize("name", ["uneven", "late", "no index"])
async def test_pieces_are_joined_as_if_never_cut(
    tools: Tools, sources: dict[str, Path], seen: dict[str, Source], tmp_path: Path, name: str
) -> None:
    path, source = sources[name], seen[name]
    chosen = planned(source)
    await encode_pictures(tools, path, source, chosen, WHOLE, tmp_path, lambda _: None)
    cut = in_three(chosen)
    folders = await encoded(tools, path, source, cut, tmp_path)
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


async def test_a_piece_from_another_encoder_is_not_joined(
    tools: Tools, sources: dict[str, Path], seen: dict[str, Source], tmp_path: Path
) -> None:
    path, source = sources["even"], seen["even"]
    cut = in_three(planned(source))
    folders = await encoded(tools, path, source, cut, tmp_path)
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
