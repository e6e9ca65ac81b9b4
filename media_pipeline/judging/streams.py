"""What ffprobe says of a file, and which of its streams are the lecture. Pure."""

import msgspec

# Only what is read: a file may carry megabytes of tags.
SHOWN = (
    "format=format_name,duration,start_time"
    ":stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,pix_fmt,field_order,"
    "color_transfer,color_space,color_range,bits_per_raw_sample,r_frame_rate,avg_frame_rate,"
    "duration,channels,channel_layout,sample_rate"
    ":stream_disposition=default,attached_pic,timed_thumbnails"
    ":stream_tags=DURATION"
    ":stream_side_data=rotation,dv_profile,dv_bl_signal_compatibility_id"
)


class SideData(msgspec.Struct):
    rotation: float = 0.0
    dv_profile: int | None = None
    dv_bl_signal_compatibility_id: int | None = None


class Stream(msgspec.Struct):
    """The part of a stream's ffprobe entry that we read; ffprobe writes numbers as text."""

    index: int
    codec_type: str = ""
    codec_name: str = ""
    width: int = 0
    height: int = 0
    sample_aspect_ratio: str = "1:1"
    pix_fmt: str = ""
    field_order: str = ""
    color_transfer: str = ""
    color_space: str = ""
    color_range: str = ""
    bits_per_raw_sample: str = ""
    r_frame_rate: str = "0/0"
    avg_frame_rate: str = "0/0"
    duration: str | None = None
    channels: int = 0
    channel_layout: str = ""
    sample_rate: str = "0"
    disposition: dict[str, int] = {}
    tags: dict[str, str] = {}
    side_data_list: list[SideData] = []

    @property
    def is_cover(self) -> bool:
        """Cover art and chapter pictures are streams of one picture, not the lecture's video."""
        return any(self.disposition.get(kind) for kind in ("attached_pic", "timed_thumbnails"))

    @property
    def is_video(self) -> bool:
        return self.codec_type == "video" and self.width > 0 and not self.is_cover

    @property
    def is_audio(self) -> bool:
        return self.codec_type == "audio" and self.channels > 0 and int(self.sample_rate) > 0

    @property
    def declared_seconds(self) -> float | None:
        """What the stream itself claims; Matroska writes it as a tag `DURATION` h:m:s."""
        clock = self.tags.get("DURATION", "").split(":")
        if self.duration is None and len(clock) == 3:
            hours, minutes, rest = (seconds(part) or 0.0 for part in clock)
            return hours * 3600 + minutes * 60 + rest
        return seconds(self.duration)


class Format(msgspec.Struct):
    format_name: str = ""
    duration: str | None = None
    start_time: str | None = None


class Report(msgspec.Struct):
    streams: list[Stream] = []
    format: Format = msgspec.field(default_factory=Format)

    @property
    def container(self) -> str:
        """The first of ffprobe's names for it."""
        return self.format.format_name.split(",")[0]

    @property
    def videos(self) -> list[Stream]:
        return _by_preference([stream for stream in self.streams if stream.is_video])

    @property
    def audios(self) -> list[Stream]:
        return _by_preference([stream for stream in self.streams if stream.is_audio])


def _by_preference(streams: list[Stream]) -> list[Stream]:
    """Those marked default first, otherwise as they stand."""
    return sorted(streams, key=lambda stream: not stream.disposition.get("default"))


def seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
