"""An encode fits into its memory, at the price of threads first, then of looking ahead."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.encoding.means import LEAST, Means, Thrift, estimated_mb, within
from media_pipeline.judging.source import Motion, Source, VideoFacts
from media_pipeline.plan import plan

VIDEO = VideoFacts(index=0, codec="h264", width=1920, height=1080, frame_rate="30/1", ends_at=60)
SLIDES = Source(
    container="mov", size_bytes=1, duration=60, video=VIDEO, audio=None, motion=Motion.SLIDES
)
# As they were measured.
RUNGS = tuple(msgspec.structs.replace(rung, preset="fast") for rung in plan(SLIDES).rungs)
CHOSEN = msgspec.structs.replace(plan(SLIDES), rungs=RUNGS)


def of_slides(thrift: Thrift) -> float:
    return estimated_mb(SLIDES, CHOSEN, CHOSEN.rungs, thrift)


@pytest.mark.parametrize(
    ("thrift", "measured"),
    [
        (Thrift(1), 508),
        (Thrift(2), 589),
        (Thrift(8), 807),
        (Thrift(16), 1105),
        (Thrift(1, 10), 309),
    ],
)
def test_the_estimate_lies_near_what_was_measured(thrift: Thrift, measured: float) -> None:
    """1080p slides, ffmpeg 9, resident at its largest; rather too much than too little."""
    assert 0.95 * measured <= of_slides(thrift) <= 1.3 * measured


@given(memory=st.integers(512, 65_536), threads=st.integers(1, 256))
def test_what_is_chosen_fits_or_is_the_least(memory: int, threads: int) -> None:
    means = Means(threads=threads, memory_mb=memory)
    thrift = within(means, SLIDES, CHOSEN, CHOSEN.rungs)
    assert thrift == LEAST or of_slides(thrift) <= memory
    assert thrift.threads <= threads


def test_threads_go_first_then_the_look_ahead() -> None:
    choices = [
        within(Means(threads=16, memory_mb=memory), SLIDES, CHOSEN, CHOSEN.rungs)
        for memory in (4096, 1024, 512)
    ]
    assert choices[0] == Thrift(16)
    assert choices[1].threads < 16
    assert choices[1].lookahead is None
    assert choices[2].lookahead is not None


def test_an_8k_picture_in_hdr_needs_more_than_a_plain_one() -> None:
    grand = msgspec.structs.replace(
        VIDEO, width=7680, height=4320, transfer="smpte2084", bit_depth=10
    )
    source = msgspec.structs.replace(SLIDES, video=grand)
    chosen = plan(source)
    assert chosen.tone_map
    assert estimated_mb(source, chosen, chosen.rungs, LEAST) > 2 * of_slides(LEAST)
