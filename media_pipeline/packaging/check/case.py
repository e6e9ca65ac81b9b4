"""What every rule looks at."""

from collections.abc import Iterator

import msgspec

from media_pipeline.packaging.playlists import Entry
from media_pipeline.packaging.reading import Files, Rendition, View


class Case(msgspec.Struct, frozen=True):
    """A package that was looked at, and how long its source lasts in seconds."""

    files: Files
    view: View
    duration: float

    @property
    def sounds(self) -> list[Rendition]:
        return self._renditions(self.view.master.sounds)

    @property
    def pictures(self) -> list[Rendition]:
        """Video renditions, best first as the master playlist lists them."""
        return [
            found
            for entry in self.view.master.variants
            if (found := self.view.rendition(entry.uri)) and shows_pictures(entry, found)
        ]

    @property
    def closed_captions(self) -> str | None:
        """NONE if any variant says so, for then all of them must."""
        said = [entry.attributes.get("CLOSED-CAPTIONS") for entry in self.view.master.variants]
        return "NONE" if "NONE" in said else next(iter(said), None)

    @property
    def played(self) -> Iterator[Rendition]:
        """Sound and pictures: all but I-frame playlists and captions."""
        key_pictures = {entry.uri for entry in self.view.master.key_pictures}
        return (r for uri, r in self.view.renditions.items() if uri not in key_pictures)

    def sound_of(self, entry: Entry) -> list[Rendition]:
        """The sound that a variant plays with: its group."""
        group = entry.attributes.get("AUDIO")
        grouped = [s for s in self.view.master.sounds if s.attributes.get("GROUP-ID") == group]
        return self._renditions(grouped)

    def _renditions(self, entries: tuple[Entry, ...] | list[Entry]) -> list[Rendition]:
        return [found for entry in entries if (found := self.view.rendition(entry.uri))]


def shows_pictures(entry: Entry, rendition: Rendition | None) -> bool:
    """By what the init segment says, or by the master playlist where there is none."""
    track = rendition.track if rendition else None
    return track.is_video if track else entry.shows_pictures
