"""Sample descriptions -> the CODECS strings of RFC 6381: H.264, AV1 and AAC, which is what we
make. Everything else is named by its four letters."""

import msgspec

VIDEO_ENTRY, SOUND_ENTRY = 78, 28  # bytes before the boxes inside a sample entry
ES, DECODER_CONFIG, DECODER_SPECIFIC = 3, 4, 5
AAC = 0x40
LONG_OBJECT_TYPE = 31


class SampleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`nal_length`: bytes of a NAL unit's length field, 0 where there are no NAL units."""

    kind: str
    codec: str
    width: int = 0
    height: int = 0
    channels: int = 0
    sample_rate: int = 0
    nal_length: int = 0


def h264(kind: str, configuration: bytes) -> str:
    """avcC: version, profile, constraints, level (ISO/IEC 14496-15)."""
    return f"{kind}.{configuration[1:4].hex()}"


def h264_nal_length(configuration: bytes) -> int:
    return (configuration[4] & 3) + 1


def av1(configuration: bytes) -> str:
    """av1C: marker, profile and level, then tier and depth bits (AV1 in ISOBMFF §2.3, §5)."""
    profile, level = configuration[1] >> 5, configuration[1] & 31
    tier = "H" if configuration[2] & 0x80 else "M"
    high, twelve = configuration[2] & 0x40, configuration[2] & 0x20
    depth = (12 if twelve else 10) if high else 8
    return f"av01.{profile}.{level:02}{tier}.{depth:02}"


def required(codec: str) -> str:
    """Without what AV1's string may add (monochrome, subsampling, colours): a packager writes
    that where a stream states its colours, and leaves it out elsewhere."""
    return ".".join(codec.split(".")[:4]) if codec.startswith("av01.") else codec


def _descriptors(data: bytes) -> dict[int, bytes]:
    """Neighbouring descriptors of ISO/IEC 14496-1 by tag; sizes are of 7 bits a byte."""
    found, at = {}, 0
    while at + 2 <= len(data):
        tag, size, at = data[at], 0, at + 1
        for _ in range(4):
            if at >= len(data):
                break
            byte, at = data[at], at + 1
            size = size << 7 | byte & 0x7F
            if not byte & 0x80:
                break
        found[tag], at = data[at : at + size], at + size
    return found


def aac(configuration: bytes) -> str:
    """esds (without version and flags) -> `mp4a.40.2`; `mp4a` where it says nothing more."""
    stream = _descriptors(configuration).get(ES, b"")
    decoder = _descriptors(stream[3:]).get(DECODER_CONFIG, b"")
    specific = _descriptors(decoder[13:]).get(DECODER_SPECIFIC, b"")
    if not decoder or decoder[0] != AAC or not specific:
        return "mp4a"
    object_type = specific[0] >> 3
    if object_type == LONG_OBJECT_TYPE and len(specific) > 1:
        object_type = 32 + ((specific[0] & 7) << 3 | specific[1] >> 5)
    return f"mp4a.{AAC:x}.{object_type}"
