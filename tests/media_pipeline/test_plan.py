"""The ladder's rules, over every source hypothesis can think of."""

from fractions import Fraction

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.judging.source import AudioFacts, Motion, Source, VideoFacts
from media_pipeline.plan import (
    AUDIO_ONLY_LIMIT,
    LEAST_RATE,
    LONGEST_SIDE,
    LOW_LINE,
    MOST_TILES,
    Chunk,
    Codec,
    Ladder,
    Plan,
    Rung,
    Wishes,
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
    ends_at=st.floats(1, 21_600),
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
    video: VideoFacts | None,
    audio: AudioFacts | None,
    motion: Motion = Motion.CAMERA,
    container: str = "mov,mp4,m4a,3gp,3g2,mj2",
) -> Source:
    return Source(
        container=container,
        size_bytes=1,
        duration=max(facts.ends_at for facts in (video, audio) if facts),
        video=video,
        audio=audio,
        motion=motion,
    )


motions = st.sampled_from(list(Motion))
filmed = st.builds(make_source, videos, st.none() | sounds, motions)
sources = filmed | st.builds(make_source, st.none(), sounds)
wishes = st.builds(Wishes, av1=st.booleans(), encrypt=st.booleans())
plans = st.builds(plan, sources, wishes, chunk_seconds=st.floats(60, 900))


def peak(rung: Rung) -> float:
    quality = rung.quality
    return (quality.max_rate * WORST_STRETCH + quality.buffer) / WORST_STRETCH


def base_rungs(chosen: Plan) -> list[Rung]:
    return [rung for rung in chosen.rungs if not rung.optional]


def video_of(source: Source) -> VideoFacts:
    assert source.video is not None
    return source.video


def usual(width: int, height: int, motion: Motion, rate: str = "30/1") -> Plan:
    video = VideoFacts(
        index=0, codec="h264", width=width, height=height, frame_rate=rate, ends_at=60
    )
    return plan(make_source(video, None, motion))


@given(plans)
def test_a_learner_with_300_kilobits_can_always_watch(chosen: Plan) -> None:
    sound = chosen.sound.bit_rate if chosen.sound else 0
    assert min(peak(rung) for rung in base_rungs(chosen)) + sound <= LOW_LINE
    assert sound <= AUDIO_ONLY_LIMIT


@given(filmed, wishes)
def test_nothing_is_ever_enlarged(source: Source, wished: Wishes) -> None:
    for rung in plan(source, wished).rungs:
        assert rung.width <= video_of(source).width
        assert rung.height <= video_of(source).height
        assert max(rung.width, rung.height) <= LONGEST_SIDE


@given(plans)
def test_every_side_is_even(chosen: Plan) -> None:
    sizes = {(rung.width, rung.height) for rung in chosen.rungs}
    if chosen.storyboard is not None:
        sizes.add((chosen.storyboard.width, chosen.storyboard.height))
    assert all(side % 2 == 0 < side for size in sizes for side in size)


@given(filmed)
def test_portrait_stays_portrait_and_shapes_are_kept(source: Source) -> None:
    width, height = video_of(source).width, video_of(source).height
    for rung in plan(source).rungs:
        assert (rung.width >= rung.height) or width <= height
        # A side loses less than two pixels to evenness, and so may the other.
        assert abs(rung.width * height - rung.height * width) <= 2 * max(width, height) + 4


@given(plans)
def test_rungs_descend_and_have_names_of_their_own(chosen: Plan) -> None:
    assert len({rung.name for rung in chosen.rungs}) == len(chosen.rungs)
    rungs = base_rungs(chosen)
    assert list(chosen.rungs[: len(rungs)]) == rungs
    pixels = [rung.width * rung.height for rung in rungs]
    assert pixels == sorted(pixels, reverse=True)
    ceilings = [rung.quality.max_rate for rung in rungs]
    assert ceilings == sorted(ceilings, reverse=True)


@given(plans)
def test_key_pictures_of_all_rungs_fall_together_and_fill_segments(chosen: Plan) -> None:
    (group,) = {rung.gop / rung.rate for rung in chosen.rungs}
    assert chosen.segment % group == 0 < chosen.segment
    assert chosen.segment_seconds == float(chosen.segment)


@given(plans)
def test_chunks_tile_the_whole_lecture_on_segment_boundaries(chosen: Plan) -> None:
    assert [chunk.number for chunk in chosen.chunks] == [*range(len(chosen.chunks))]
    edges = [chunk.starts_at for chunk in chosen.chunks]
    assert [chunk.ends_at for chunk in chosen.chunks] == [*edges[1:], None]
    assert edges[0] == 0
    for edge in edges:
        assert edge % chosen.segment == 0
        assert all((edge * rung.rate).denominator == 1 for rung in chosen.rungs)


