"""A look at the first bytes: refuses what is plainly no lecture before any tool opens it."""

from pathlib import Path

from media_pipeline.errors import EmptyFile, NotAVideo, PlaylistInDisguise, StillPicture

HEAD_BYTES = 4096
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LIST_STARTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"<?xml", b"<mpd", b"<smil", b"<asx")
LIST_MARKS = (b"#ext-x-", b"\nfile ", b"<mpd")
OTHER_KINDS = (
    *(b"PK\x03\x04", b"PK\x05\x06", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF"),
    *(b"MZ", b"\xd0\xcf\x11\xe0", b"SQLite", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"),
    *(b"\x04\x22\x4d\x18", b"\x00asm", b"\xca\xfe\xba\xbe", b"MThd", b"8BPS"),
)
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
# Brands of single pictures in boxes like a film's: phones write them.
PICTURE_BRANDS = {b"heic", b"heix", b"heim", b"mif1", b"avif"}


def _is_text(head: bytes) -> bool:
    """Printable through and through; the cut at HEAD_BYTES may split one character."""
    if b"\x00" in head:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return all(char.isprintable() or char in "\r\n\t\f" for char in text)


def _as_utf8(head: bytes) -> bytes:
    """Windows saves text as UTF-16; a list may come in it too."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore").encode()
    return head


def _is_picture(head: bytes) -> bool:
    if head[4:8] == b"ftyp":
        return head[8:12] in PICTURE_BRANDS
    return head.startswith(PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def sniff_bytes(head: bytes) -> None:
    """Raises EmptyFile, PlaylistInDisguise or NotAVideo; anything else is left to the probe."""
    if not head:
        raise EmptyFile
    head = _as_utf8(head)
    start = head.removeprefix(BYTE_ORDER_MARK).lstrip()[:512].lower()
    if start.startswith(LIST_STARTS):
        raise PlaylistInDisguise
    if _is_picture(head):
        raise StillPicture
    if head.startswith(OTHER_KINDS) or head[257:262] == b"ustar":
        raise NotAVideo
    if _is_text(head):
        raise PlaylistInDisguise if any(mark in start for mark in LIST_MARKS) else NotAVideo


def sniff(path: Path) -> None:
    with path.open("rb") as file:
        sniff_bytes(file.read(HEAD_BYTES))


def looks_like_media(path: Path) -> bool:
    """Whether the first bytes are those of a container we take: tells damaged from foreign."""
    with path.open("rb") as file:
        head = file.read(16)
    return (
        head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}
        or head.startswith((b"\x1aE\xdf\xa3", b"OggS", b"FLV", b"ID3", b"\x47", b"\x30\x26\xb2"))
        or (head.startswith(b"RIFF") and head[8:12] in {b"AVI ", b"WAVE"})
        or head.startswith(b"\x00\x00\x01\xba")
    )
