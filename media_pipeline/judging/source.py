"""What a lecture file really holds: the facts every later step decides by."""

from enum import StrEnum
from fractions import Fraction
from typing import Literal

import msgspec

HDR_TRANSFERS = {"smpte2084", "arib-std-b67"}
SILENCE_LUFS = -60.0
INTERLACED_ORDERS = {"tt", "bb", "tb", "bt"}


class Motion(StrEnum):
    """Mixed: slides with a speaker's window, or with clips between them."""

    SLIDES = "slides"
    MIXED = "mixed"
    CAMERA = "camera"


class VideoFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Width and height are as shown: after rotation and with square pixels."""

    index: int
    codec: str
    width: int
    height: int
    rotation: Literal[0, 90, 180, 270] = 0
    frame_rate: str = "25/1"
    variable_rate: bool = False
    interlaced: bool = False
    transfer: str = ""
    pixel_format: str = "yuv420p"
    ends_at: float

    @property
    def rate(self) -> Fraction:
        return Fraction(self.frame_rate)

    @property
    def hdr(self) -> bool:
        return self.transfer in HDR_TRANSFERS


class Loudness(msgspec.Struct, frozen=True):
    """Integrated loudness and threshold in LUFS, true peak in dBTP, range in LU; of the mix that
    will be encoded."""

    input_i: float
    input_tp: float
    input_lra: float
    input_thresh: float
    target_offset: float

    @property
    def is_silence(self) -> bool:
        """Nothing to raise but noise."""
        return self.input_i < SILENCE_LUFS


class AudioFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`loudness` is None until measured."""

    index: int
    codec: str
    channels: int
    sample_rate: int
    ends_at: float
    loudness: Loudness | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds count from the first packet of the file; `duration` is where the last one ends."""

    container: str
    size_bytes: int
    duration: float
    video: VideoFacts | None
    audio: AudioFacts | None
    motion: Motion
    changed_share: float = 0.0
