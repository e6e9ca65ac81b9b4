"""The checker against real packages: silent about good ones, and each planted fault is found
under the very rule that it breaks."""

from pathlib import Path

import pytest

from infra.ids import uuid7
from media_pipeline.captions import hls
from media_pipeline.captions.domain import TrackFacts
from media_pipeline.domain import Shortcoming
from media_pipeline.packaging import check
from media_pipeline.packaging.advice import advice_on
from media_pipeline.packaging.check import RULES, Finding, Severity
from media_pipeline.packaging.check.findings import finding
from media_pipeline.packaging.check.loudness import loudness_faults
from media_pipeline.packaging.manifest import Package
from media_pipeline.packaging.reading import FolderFiles
from media_pipeline.plan import NO_WISHES
from media_pipeline.running.tools import Tools
from media_pipeline.transcode import (
    encode_chunk,
    encode_voice,
    finish,
    join_chunks,
    prepare,
)
from tests.media_pipeline import clips
from tests.media_pipeline.packaging import faults
from tests.media_pipeline.packaging.conftest import KEY
from tests.media_pipeline.packaging.held import HeldFiles, held
from tests.media_pipeline.packaging.making import SECONDS
from tests.media_pipeline.packaging.planting import Plant, rewrite, together

PLANTED = faults.APPLE | faults.RFC | faults.OWN
# Found by planting into another package than the camera's, or by another test.
ELSEWHERE = {"Apple 1.12", "Apple 2.3", "Apple 2.18", "Apple 7.6", "Apple 9.13"}
Held = dict[str, dict[str, bytes]]


def inspected(contents: dict[str, bytes], key: bytes | None = None) -> list[Finding]:
    return check.inspect(HeldFiles(contents), SECONDS, key)


def rules(found: list[Finding]) -> set[str]:
    return {fault.rule for fault in found}


@pytest.mark.parametrize("kind", ["camera", "portrait", "silent", "spoken", "av1"])
def test_a_good_package_has_no_fault(kind: str, held_packages: Held) -> None:
    assert inspected(held_packages[kind]) == []


def test_a_good_encrypted_package_has_no_fault(held_packages: Held) -> None:
    assert inspected(held_packages["encrypted"], KEY) == []
    assert inspected(held_packages["encrypted"]) == []


def test_a_whole_lecture_s_package_has_no_fault(slide_package: Package) -> None:
    assert check.find_faults(slide_package.folder, 7.0) == []
    assert check.describe(check.of_folder(slide_package.folder)) == "no fault found"


def test_captions_and_a_storyboard_are_no_fault(held_packages: Held) -> None:
    contents = dict(held_packages["camera"])
    together(faults.with_captions, faults.with_storyboard)(contents)
    contents["offline/lecture.mp4"] = faults.MP4
    assert inspected(contents) == []


def test_the_captions_that_are_added_at_play_time_are_no_fault(held_packages: Held) -> None:
    vtt = "WEBVTT\n\n00:00:01.000 --> 00:00:09.000\n审核发现\n"
    track = TrackFacts(
        id=uuid7(), lecture_id=uuid7(), language="zh-Hans", label="简体", sha256="", vtt=vtt
    )
    contents = dict(held_packages["camera"])
    master = contents["master.m3u8"].decode()
    contents["master.m3u8"] = hls.with_captions(master, [track]).encode()
    playlist = hls.playlist_name(track.language)
    contents[playlist] = hls.captions_playlist(track, SECONDS).encode()
    segment = playlist.replace(hls.INDEX, hls.segment_name(1))
    contents[segment] = hls.captions_segment(track, 1).encode()
    assert inspected(contents) == []


async def test_a_lecture_joined_from_chunks_has_no_fault(tools: Tools, tmp_path: Path) -> None:
    """29.97 pictures a second, so that nothing ends on a whole second."""
    source = clips.clip(tmp_path / "long.mp4", size="160x120", rate="30000/1001", seconds=20)
    for name in ("encoded", "package"):
        (tmp_path / name).mkdir()
    prepared = await prepare(tools, source, NO_WISHES, chunk_seconds=6)
    folders = [tmp_path / str(chunk.number) for chunk in prepared.plan.chunks]
    assert len(folders) > 2
    for chunk, folder in zip(prepared.plan.chunks, folders, strict=True):
        folder.mkdir()
        await encode_chunk(tools, source, prepared, chunk, folder, lambda _: None)
    await encode_voice(tools, source, prepared, tmp_path / "encoded", lambda _: None)
    await join_chunks(tools, prepared, folders, tmp_path / "encoded")
    await finish(tools, prepared, tmp_path, lambda _: None)
    files = FolderFiles(tmp_path / "package")
    assert check.inspect(files, prepared.source.duration) == []


