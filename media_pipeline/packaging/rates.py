"""How many bits a second a rendition needs, measured on the segments (RFC 8216 §4.1)."""

from collections.abc import Mapping

import msgspec

from media_pipeline.packaging.playlists import MediaPlaylist, average_rate, peak_rate


class Rates(msgspec.Struct, frozen=True):
    """Bits a second."""

    peak: int
    average: int

    def with_sound(self, sound: "Rates | None") -> "Rates":
        return Rates(self.peak + sound.peak, self.average + sound.average) if sound else self


def measure(sizes: Mapping[str, int], folder: str, playlist: MediaPlaylist) -> Rates:
    """`sizes` in bytes by path; `folder` is where the playlist lies. A missing file weighs
    nothing."""
    found = [
        (sizes.get(f"{folder}/{s.uri}", 0) if s.length is None else s.length, s.seconds)
        for s in playlist.segments
    ]
    return Rates(peak_rate(found, playlist.target), average_rate(found))