@given(filmed, st.floats(60, 900))
def test_every_chunk_has_pictures_and_the_last_is_no_sliver(
    source: Source, chunk_seconds: float
) -> None:
    chosen = plan(source, chunk_seconds=chunk_seconds)
    if len(chosen.chunks) == 1:
        return
    assert source.duration > 2 * chunk_seconds
    piece, last = chosen.chunks[1].starts_at, chosen.chunks[-1]
    assert Fraction(video_of(source).ends_at) - last.starts_at >= piece / 2
    for chunk in chosen.chunks:
        assert chosen.timeout_of(chunk) <= chosen.encode_timeout


@given(filmed, wishes)
def test_av1_comes_only_when_asked_for_and_never_alone(source: Source, wished: Wishes) -> None:
    chosen = plan(source, wished)
    extra = [rung for rung in chosen.rungs if rung.optional]
    assert bool(extra) == (wished.av1 and chosen.ladder is not Ladder.CAMERA)
    assert {rung.codec for rung in base_rungs(chosen)} == {Codec.H264}
    for rung in extra:
        top = chosen.rungs[0]
        assert rung.codec is Codec.AV1
        assert (rung.width, rung.height, rung.rate) == (top.width, top.height, top.rate)
        assert rung.quality.max_rate <= top.quality.max_rate


@given(sources, wishes)
def test_what_is_taken_along_is_a_rung_that_is_always_there(source: Source, wished: Wishes) -> None:
    chosen = plan(source, wished)
    assert (chosen.offline is None) == wished.encrypt
    if chosen.offline is not None:
        assert chosen.offline.rung in {rung.name for rung in base_rungs(chosen)}
        assert chosen.offline.sound == (source.audio is not None)


@given(sources)
def test_a_storyboard_stays_small_however_long_the_lecture(source: Source) -> None:
    board = plan(source).storyboard
    assert (board is None) == (source.video is None)
    if board is not None:
        assert source.duration / board.interval <= MOST_TILES
        assert board.width <= video_of(source).width
        assert max(board.width, board.height) <= 320


@given(plans)
def test_a_plan_travels_as_json(chosen: Plan) -> None:
    assert msgspec.json.decode(msgspec.json.encode(chosen), type=Plan) == chosen


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


def long_lecture(container: str, seconds: float, ends_at: float | None = None) -> Source:
    video = VideoFacts(index=0, codec="h264", width=1280, height=720, ends_at=ends_at or seconds)
    voice = AudioFacts(index=1, codec="aac", channels=1, sample_rate=48_000, ends_at=seconds)
    return make_source(video, voice, Motion.SLIDES, container)


def test_a_long_lecture_is_cut_into_pieces_of_five_minutes() -> None:
    chunks = plan(long_lecture("mov,mp4", 1900)).chunks
    assert chunks[:2] == (Chunk(0, "0/1", "300/1"), Chunk(1, "300/1", "600/1"))
    assert chunks[-1] == Chunk(5, "1500/1", None)
    assert len(plan(long_lecture("mov,mp4", 600)).chunks) == 1


def test_pieces_of_the_ntsc_rate_end_exactly_on_a_picture() -> None:
    video = VideoFacts(
        index=0, codec="h264", width=640, height=480, frame_rate="30000/1001", ends_at=1000
    )
    chunks = plan(make_source(video, None)).chunks
    assert chunks[1].starts_at == 50 * Fraction(180 * 1001, 30_000)


def test_a_file_that_cannot_be_sought_is_one_piece() -> None:
    assert len(plan(long_lecture("mpeg", 4000)).chunks) == 1


def test_one_picture_under_an_hour_of_sound_is_one_piece() -> None:
    assert len(plan(long_lecture("mov,mp4", 3600, ends_at=0.04)).chunks) == 1


def test_slides_with_a_speaker_keep_their_pixels_at_half_the_rate() -> None:
    chosen = usual(1920, 1080, Motion.MIXED)
    assert [rung.name for rung in chosen.rungs] == ["1080p", "720p"]
    assert [rung.frame_rate for rung in chosen.rungs] == ["15/1", "15/2"]


def test_a_small_picture_with_some_motion_is_filmed() -> None:
    assert usual(640, 480, Motion.MIXED).ladder is Ladder.CAMERA


def test_a_camera_is_taken_along_in_480_lines_and_slides_in_the_lowest_rung() -> None:
    camera, slides = (usual(1920, 1080, motion) for motion in (Motion.CAMERA, Motion.SLIDES))
    assert camera.offline is not None
    assert slides.offline is not None
    assert (camera.offline.rung, slides.offline.rung) == ("480p", "720p")
