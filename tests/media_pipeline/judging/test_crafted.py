"""Files made to harm: each is refused with its reason or played, and reads nothing but itself."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_pipeline import errors
from media_pipeline.judging.probe import probe, read_facts
from media_pipeline.judging.source import Source
from media_pipeline.running import launch
from media_pipeline.running.tools import Tools
from tests.media_pipeline import clips
from tests.media_pipeline.judging import crafted

LONGEST_SECONDS = 60  # far more than any look takes

LISTS = {
    "an HLS list": "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{canary}\n#EXT-X-ENDLIST\n",
    "an HLS list after a blank line": "\n \n#EXTM3U\n#EXTINF:3,\n{canary}\n",
    "an HLS list behind a byte order mark": "\ufeff#EXTM3U\n#EXTINF:3,\n{canary}\n",
    "an ffconcat list": "ffconcat version 1.0\nfile '{canary}'\n",
    "a list for concat without its first line": "# made by hand\nfile '{canary}'\n",
    "a DASH manifest": '<?xml version="1.0"?><MPD><BaseURL>{canary}</BaseURL></MPD>',
}


@pytest.fixture(params=["shut away", "with nothing but its arguments"])
def guarded(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With bubblewrap where it works, and on a machine that has none of the programs that bound
    a tool."""
    if request.param != "shut away":
        monkeypatch.setenv("PATH", "/nonexistent")
    launch.host.cache_clear()
    yield
    launch.host.cache_clear()


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS.keys())
async def test_a_list_in_disguise_is_refused_and_what_it_names_is_not_opened(
    tools: Tools, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "lecture.mp4"
    with crafted.pipe(tmp_path / "canary.mp4") as opened:
        path.write_text(text.format(canary=tmp_path / "canary.mp4"))
        with pytest.raises(errors.PlaylistInDisguise):
            await probe(tools, path)
        with pytest.raises(errors.Refused):  # the second line of defence, without the first look
            await read_facts(tools, path)
        assert not opened.is_set()


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS.keys())
async def test_a_list_of_addresses_calls_nobody(tools: Tools, tmp_path: Path, text: str) -> None:
    path = tmp_path / "lecture.mp4"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        port = listening.getsockname()[1]
        path.write_text(text.format(canary=f"http://127.0.0.1:{port}/canary.ts"))
        with pytest.raises(errors.Refused):
            await read_facts(tools, path)
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.fixture(scope="module")
def index_last(made: Path) -> bytes:
    return clips.clip(made / "index last.mp4", sound=False).read_bytes()


@pytest.mark.usefixtures("guarded")
async def test_a_film_whose_pictures_lie_in_another_file_does_not_open_it(
    tools: Tools, tmp_path: Path, index_last: bytes
) -> None:
    path = tmp_path / "lecture.mov"
    with crafted.pipe(tmp_path / "canary.mov") as opened:
        change = crafted.living_in(tmp_path / "canary.mov")
        path.write_bytes(crafted.rewritten(index_last, b"dref", change))
        with pytest.raises(errors.Refused):
            await probe(tools, path)
        assert not opened.is_set()


async def test_a_moment_that_claims_to_last_for_days_is_refused(
    tools: Tools, tmp_path: Path, index_last: bytes
) -> None:
    path = tmp_path / "days.mp4"
    path.write_bytes(crafted.rewritten(index_last, b"stts", crafted.lasting(2_000_000_000)))
    with pytest.raises(errors.Refused) as refused:
        await probe(tools, path)
    assert isinstance(refused.value, errors.TooLong | errors.Truncated)


async def test_pictures_that_take_no_time_do_not_trip_it(
    tools: Tools, tmp_path: Path, index_last: bytes
) -> None:
    path = tmp_path / "nothing.mp4"
    path.write_bytes(crafted.rewritten(index_last, b"stts", crafted.lasting(0)))
    await ends_well(tools, path)


async def test_an_index_that_says_65535_pixels_a_side_is_refused(
    tools: Tools, tmp_path: Path
) -> None:
    options = ("-c:v", "qtrle", "-pix_fmt", "rgb24")
    path = clips.clip(tmp_path / "huge.mov", sound=False, size="64x48", options=options)
    content = path.read_bytes()
    at = content.index(b"rle ") + 28
    path.write_bytes(content[:at] + b"\xff" * 4 + content[at + 4 :])
    with pytest.raises(errors.TooManyPixels):
        await probe(tools, path)


async def test_a_compressed_packet_does_not_swell(tools: Tools, tmp_path: Path) -> None:
    """100 MB of sound in 100 kB: a thousand seconds, if it were unpacked."""
    path = tmp_path / "bomb.mkv"
    path.write_bytes(crafted.zlib_bomb(100 << 20))
    outcome = await ends_well(tools, path)
    assert isinstance(outcome, errors.Refused) or outcome.duration < 60


async def test_attachments_are_left_alone(tools: Tools, tmp_path: Path, short: Path) -> None:
    letter, path = tmp_path / "letter.txt", tmp_path / "lecture.mkv"
    letter.write_text("#EXTM3U\nfile:///etc/passwd\n")
    attached = ("-attach", str(letter), "-metadata:s:t", "mimetype=application/x-mpegurl")
    clips.ffmpeg("-i", str(short), *attached, "-c", "copy", str(path))
    assert (await probe(tools, path)).duration == pytest.approx(2.5, abs=0.1)


async def test_dozens_of_sound_tracks_are_no_burden(
    tools: Tools, tmp_path: Path, hushed: Path
) -> None:
    path = tmp_path / "many.mkv"
    mapped = ("-map", "0:v", *crafted.of_streams(80))
    clips.ffmpeg("-i", str(hushed), *mapped, "-c", "copy", str(path))
    async with asyncio.timeout(LONGEST_SECONDS):
        source = await probe(tools, path)
    assert source.audio is not None
    assert source.audio.silent


async def test_subtitles_alone_are_no_lecture(tools: Tools, tmp_path: Path) -> None:
    words, path = tmp_path / "words.srt", tmp_path / "words.mkv"
    words.write_text("1\n00:00:00,000 --> 00:00:09,000\nGood morning\n")
    clips.ffmpeg("-i", str(words), str(path))
    with pytest.raises(errors.NoVideoOrAudio):
        await probe(tools, path)


async def test_a_recording_of_no_stated_length_with_an_endless_tail_ends(
    tools: Tools, tmp_path: Path, short: Path
) -> None:
    path = tmp_path / "live.mkv"
    with path.open("wb") as file:
        clips.ffmpeg("-i", str(short), "-c", "copy", "-f", "matroska", "pipe:1", into=file)
        file.truncate(64 << 20)  # zeros to the end
    await ends_well(tools, path)


async def ends_well(tools: Tools, path: Path) -> Source | errors.Refused:
    """Facts or a reason, never our own fault and never a wait."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await probe(tools, path)
    except errors.Refused as refused:
        return refused


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi", "ts", "ogg", "wmv", "flv", "mp3"])
async def test_scribbling_over_a_file_never_blames_the_machine(
    tools: Tools, tmp_path: Path, short: Path, suffix: str
) -> None:
    path = tmp_path / f"whole.{suffix}"
    clips.ffmpeg("-i", str(short), str(path))
    whole = path.read_bytes()
    for seed in range(2):
        path.write_bytes(crafted.scribbled(whole[:4096], seed) + whole[4096:])
        await ends_well(tools, path)
        path.write_bytes(crafted.scribbled(whole, seed, len(whole) // 500))
        await ends_well(tools, path)
