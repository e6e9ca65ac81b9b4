"""One stream of ffprobe's answer -> facts. Pure."""

from fractions import Fraction
from typing import Literal, cast

from media_pipeline.judging.source import (
    HDR_TRANSFERS,
    INTERLACED_ORDERS,
    AudioFacts,
    Matrix,
    VideoFacts,
)
from media_pipeline.judging.streams import Stream

HIGHEST_RATE = 120
FALLBACK_RATE = Fraction(25)
# ITU-T H.273 by ffmpeg's names. An unknown matrix of a small picture is that of television.
MATRICES = {
    "bt709": Matrix.BT709,
    "smpte170m": Matrix.BT601,
    "bt470bg": Matrix.BT601,
    "fcc": Matrix.BT601,
    "bt2020nc": Matrix.BT2020,
    "bt2020c": Matrix.BT2020,
    "gbr": Matrix.RGB,
}
HD_SIDES = (1280, 720)  # either makes it HD
DEPTHS = {"9": 9, "10": 10, "12": 12, "14": 14, "16": 16}


def _rate(text: str) -> Fraction | None:
    over, _, under = text.partition("/")
    if not (over.isdigit() and under.isdigit() and int(over) and int(under)):
        return None
    rate = Fraction(int(over), int(under))
    return rate if rate <= HIGHEST_RATE else None


def frame_rate(stream: Stream) -> tuple[Fraction, bool]:
    """Average rate and whether it varies: phones and screen recorders drop frames at rest."""
    nominal, average = _rate(stream.r_frame_rate), _rate(stream.avg_frame_rate)
    rate = average or nominal or FALLBACK_RATE
    varies = nominal is None or abs(nominal - rate) / rate > Fraction(1, 100)
    return rate, varies


def rotation(stream: Stream) -> Literal[0, 90, 180, 270]:
    angle = next((side.rotation for side in stream.side_data_list if side.rotation), 0.0)
    return cast(Literal[0, 90, 180, 270], round(angle / 90) * 90 % 360)


def shown_size(stream: Stream) -> tuple[int, int]:
    over, _, under = stream.sample_aspect_ratio.partition(":")
    aspect = Fraction(int(over), int(under)) if over.isdigit() and int(under or 0) else Fraction(1)
    width = round(stream.width * aspect) if Fraction(1, 8) < aspect < 8 else stream.width
    turned = rotation(stream) in (90, 270)
    return (stream.height, width) if turned else (width, stream.height)


def matrix(stream: Stream) -> Matrix:
    if stream.pix_fmt.startswith(("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "pal8")):
        return Matrix.RGB
    if stream.color_space in MATRICES:
        return MATRICES[stream.color_space]
    if stream.color_transfer in HDR_TRANSFERS:
        return Matrix.BT2020
    hd = stream.width >= HD_SIDES[0] or stream.height >= HD_SIDES[1]
    return Matrix.BT709 if hd else Matrix.BT601


def bit_depth(stream: Stream) -> int:
    """From the pixel format's name (`yuv420p10le`): `bits_per_raw_sample` is often left out."""
    digits = stream.pix_fmt.removesuffix("le").removesuffix("be").rpartition("p")[2]
    return DEPTHS.get(digits) or DEPTHS.get(stream.bits_per_raw_sample, 8)


def needs_dolby_vision(stream: Stream) -> bool:
    """Profile 5's colours mean nothing to a decoder that does not know it; other profiles carry a
    picture that any decoder shows."""
    return any(
        side.dv_profile is not None and side.dv_bl_signal_compatibility_id == 0
        for side in stream.side_data_list
    )


def video_facts(stream: Stream, ends_at: float) -> VideoFacts:
    rate, varies = frame_rate(stream)
    width, height = shown_size(stream)
    return VideoFacts(
        index=stream.index,
        codec=stream.codec_name,
        width=width,
        height=height,
        rotation=rotation(stream),
        frame_rate=f"{rate.numerator}/{rate.denominator}",
        variable_rate=varies,
        interlaced=stream.field_order in INTERLACED_ORDERS,
        transfer=stream.color_transfer,
        matrix=matrix(stream),
        bit_depth=bit_depth(stream),
        pixel_format=stream.pix_fmt,
        ends_at=ends_at,
    )


def audio_facts(stream: Stream, ends_at: float) -> AudioFacts:
    return AudioFacts(
        index=stream.index,
        codec=stream.codec_name,
        channels=stream.channels,
        layout=stream.channel_layout,
        sample_rate=int(stream.sample_rate),
        ends_at=ends_at,
    )
