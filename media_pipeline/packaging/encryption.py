"""A finished package -> the same one encrypted with AES-128 (RFC 8216 §4.3.2.4, §5.2).

Whole segments, the init segment stays plain, so EXT-X-MAP stands before EXT-X-KEY. The IV is the
media sequence number, which every player falls back on: one EXT-X-KEY line for a rendition
instead of one a segment, and nothing that compresses badly.
"""

from pathlib import Path

from media_pipeline.packaging import cipher
from media_pipeline.packaging.package import measure_all, mend_master
from media_pipeline.packaging.playlists import Key
from media_pipeline.packaging.reading import MASTER, FolderFiles, Rendition, look

KEY_LINE = f'#EXT-X-KEY:METHOD={cipher.METHOD},URI="{cipher.KEY_URI}"'


class AlreadyEncrypted(ValueError):
    """The package is encrypted already; make it again to change its key."""


def encrypt_package(folder: Path, key: bytes) -> None:
    """In place; `key` is 16 bytes. I-frame playlists are taken out, for an I-frame cannot be
    cut out of an encrypted segment, and all rates are measured again."""
    view = look(FolderFiles(folder), media=False)
    if view is None or view.encrypted:
        raise AlreadyEncrypted("there is no plain package to encrypt")
    key_pictures = {entry.uri for entry in view.master.key_pictures}
    for uri, rendition in view.renditions.items():
        if uri in key_pictures:
            (folder / uri).unlink()
        else:
            _encrypt(folder, rendition, key)
    sealed = look(FolderFiles(folder), media=False)
    if sealed is None:
        raise AlreadyEncrypted("the master playlist is gone")
    rates = measure_all(sealed)
    (folder / MASTER).write_text(mend_master(view.master_text, rates))


def _encrypt(folder: Path, rendition: Rendition, key: bytes) -> None:
    for segment in rendition.playlist.segments:
        path = folder / rendition.path(segment.uri)
        iv = cipher.initial_vector(Key(cipher.METHOD, cipher.KEY_URI), segment.number)
        path.write_bytes(cipher.encrypt(path.read_bytes(), key, iv))
    lines = []
    for line in rendition.text.splitlines():
        lines.append(line)
        if line.startswith("#EXT-X-MAP:"):
            lines.append(KEY_LINE)
    (folder / rendition.uri).write_text("\n".join(lines) + "\n")
