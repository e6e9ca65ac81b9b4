"""Captions as a player fetches them, beside the package and under the same token.

They are made from the tracks that the lecture has now, because a track may change and a package
does not. Small and private, so they come from here and not from the store.
"""

import gzip

from backend.lectures.domain import NotInPackage, Ticket
from backend.lectures.playlists import Remembered
from media_pipeline.captions import hls
from media_pipeline.captions import service as captions
from media_pipeline.captions.domain import TrackFacts

_pieces = Remembered(16 << 20)


async def master(text: str, ticket: Ticket) -> bytes:
    """The master playlist that names the lecture's captions, gzipped; one query."""
    tracks = await captions.tracks_of(ticket.lec)
    return gzip.compress(hls.with_captions(text, tracks).encode(), mtime=0)


async def file_of(ticket: Ticket, path: str) -> bytes:
    """`captions/<language>/<file>`, gzipped; one query. NotInPackage."""
    _, _, rest = path.partition("/")
    language, _, name = rest.partition("/")
    track = await _track(ticket, language)
    key = (str(track.id), str(track.version), str(ticket.sec), name)

    async def make() -> bytes:
        return gzip.compress(_text(track, name, ticket.sec).encode(), mtime=0)

    return await _pieces.get(key, make)


async def _track(ticket: Ticket, language: str) -> TrackFacts:
    for track in await captions.tracks_of(ticket.lec):
        if track.language == language:
            return track
    raise NotInPackage


def _text(track: TrackFacts, name: str, seconds: float) -> str:
    if name == hls.INDEX:
        return hls.captions_playlist(track, seconds)
    for number in range(1, len(hls.segments_of(seconds)) + 1):
        if name == hls.segment_name(number):
            return hls.captions_segment(track, number)
    raise NotInPackage
