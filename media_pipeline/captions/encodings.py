"""Bytes of an author's file -> text. Editors in China still write GB18030, in Taiwan Big5."""

import codecs

from media_pipeline.captions.errors import EncodingUnknown

UTF_8 = "UTF-8"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8", UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SAMPLE = 20_000  # characters
# Lead bytes of the characters in daily use, in the order of their sets (GB 2312 level 1, Big5
# level 1): text read in the wrong set falls mostly outside.
_CHINESE = (
    ("gb18030", "GB18030", range(0xB0, 0xD8), 0xA1),
    ("cp950", "Big5", range(0xA4, 0xC7), 0x40),
)


def decode(content: bytes, *, traditional: bool = False) -> tuple[str, str]:
    """The text and the name of its encoding. `traditional` decides where both Chinese sets fit
    equally well. EncodingUnknown."""
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content, codec).removeprefix("\ufeff"), name
    if b"-\0-\0>\0" in content or b"\0-\0-\0>" in content:
        little = b"-\0-\0>\0" in content and content.index(b"-\0-\0>\0") % 2 == 0
        return _strictly(content, "utf-16-le" if little else "utf-16-be"), "UTF-16"
    try:
        return content.decode("utf-8"), UTF_8
    except UnicodeDecodeError:
        return _chinese(content, traditional=traditional)


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise EncodingUnknown from error


def _chinese(content: bytes, *, traditional: bool) -> tuple[str, str]:
    read: list[tuple[float, bool, str, str]] = []
    for codec, name, common, lowest_trail in _CHINESE:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        preferred = traditional == (name == "Big5")
        read.append((_share(text, codec, common, lowest_trail), preferred, text, name))
    if not read:
        raise EncodingUnknown
    share, _, text, name = max(read)
    if share < 0.5:  # bytes that fit by chance: Latin-1, KOI8-R, a picture
        raise EncodingUnknown
    return text, name


def _share(text: str, codec: str, common: range, lowest_trail: int) -> float:
    """How much of what is not ASCII is in daily use."""
    foreign = [char for char in text if ord(char) > 0x7F][:_SAMPLE]
    usual = 0
    for char in foreign:
        encoded = char.encode(codec)
        symbol = 0x3000 <= ord(char) <= 0x303F or 0xFF00 <= ord(char) <= 0xFF5E
        usual += symbol or (
            len(encoded) == 2 and encoded[0] in common and encoded[1] >= lowest_trail
        )
    return usual / len(foreign) if foreign else 0.0
