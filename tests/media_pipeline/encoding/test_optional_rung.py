"""An AV1 rung is welcome, and missed by nobody where it fails."""

from pathlib import Path

import msgspec
import pytest

from media_pipeline.encoding.encode import encode_pictures
from media_pipeline.encoding.means import Means
from media_pipeline.encoding.pieces import look_at
from media_pipeline.errors import MachineFault
from media_pipeline.judging.probe import probe
from media_pipeline.plan import Chunk, Codec, Plan, Quality, Wishes, plan
from media_pipeline.running.tools import Tools
from media_pipeline.running.watching import OutOfMemory
from media_pipeline.transcode import Prepared, join_chunks


def broken(chosen: Plan) -> Plan:
    """An AV1 encoder knows no such quality."""
    none = Quality(1000, 100_000, 100_000)
    rungs = tuple(
        msgspec.structs.replace(rung, quality=none) if rung.optional else rung
        for rung in chosen.rungs
    )
    return msgspec.structs.replace(chosen, rungs=rungs)


def encoded(folder: Path) -> set[str]:
    return {path.stem for path in folder.glob("*.mp4")}


async def test_an_av1_rung_is_encoded_in_pieces_beside_the_others(
    tools: Tools, slides: Path, tmp_path: Path
) -> None:
    source = await probe(tools, slides)
    chosen = plan(source, Wishes(av1=True))
    cut = msgspec.structs.replace(chosen, chunks=(Chunk(0, "0/1", "6/1"), Chunk(1, "6/1")))
    folders = [tmp_path / "0", tmp_path / "1"]
    fractions: list[float] = []
    for chunk, folder in zip(cut.chunks, folders, strict=True):
        folder.mkdir()
        await encode_pictures(tools, slides, source, cut, chunk, folder, fractions.append)
    await join_chunks(tools, Prepared(source, cut), folders, tmp_path)
    (rung,) = (rung for rung in chosen.rungs if rung.codec is Codec.AV1)
    joined = await look_at(tools, tmp_path / f"{rung.name}.mp4")
    assert (joined.pictures, joined.start) == (35, 0)
    assert 0.5 in fractions
    assert fractions[-1] == 1


async def test_a_rung_that_fails_leaves_the_others_whole(
    tools: Tools, slides: Path, tmp_path: Path
) -> None:
    source = await probe(tools, slides)
    chosen = broken(plan(source, Wishes(av1=True)))
    await encode_pictures(tools, slides, source, chosen, chosen.chunks[0], tmp_path, lambda _: None)
    made = encoded(tmp_path)
    assert made == {rung.name for rung in chosen.rungs if not rung.optional}
    into = tmp_path / "joined"
    into.mkdir()
    await join_chunks(tools, Prepared(source, chosen), [tmp_path], into)
    assert encoded(into) == made


async def test_memory_that_suffices_for_nothing_is_told(
    tools: Tools, bunny: Path, tmp_path: Path
) -> None:
    source = await probe(tools, bunny)
    chosen, no_room = plan(source), Means(memory_mb=1)
    with pytest.raises(OutOfMemory) as told:
        await encode_pictures(
            *(tools, bunny, source, chosen, chosen.chunks[0], tmp_path),
            lambda _: None,
            no_room,
        )
    assert isinstance(told.value, MachineFault)
