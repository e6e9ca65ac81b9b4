"""Is this workbook safe to open? Asked before anything reads it.

An xlsx is a zip of XML. Its directory says how large it unpacks, but a directory can lie, so every
member is unpacked once into nothing, counted, and cut off at the bound. A sheet with a single cell
at XFD1048576 is small and still makes a reader reserve seventeen billion cells, so the sheets' cell
addresses are read too; a document type, which could define entities, is refused.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from backend.organisations.imports.domain import MOST_ROWS, FileRefused

MOST_UNPACKED = 200 << 20
MOST_MEMBERS = 200
WORST_RATIO = 200
"""Rows that are much alike pack 30 to 60 times; a bomb packs a thousand times."""
MOST_COLUMNS = 26
_RATIO_FROM = 1 << 20
_PIECE = 256 << 10
_LOCAL_HEADER = 30
_DEEPEST = 64
_LONGEST_TOKEN = 4 << 20
_ACTIVE = re.compile(
    r"vbaProject|macrosheets/|externalLinks/|activeX/|embeddings/|ctrlProps/|connections\.xml"
    r"|customUI|queryTables/|\.(bin|exe|dll|js|vbs)$",
    re.IGNORECASE,
)
_HARMLESS_BINARY = re.compile(r"printerSettings/[^/]*\.bin$", re.IGNORECASE)
_CELL = re.compile(r"([A-Z]{1,3})?(\d{1,7})")


def refuse_unsafe_directory(content: bytes) -> zipfile.ZipFile:
    """What the zip's own directory says; quick, and so asked at the upload itself."""
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise FileRefused("not-a-workbook") from error
    members = archive.infolist()
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise FileRefused("not-a-workbook")
    if any(_ACTIVE.search(n) and not _HARMLESS_BINARY.search(n) for n in names):
        raise FileRefused("macros-or-links")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if (
        len(members) > MOST_MEMBERS
        or len(names) < len(members)
        or unpacked > MOST_UNPACKED
        or packed > len(content)  # members that share bytes
        or (unpacked > _RATIO_FROM and unpacked > WORST_RATIO * len(content))
    ):
        raise FileRefused("packed-too-tight")
    return archive


def refuse_unsafe(content: bytes) -> None:
    """The directory, and then every byte: 1 to 2 seconds for 100,000 rows."""
    archive = refuse_unsafe_directory(content)
    left = MOST_UNPACKED
    for member in archive.infolist():
        watch = _Watch(member.filename) if _is_xml(member.filename) else None
        size = 0
        for piece in _unpacked(content, member):
            size += len(piece)
            left -= len(piece)
            if left < 0 or size > member.file_size:
                raise FileRefused("packed-too-tight")
            if watch is not None:
                watch.feed(piece)
        if watch is not None:
            watch.feed(b"", last=True)


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _unpacked(content: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Without zipfile's reader, which believes the directory's size."""
    if member.flag_bits & 1:
        raise FileRefused("not-a-workbook")  # encrypted
    at = member.header_offset
    header = content[at : at + _LOCAL_HEADER]
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise FileRefused("not-a-workbook")
    start = at + _LOCAL_HEADER + int.from_bytes(header[26:28], "little")
    start += int.from_bytes(header[28:30], "little")
    packed = memoryview(content)[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        for offset in range(0, len(packed), _PIECE):
            yield bytes(packed[offset : offset + _PIECE])
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        yield from _inflated(packed)
    else:
        raise FileRefused("not-a-workbook")


def _inflated(packed: memoryview) -> Iterator[bytes]:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        rest: bytes | memoryview = packed
        while not stream.eof:
            piece = stream.decompress(rest, _PIECE)
            rest = stream.unconsumed_tail
            if not piece and not rest:
                raise FileRefused("not-a-workbook")  # cut off
            yield piece
    except zlib.error as error:
        raise FileRefused("not-a-workbook") from error


class _Watch:
    """Reads one member's XML as it comes out, and stops at what would hurt a reader."""

    def __init__(self, name: str) -> None:
        self._is_rels = name.lower().endswith(".rels")
        self._of_workbook = name.lower() == "xl/_rels/workbook.xml.rels"
        self._row, self._column, self._depth, self._fed = 0, 0, 0, 0
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise FileRefused("not-a-workbook") from error
        self._fed += len(piece)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN and not last:
            raise FileRefused("packed-too-tight")

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FileRefused("packed-too-tight")
        name = element.rpartition(":")[2]
        if name == "row":
            self._row = _address(attributes)[1] or self._row + 1
            self._column = 0
        elif name == "c":
            column, row = _address(attributes)
            self._column = column or self._column + 1
            self._row = row or self._row
        elif name == "Relationship" and self._is_rels:
            self._relationship(attributes)
        if self._row > MOST_ROWS + 1 or self._column > MOST_COLUMNS:
            raise FileRefused("too-wide-or-long")

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _relationship(self, attributes: dict[str, str]) -> None:
        """A hyperlink leads out too, but nothing follows it by itself. What the workbook names is
        XML, so that no sheet hides from us under another name."""
        kind = attributes.get("Type", "").rpartition("/")[2]
        if attributes.get("TargetMode") == "External" and kind != "hyperlink":
            raise FileRefused("macros-or-links")
        if self._of_workbook and not attributes.get("Target", "").lower().endswith(".xml"):
            raise FileRefused("not-a-workbook")


def _refuse_doctype(*_: object) -> None:
    raise FileRefused("macros-or-links")


def _address(attributes: dict[str, str]) -> tuple[int, int]:
    """Column and row of `r`, 0 where it does not say."""
    text = attributes.get("r")
    if text is None:
        return 0, 0
    found = _CELL.fullmatch(text)
    if found is None:
        raise FileRefused("too-wide-or-long")
    column = 0
    for letter in found[1] or "":
        column = column * 26 + ord(letter) - 64
    return column, int(found[2])
