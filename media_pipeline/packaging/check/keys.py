"""Encrypted packages: whether the tags say how to open the segments, and the key does."""

import re
from collections.abc import Iterator

from media_pipeline.packaging.check.case import Case
from media_pipeline.packaging.check.findings import Finding, finding
from media_pipeline.packaging.cipher import BLOCK, METHOD
from media_pipeline.packaging.playlists import Key
from media_pipeline.packaging.reading import MASTER, Rendition

IV = re.compile(r"0[xX][0-9a-fA-F]{32}")


def check(case: Case) -> Iterator[Finding]:
    sealed = open_ = 0
    for rendition in case.view.renditions.values():
        keys = [segment.key for segment in rendition.playlist.segments]
        sealed, open_ = sealed + sum(k is not None for k in keys), open_ + keys.count(None)
        for key in dict.fromkeys(filter(None, keys)):
            yield from _key(rendition, key)
        if rendition.playlist.init_key is not None:
            yield finding("RFC 4.3.2.5", rendition.uri, "names its plain init segment after a key")
        yield from _lengths(case, rendition)
    if sealed and open_:
        what = f"leaves {open_} segments open beside {sealed} encrypted ones"
        yield finding("Own encryption", MASTER, what)


def _key(rendition: Rendition, key: Key) -> Iterator[Finding]:
    if key.method != METHOD or not key.uri:
        yield finding("RFC 4.3.2.4", rendition.uri, f"has a key of {key.method!r} at {key.uri!r}")
    if key.iv is not None and IV.fullmatch(key.iv) is None:
        yield finding("RFC 4.3.2.4", rendition.uri, "has an IV that is not 0x and 32 digits")


def _lengths(case: Case, rendition: Rendition) -> Iterator[Finding]:
    for segment in rendition.playlist.segments:
        path = rendition.path(segment.uri)
        if segment.key and case.view.sizes.get(path, 0) % BLOCK:
            yield finding("RFC 4.3.2.4", path, "is no whole number of blocks long")
