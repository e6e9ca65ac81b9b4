"""The ladder's rules, over every source hypothesis can think of."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.judging.source import AudioFacts, Motion, Source, VideoFacts
from media_pipeline.plan import (
    AUDIO_ONLY_LIMIT,
    LEAST_RATE,
    LONGEST_SIDE,
    LOW_LINE,
    Ladder,
    Plan,
    Rung,
    plan,
)

RATES = ["24/1", "25/1", "30/1", "30000/1001", "24000/1001", "50/1", "60/1", "60000/1001", "10/1"]
WORST_STRETCH = 3  # seconds: half a segment, the shortest run that counts for a peak

rates = st.sampled_from(RATES) | st.fractions(
    Fraction(1, 4), Fraction(120), max_denominator=1001
).map(lambda rate: f"{rate.numerator}/{rate.denominator}")
videos = st.builds(
    VideoFacts,
    index=st.just(0),
    codec=st.just("h264"),
    width=st.integers(16, 7680),
    height=st.integers(16, 4320),
    frame_rate=rates,
    variable_rate=st.booleans(),
    interlaced=st.booleans(),
    transfer=st.sampled_from(["", "bt709", "smpte2084", "arib-std-b67"]),
    ends_at=st.floats(1, 7200),
)
sounds = st.builds(
    AudioFacts,
    index=st.just(1),
    codec=st.just("aac"),
    channels=st.integers(1, 8),
    sample_rate=st.sampled_from([8000, 44_100, 48_000, 96_000]),
    ends_at=st.floats(1, 7200),
)


def make_source(
    video: VideoFacts | None, audio: AudioFacts | None, motion: Motion = Motion.CAMERA
) -> Source:
    ends = [facts.ends_at for facts in (video, audio) if facts]
    return Source(
        container="mov", size_bytes=1, duration=max(ends), video=video, audio=audio, motion=motion
    )


motions = st.sampled_from(list(Motion))
filmed = st.builds(make_source, videos, st.none() | sounds, motions)
sources = filmed | st.builds(make_source, st.none(), sounds)


def peak(rung: Rung) -> float:
    quality = rung.quality
    return (quality.max_rate * WORST_STRETCH + quality.buffer) / WORST_STRETCH


def video_of(source: Source) -> VideoFacts:
    assert source.video is not None
    return source.video


def usual(width: int, height: int, motion: Motion, rate: str = "30/1") -> Plan:
    video = VideoFacts(
        index=0, codec="h264", width=width, height=height, frame_rate=rate, ends_at=60
    )
    return plan(make_source(video, None, motion))


@given(sources)
def test_a_learner_with_300_kilobits_can_always_watch(source: Source) -> None:
    chosen = plan(source)
    sound = chosen.sound.bit_rate if chosen.sound else 0
    assert min(peak(rung) for rung in chosen.rungs) + sound <= LOW_LINE
    assert sound <= AUDIO_ONLY_LIMIT


@given(filmed)
def test_nothing_is_ever_enlarged(source: Source) -> None:
    for rung in plan(source).rungs:
        assert rung.width <= video_of(source).width
        assert rung.height <= video_of(source).height
        assert max(rung.width, rung.height) <= LONGEST_SIDE


@given(sources)
def test_every_side_is_even(source: Source) -> None:
    for rung in plan(source).rungs:
        assert rung.width % 2 == 0 < rung.width
        assert rung.height % 2 == 0 < rung.height


@given(filmed)
def test_portrait_stays_portrait_and_shapes_are_kept(source: Source) -> None:
    width, height = video_of(source).width, video_of(source).height
    for rung in plan(source).rungs:
        assert (rung.width >= rung.height) or width <= height
        # A side loses less than two pixels to evenness, and so may the other.
        assert abs(rung.width * height - rung.height * width) <= 2 * max(width, height) + 4


@given(sources)
def test_rungs_descend_and_have_names_of_their_own(source: Source) -> None:
    rungs = plan(source).rungs
    assert len({rung.name for rung in rungs}) == len(rungs)
    pixels = [rung.width * rung.height for rung in rungs]
    assert pixels == sorted(pixels, reverse=True)
    ceilings = [rung.quality.max_rate for rung in rungs]
    assert ceilings == sorted(ceilings, reverse=True)


@given(sources)
def test_key_pictures_of_all_rungs_fall_together_and_fill_segments(source: Source) -> None:
    chosen = plan(source)
    groups = {rung.gop / rung.rate for rung in chosen.rungs}
    assert len(groups) == 1
    count = Fraction(chosen.segment_seconds).limit_denominator(10_000) / groups.pop()
    assert abs(count - round(count)) < Fraction(1, 100)
    assert round(count) >= 1


@given(sources)
def test_no_rung_shows_more_pictures_than_the_source_or_than_thirty(source: Source) -> None:
    for rung in plan(source).rungs:
        assert rung.rate <= 30
        if source.video is not None:
            assert rung.rate <= max(LEAST_RATE, source.video.rate + Fraction(1, 2))


@given(sources)
def test_the_last_picture_stands_as_long_as_the_sound_goes_on(source: Source) -> None:
    chosen = plan(source)
    if source.video is not None:
        assert chosen.hold_seconds == source.duration - source.video.ends_at
    assert chosen.encode_timeout > source.duration


@given(filmed)
def test_a_silent_lecture_stays_silent_and_a_spoken_one_is_heard(source: Source) -> None:
    sound = plan(source).sound
    assert (sound is None) == (source.audio is None)
    if sound is not None and source.audio is not None:
        assert sound.channels <= source.audio.channels


def test_full_hd_slides_keep_their_pixels_and_lose_their_frames() -> None:
    chosen = usual(1920, 1080, Motion.SLIDES)
    assert [rung.name for rung in chosen.rungs] == ["1080p", "720p"]
    assert {rung.frame_rate for rung in chosen.rungs} == {"5/1"}
    assert {rung.gop for rung in chosen.rungs} == {30}


def test_a_full_hd_camera_gets_the_camera_ladder() -> None:
    chosen = usual(1920, 1080, Motion.CAMERA)
    assert [rung.name for rung in chosen.rungs] == ["1080p", "720p", "480p", "360p"]
    assert [rung.frame_rate for rung in chosen.rungs] == ["30/1", "30/1", "30/1", "15/1"]


def test_a_phone_held_upright_gets_upright_rungs() -> None:
    sizes = [(rung.width, rung.height) for rung in usual(1080, 1920, Motion.CAMERA).rungs]
    assert sizes == [(1080, 1920), (720, 1280), (480, 852), (360, 640)]


def test_a_size_between_two_rungs_keeps_a_rung_of_its_own() -> None:
    assert usual(1600, 920, Motion.CAMERA).rungs[0].name == "920p"
    assert usual(1280, 740, Motion.CAMERA).rungs[0].name == "720p"


def test_sixty_frames_become_thirty_and_the_ntsc_rate_stays_exact() -> None:
    assert usual(1280, 720, Motion.CAMERA, "60/1").full_rate == "30/1"
    assert usual(1280, 720, Motion.CAMERA, "60000/1001").full_rate == "30000/1001"


def test_sound_alone_gets_a_card_to_look_at() -> None:
    voice = AudioFacts(index=0, codec="mp3", channels=2, sample_rate=44_100, ends_at=100)
    chosen = plan(make_source(None, voice))
    assert chosen.ladder is Ladder.CARD
    assert len(chosen.rungs) == 1