@pytest.mark.parametrize(("rule", "plant"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_fault_is_found(held_packages: Held, rule: str, plant: Plant) -> None:
    contents = dict(held_packages["camera"])
    plant(contents)
    assert rule in rules(inspected(contents))


@pytest.mark.parametrize(("rule", "plant"), faults.SEALED.values(), ids=faults.SEALED.keys())
def test_a_fault_of_encryption_is_found(held_packages: Held, rule: str, plant: Plant) -> None:
    contents = dict(held_packages["encrypted"])
    plant(contents)
    assert rule in rules(inspected(contents, KEY))


def test_another_key_is_a_fault(held_packages: Held) -> None:
    assert "RFC 4.3.2.4" in rules(inspected(held_packages["encrypted"], bytes(16)))


def test_a_bandwidth_without_the_sound_is_a_fault(held_packages: Held) -> None:
    contents = dict(held_packages["portrait"])
    pattern = r":BANDWIDTH=\d+(?=.*RESOLUTION=90x160)"
    rewrite("master.m3u8", pattern, f":BANDWIDTH={_picture_peak(contents)}")(contents)
    assert "Apple 9.13" in rules(inspected(contents))


def _picture_peak(contents: dict[str, bytes]) -> int:
    text = contents["master.m3u8"].decode()
    declared = [int(part.partition(",")[0]) for part in text.split("INF:BANDWIDTH=")[1:]]
    return declared[0] - declared[1]


def test_a_lecture_in_av1_alone_is_a_fault(held_packages: Held) -> None:
    contents = dict(held_packages["av1"])
    for pattern in (r"(?m)^#EXT-X-STREAM-INF.*avc1.*\n.*\n", r"(?m)^#EXT-X-I-FRAME.*avc1.*\n"):
        rewrite("master.m3u8", pattern, "")(contents)
    assert "Apple 1.12" in rules(inspected(contents))


def test_sound_in_another_codec_than_aac_is_a_fault(held_packages: Held) -> None:
    contents = dict(held_packages["camera"])
    contents["audio/init.mp4"] = contents["audio/init.mp4"].replace(b"mp4a\0\0", b"Opus\0\0")
    assert "Apple 2.3" in rules(inspected(contents))


def test_short_segments_are_no_fault_that_keeps_a_lecture_back(held_packages: Held) -> None:
    """Joining the last two would be better; a lecture with it plays."""
    contents = dict(held_packages["camera"])
    for name in ("180p/index.m3u8", "90p/index.m3u8", "audio/index.m3u8"):
        text = contents[name].decode()
        blocks = text.partition("#EXTINF")
        first, second, third = (
            "#EXTINF" + part for part in (blocks[1] + blocks[2]).split("#EXTINF")[1:]
        )
        end = "#EXT-X-ENDLIST\n"
        moved = blocks[0] + third.removesuffix(end) + first + second + end
        contents[name] = moved.encode()
    found = [fault for fault in inspected(contents) if fault.rule == "Apple 7.6"]
    assert {fault.severity for fault in found} == {Severity.SHOULD}


def test_half_a_lecture_is_a_fault_in_every_rendition(slide_package: Package) -> None:
    found = check.find_faults(slide_package.folder, 14.0)
    assert {fault.where for fault in found if fault.rule == "Own length"} == {
        "720p/index.m3u8",
        "720p/iframes.m3u8",
        "audio/index.m3u8",
    }


def test_only_grave_faults_keep_a_package_back(slide_package: Package, tmp_path: Path) -> None:
    contents = held(slide_package.folder)
    rewrite("master.m3u8", "#EXT-X-INDEPENDENT-SEGMENTS\n", "")(contents)
    rewrite("720p/index.m3u8", "#EXT-X-MAP", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP")(contents)
    for path, content in contents.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    assert check.find_faults(tmp_path, 7.0) == []
    found = check.inspect(HeldFiles(contents), 7.0)
    where, what = "master.m3u8", "has no EXT-X-INDEPENDENT-SEGMENTS"
    assert check.shortcomings(found) == (Shortcoming("Apple 9.11", 1, where, what),)
    said = check.describe(found)
    assert said == "should [Apple 9.11] master.m3u8 has no EXT-X-INDEPENDENT-SEGMENTS"


def test_a_shortcoming_of_many_files_is_told_once_and_grave_faults_are_none() -> None:
    found = [finding("Apple 7.6", f"{n}.m4s", f"lasts {n} s") for n in range(3)]
    told = check.shortcomings([finding("Own poster", "poster.jpg", "is no JPEG"), *found])
    assert told == (Shortcoming("Apple 7.6", 3, "0.m4s", "lasts 0 s"),)


def test_an_author_reads_of_every_rule_that_may_be_broken() -> None:
    lesser = [rule for rule, held in RULES.items() if held.severity is Severity.SHOULD]
    for rule in (*lesser, "Apple 9.21", "Apple 8.3", "Apple 8.22"):
        said = advice_on(rule)
        assert said.zh.endswith("。")
        assert said.en.endswith(".")
        assert rule == "Apple 1.10" or said != advice_on("any other"), rule


@pytest.mark.parametrize(
    ("integrated", "peak", "count"),
    [(-16.4, -1.0, 0), (-16.6, -3.0, 1), (-15.4, -3.0, 1), (-16.0, -0.5, 1), (-9.0, 0.0, 2)],
)
def test_sound_that_stands_out_is_reported(integrated: float, peak: float, count: int) -> None:
    found = loudness_faults("audio", integrated, peak)
    assert [fault.rule for fault in found] == ["Apple 2.18"] * count


def test_every_rule_is_shown_to_find_its_fault() -> None:
    shown = {rule for rule, _ in (PLANTED | faults.SEALED).values()}
    assert set(RULES) - shown == ELSEWHERE


def test_every_rule_is_explained() -> None:
    page = Path(__file__).parents[3] / "docs" / "hls-rules.md"
    explained = page.read_text()
    assert [rule for rule in RULES if f"| {rule} |" not in explained] == []
