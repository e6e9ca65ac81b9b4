"""What a writer expects to find, so that two never overwrite each other unseen."""

import msgspec

from media_pipeline.captions.domain import TrackFacts
from media_pipeline.captions.errors import CaptionsChanged


class Condition(msgspec.Struct, frozen=True):
    """What a caller expects to find: If-Match (tags, or `*` for any), or nothing at all."""

    tags: frozenset[str] | None = None
    nothing: bool = False

    def check(self, found: TrackFacts | None) -> None:
        """CaptionsChanged."""
        if self.nothing and found is not None:
            raise CaptionsChanged
        if self.tags is not None and (found is None or not {"*", found.etag} & self.tags):
            raise CaptionsChanged


ANY = Condition()
