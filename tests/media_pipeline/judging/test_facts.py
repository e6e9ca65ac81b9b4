"""What ffprobe says of a stream, and what we take it to mean."""

import pytest

from media_pipeline.judging import facts
from media_pipeline.judging.packets import PacketEnds
from media_pipeline.judging.source import Matrix
from media_pipeline.judging.streams import Report, SideData, Stream


def video(**said: object) -> Stream:
    return Stream(**{"index": 0, "codec_type": "video", "width": 1280, "height": 720, **said})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stream", "meant"),
    [
        pytest.param(video(), Matrix.BT709, id="an HD picture that says nothing"),
        pytest.param(video(width=640, height=480), Matrix.BT601, id="a small one"),
        pytest.param(video(color_space="smpte170m"), Matrix.BT601, id="stated television"),
        pytest.param(video(color_transfer="smpte2084"), Matrix.BT2020, id="HDR without a matrix"),
        pytest.param(video(pix_fmt="rgb24"), Matrix.RGB, id="a screen recorder's RGB"),
    ],
)
def test_colours_are_read_as_they_were_written(stream: Stream, meant: Matrix) -> None:
    assert facts.matrix(stream) is meant


@pytest.mark.parametrize(
    ("pixel_format", "depth"),
    [("yuv420p", 8), ("yuv420p10le", 10), ("yuv422p12be", 12), ("gbrp10le", 10), ("nv12", 8)],
)
def test_the_bit_depth_is_that_of_the_pixels(pixel_format: str, depth: int) -> None:
    assert facts.bit_depth(video(pix_fmt=pixel_format)) == depth


def test_a_turned_picture_s_size_is_as_shown() -> None:
    turned = facts.video_facts(video(side_data_list=[SideData(rotation=90)]), 1.0)
    assert (turned.width, turned.height) == (720, 1280)


def test_only_dolby_vision_without_a_standard_picture_is_beyond_us() -> None:
    alone = SideData(dv_profile=5, dv_bl_signal_compatibility_id=0)
    beside = SideData(dv_profile=8, dv_bl_signal_compatibility_id=1)
    assert facts.needs_dolby_vision(video(side_data_list=[alone]))
    assert not facts.needs_dolby_vision(video(side_data_list=[beside]))
    assert not facts.needs_dolby_vision(video())


def test_packets_without_lengths_end_where_the_stream_says() -> None:
    ends = PacketEnds()
    for line in ("0,0.000000,N/A,N/A", "0,1.950000,N/A,N/A", "1,N/A,0.5,0.040000"):
        ends.take(line)
    report = Report(streams=[Stream(index=0, duration="3.684")])
    assert ends.from_start(0.0, report) == {0: 3.684, 1: 0.54}


def test_the_track_marked_default_comes_first() -> None:
    sound = {"codec_type": "audio", "channels": 1, "sample_rate": "48000"}
    first, second = Stream(index=1, **sound), Stream(index=2, disposition={"default": 1}, **sound)  # type: ignore[arg-type]
    assert [track.index for track in Report(streams=[first, second]).audios] == [2, 1]
