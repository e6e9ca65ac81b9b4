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


class Matrix(StrEnum):
    """How colours were written, by the names of ffmpeg's scale filter."""

    BT709 = "bt709"
    BT601 = "bt601"
    BT2020 = "bt2020"
    RGB = "gbr"


class VideoFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Width and height are as shown: after rotation, mirroring and with square pixels.

    `matrix` is what the file states or, where it states none, what such files mean.
    """

    index: int
    codec: str
    width: int
    height: int
    rotation: Literal[0, 90, 180, 270] = 0
    frame_rate: str = "25/1"
    variable_rate: bool = False
    interlaced: bool = False
    transfer: str = ""
    matrix: Matrix = Matrix.BT709
    bit_depth: int = 8
    pixel_format: str = "yuv420p"
    ends_at: float

    @property
    def rate(self) -> Fraction:
        return Fraction(self.frame_rate)

    @property
    def hdr(self) -> bool:
        return self.transfer in HDR_TRANSFERS


class Loudness(msgspec.Struct, frozen=True):
    """Integrated loudness in LUFS, true peak in dBTP."""

    input_i: float
    input_tp: float

    @property
    def is_silence(self) -> bool:
        """Nothing to raise but noise."""
        return self.input_i < SILENCE_LUFS


class AudioFacts(msgspec.Struct, frozen=True, kw_only=True):
    """`loudness` is that of the mix that will be encoded, None until measured. `only_channel` is
    the one that is heard where the others are silent: a microphone plugged into one side.
    `silent`: nothing was heard where we listened.
    """

    index: int
    codec: str
    channels: int
    layout: str = ""
    sample_rate: int
    ends_at: float
    only_channel: int | None = None
    silent: bool = False
    loudness: Loudness | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds count from the first packet of the file; `duration` is where the last one ends.

    `changed_share`: of the sampled pictures, those in which something moved, 0-1; `moving_area`: of
    the picture, what moved in the middle one of those, 0-1. `damaged_at`: the sampled seconds whose
    pictures came out incomplete; damage elsewhere shows only when all is decoded.
    """

    container: str
    size_bytes: int
    duration: float
    video: VideoFacts | None
    audio: AudioFacts | None
    motion: Motion
    changed_share: float = 0.0
    moving_area: float = 0.0
    damaged_at: tuple[float, ...] = ()
