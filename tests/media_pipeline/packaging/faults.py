"""What can be wrong with a package, by the rule under which it must be found."""

import json

from tests.media_pipeline.packaging.planting import (
    Plant,
    fill,
    no_idr,
    poke,
    remove,
    rewrite,
    shift,
    together,
)

MASTER, LOW, TOP, SOUND = "master.m3u8", "90p/index.m3u8", "180p/index.m3u8", "audio/index.m3u8"
STILLS = "90p/iframes.m3u8"
LAST = r"#EXTINF:[\d.]+,\n\d+\.m4s\n(?=#EXT-X-ENDLIST)"
WITHOUT = r'(?m)(?<=^#EXT-X-STREAM-INF:)(.*?),{}=(?:"[^"]*"|[^,\n]*)'
CAPTIONS = (
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="中文",LANGUAGE="zh",'
    'DEFAULT=NO,AUTOSELECT=YES,URI="captions/zh/index.m3u8"\n#EXT-X-STREAM-INF'
)
CAPTION_LIST = (
    b"#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:14\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    b"#EXTINF:14.000,\n00001.vtt\n#EXT-X-ENDLIST\n"
)
CAPTION = (
    b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n00:00:01.000 --> 00:00:02.000\nhello\n"
)
with_captions = together(
    rewrite(MASTER, r"#EXT-X-STREAM-INF", CAPTIONS),
    rewrite(MASTER, r'AUDIO="audio"', 'AUDIO="audio",SUBTITLES="captions"', count=0),
    fill("captions/zh/index.m3u8", CAPTION_LIST),
    fill("captions/zh/00001.vtt", CAPTION),
)
PICTURE = (
    bytes.fromhex("ffd8ffe000104a46494600010100000100010000")
    + bytes.fromhex("ffc0001108005a00a003012200021101031101")  # 160 x 90
)
STORYBOARD = b"WEBVTT\n\n00:00.000 --> 00:14.000\n00001.jpg#xywh=0,0,160,90\n"
with_storyboard = together(
    fill("storyboard/index.vtt", STORYBOARD), fill("storyboard/00001.jpg", PICTURE)
)
MP4 = b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08moov" + b"\0\0\0\x08mdat"


def without(name: str) -> Plant:
    """The first variant lacks that attribute."""
    return rewrite(MASTER, WITHOUT.format(name), r"\1")


def cues(text: str) -> Plant:
    return together(with_captions, fill("captions/zh/00001.vtt", text.encode()))


APPLE: dict[str, tuple[str, Plant]] = {
    "the picture is of a profile phones cannot play": (
        "Apple 1.3b",
        poke("90p/init.mp4", 1, b"\x7a", *b"moov trak mdia minf stbl stsd avc1 avcC".split()),
    ),
    "parameter sets lie in the samples": (
        "Apple 1.10",
        lambda held: held.update(
            {"90p/init.mp4": held["90p/init.mp4"].replace(b"avc1\0\0", b"avc3\0\0")}
        ),
    ),
    "the average is declared too high": (
        "Apple 1.26",
        rewrite(MASTER, r"AVERAGE-BANDWIDTH=\d+", "AVERAGE-BANDWIDTH=290000"),
    ),
    "the peak is declared too high": (
        "Apple 1.27",
        rewrite(MASTER, r":BANDWIDTH=\d+", ":BANDWIDTH=290000"),
    ),
    "the peak is declared too low": (
        "Apple 1.27",
        rewrite(MASTER, r":BANDWIDTH=\d+", ":BANDWIDTH=1000"),
    ),
    "one segment weighs more than all others": (
        "Apple 1.30",
        lambda held: held.update({"90p/00001.m4s": held["90p/00001.m4s"] * 99}),
    ),
    "captions have no timestamp map": ("Apple 5.3", cues("WEBVTT\n\n")),
    "captions are no WebVTT": ("Apple 5.3", cues("1\n00:00:01,000 --> 00:00:02,000\nhello\n")),
    "captions end before the lecture": (
        "Apple 5.5",
        together(with_captions, rewrite("captions/zh/index.m3u8", "14.000", "9.000")),
    ),
    "captions have no language": (
        "Apple 8.10",
        together(with_captions, rewrite(MASTER, 'LANGUAGE="zh",', "")),
    ),
    "there are no I-frame playlists": (
        "Apple 6.1",
        rewrite(MASTER, r"(?m)^#EXT-X-I-FRAME-STREAM-INF.*\n", "", count=0),
    ),
    "an I-frame playlist does not say what it is": (
        "Apple 6.8",
        rewrite(STILLS, "#EXT-X-I-FRAMES-ONLY\n", ""),
    ),
    "an I-frame playlist's rate is made up": (
        "Apple 6.9",
        rewrite(MASTER, r"(?m)(?<=^#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=)\d+", "990000"),
    ),
    "an I-frame's bytes begin after its moof": (
        "Apple 6.10",
        rewrite(STILLS, r"(?<=BYTERANGE:)(\d+)@\d+", r"\1@200"),
    ),
    "there is a gap between two segments": ("Apple 7.3", shift("90p", 0.08, first=2)),
    "two segments overlap": ("Apple 7.3", shift("audio", -0.05, first=3)),
    "a segment starts with a picture that needs others": ("Apple 7.4", no_idr("90p/00002.m4s")),
    "a segment does not say that it starts with a key picture": (
        "Apple 7.4",
        poke("90p/00002.m4s", 16, b"\x01\x01\0\0", *b"moof traf trun".split()),
    ),
    "the target is four seconds": (
        "Apple 7.5",
        rewrite(LOW, r"TARGETDURATION:\d+", "TARGETDURATION:4"),
    ),
    "segments are longer than the target by half a second": (
        "Apple 7.7",
        rewrite(LOW, r"TARGETDURATION:\d+", "TARGETDURATION:5"),
    ),
    "durations are declared that no segment has": (
        "Apple 8.1",
        rewrite(LOW, r"EXTINF:6\.\d+", "EXTINF:6.30000"),
    ),
    "sound has another target than the picture": (
        "Apple 8.2",
        rewrite(SOUND, r"TARGETDURATION:\d+", "TARGETDURATION:7"),
    ),
    "sound ends before the picture": ("Apple 8.3", rewrite(SOUND, LAST, "")),
    "a playlist may still grow": (
        "Apple 8.6",
        rewrite(LOW, "PLAYLIST-TYPE:VOD", "PLAYLIST-TYPE:EVENT"),
    ),
    "sound has no language": ("Apple 8.10", rewrite(MASTER, ',LANGUAGE="und"', "")),
    "a playlist has no map": ("Apple 8.20", rewrite(LOW, "#EXT-X-MAP.*\n", "")),
    "rungs are cut at different times": ("Apple 8.22", shift("90p", 0.04, first=2)),
    "codecs are left out": ("Apple 9.1", without("CODECS")),
    "the size is left out": ("Apple 9.2", without("RESOLUTION")),
    "an I-frame playlist has no codecs": (
        "Apple 9.3",
        rewrite(MASTER, r'(I-FRAME.*?)CODECS="[^"]*",', r"\1"),
    ),
    "an I-frame playlist has no size": (
        "Apple 9.4",
        rewrite(MASTER, r"(I-FRAME.*?)RESOLUTION=\d+x\d+,", r"\1"),
    ),
    "the video playlists say alone that segments are independent": (
        "Apple 9.11",
        together(
            rewrite(MASTER, "#EXT-X-INDEPENDENT-SEGMENTS\n", ""),
            rewrite(LOW, "#EXT-X-MAP", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP"),
            rewrite(TOP, "#EXT-X-MAP", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MAP"),
        ),
    ),
    "nobody says that segments are independent": (
        "Apple 9.12",
        rewrite(MASTER, "#EXT-X-INDEPENDENT-SEGMENTS\n", ""),
    ),
    "the average is left out": ("Apple 9.14", without("AVERAGE-BANDWIDTH")),
    "the frame rate is left out": ("Apple 9.15", without("FRAME-RATE")),
    "nothing fits a telephone's line": (
        "Apple 9.21",
        rewrite(MASTER, r"(?<=:BANDWIDTH=)\d+", "200000", count=0),
    ),
}

RFC: dict[str, tuple[str, Plant]] = {
    "an init segment is no MP4": ("RFC 3.3", fill("90p/init.mp4", b"not a film at all")),
    "a segment is cut short": (
        "RFC 3.3",
        lambda held: held.update({"90p/00001.m4s": held["90p/00001.m4s"][:-9]}),
    ),
    "a segment's samples do not fill it": (
        "RFC 3.3",
        poke("90p/00001.m4s", 12, b"\0\0\0\x05", *b"moof traf trun".split()),
    ),
    "a playlist begins with a byte order mark": ("RFC 4.1", rewrite(LOW, "^", "\ufeff")),
    "a playlist holds a tabulator": ("RFC 4.1", rewrite(LOW, "#EXTINF:", "#EXTINF:\t")),
    "a playlist is not UTF-8": ("RFC 4.1", fill(LOW, b"#EXTM3U\n#\xff\xfe\n")),
    "an attribute stands twice": ("RFC 4.2", rewrite(MASTER, ":BANDWIDTH", ":AUDIO=1,BANDWIDTH")),
    "a quote is not closed": ("RFC 4.2", rewrite(MASTER, 'AUDIO="audio",C', 'AUDIO="audio,C')),
    "a playlist does not begin as one": ("RFC 4.3.1.1", rewrite(LOW, "#EXTM3U\n", "")),
    "a version stands twice": (
        "RFC 4.3.1.2",
        rewrite(LOW, "(#EXT-X-VERSION:6\n)", r"\1\1"),
    ),
    "a segment has no duration": ("RFC 4.3.2.1", rewrite(LOW, "#EXTINF.*\n", "")),
    "an I-frame lies past the end of its segment": (
        "RFC 4.3.2.2",
        rewrite(STILLS, r"BYTERANGE:\d+", "BYTERANGE:99999999"),
    ),
    "a duration is longer than the target": (
        "RFC 4.3.3.1",
        rewrite(LOW, r"EXTINF:6\.\d+", "EXTINF:6.50000"),
    ),
    "a playlist has no end": ("RFC 4.3.3.4", rewrite(LOW, "#EXT-X-ENDLIST\n", "")),
    "an I-frame's bytes stop half-way": (
        "RFC 4.3.3.6",
        rewrite(STILLS, r"BYTERANGE:(\d+)\d", r"BYTERANGE:\1"),
    ),
    "a master's tag is in a media playlist": (
        "RFC 4.3.4",
        rewrite(LOW, "#EXT-X-MAP", "#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-MAP"),
    ),
    "a media playlist's tag is in the master": (
        "RFC 4.3.4",
        rewrite(MASTER, "#EXT-X-MEDIA", "#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA"),
    ),
    "sound has no name": ("RFC 4.3.4.1", rewrite(MASTER, ',NAME="audio"', "")),
    "sound is on but not to be selected": (
        "RFC 4.3.4.1",
        rewrite(MASTER, "AUTOSELECT=YES", "AUTOSELECT=NO"),
    ),
    "mono is declared as stereo": (
        "RFC 4.3.4.1 CHANNELS",
        rewrite(MASTER, 'CHANNELS="1"', 'CHANNELS="2"'),
    ),
    "a variant has no bandwidth": (
        "RFC 4.3.4.2",
        rewrite(MASTER, r"(?<=STREAM-INF:)BANDWIDTH=\d+,", ""),
    ),
    "a variant is not tied to the sound": (
        "RFC 4.3.4.2 AUDIO",
        rewrite(MASTER, ',AUDIO="audio"', ""),
    ),
    "a variant is tied to sound that is not there": (
        "RFC 4.3.4.2 AUDIO",
        rewrite(MASTER, 'AUDIO="audio"', 'AUDIO="voice"'),
    ),
    "one variant alone may have closed captions": (
        "RFC 4.3.4.2 CLOSED-CAPTIONS",
        without("CLOSED-CAPTIONS"),
    ),
    "another level is declared than is encoded": (
        "RFC 4.3.4.2 CODECS",
        rewrite(MASTER, r'CODECS="avc1\.......', 'CODECS="avc1.640028'),
    ),
    "the codec of the sound is left out": (
        "RFC 4.3.4.2 CODECS",
        rewrite(MASTER, r",mp4a\.40\.2", ""),
    ),
    "another frame rate is declared than is shown": (
        "RFC 4.3.4.2 FRAME-RATE",
        rewrite(MASTER, r"FRAME-RATE=25", "FRAME-RATE=30"),
    ),
    "another size is declared than is shown": (
        "RFC 4.3.4.2 RESOLUTION",
        rewrite(MASTER, "RESOLUTION=160x90", "RESOLUTION=640x360"),
    ),
    "sound starts a second late": ("RFC 6.2.4", shift("audio", 1.0)),
    "a version too old for its tags is declared": ("RFC 7", rewrite(LOW, "VERSION:6", "VERSION:3")),
}

OWN: dict[str, tuple[str, Plant]] = {
    "a playlist points at another host": (
        "Own address",
        rewrite(LOW, r"00001\.m4s", "https://example.org/00001.m4s"),
    ),
    "a playlist points out of the package": (
        "Own address",
        rewrite(LOW, r"00001\.m4s", "../../another/00001.m4s"),
    ),
    "sound is off by default": (
        "Own default sound",
        rewrite(MASTER, "DEFAULT=YES", "DEFAULT=NO"),
    ),
    "sound cannot be heard alone": (
        "Own sound alone",
        rewrite(MASTER, r"(?m)^#EXT-X-STREAM-INF(?!.*RESOLUTION).*\n.*\n", ""),
    ),
    "no rung serves the poorest line": (
        "Own low line",
        rewrite(MASTER, r"(?<=:BANDWIDTH=)\d+", "900000", count=0),
    ),
    "a segment is missing": ("Own files", remove("90p/00002.m4s")),
    "a segment is empty": ("Own files", fill("90p/00002.m4s", b"")),
    "an init segment is missing": ("Own files", remove("audio/init.mp4")),
    "a captions segment is missing": (
        "Own files",
        together(with_captions, remove("captions/zh/00001.vtt")),
    ),
    "a rung is shorter than the lecture": ("Own length", rewrite(LOW, LAST, "")),
    "there is no master playlist": ("Own master", remove(MASTER)),
    "the master playlist is not text": ("Own master", fill(MASTER, b"\xff\xfe")),
    "the master playlist lists nothing": ("Own master", fill(MASTER, b"#EXTM3U\n")),
    "a playlist is missing": ("Own playlist", remove(LOW)),
    "a playlist holds no numbers where they belong": (
        "Own playlist",
        rewrite(LOW, r"EXTINF:[\d.]+", "EXTINF:nan"),
    ),
    "a playlist lists nothing": (
        "Own playlist",
        rewrite(LOW, r"#EXTINF:[\d.]+,\n\d+\.m4s\n", "", count=0),
    ),
    "a file was left behind": ("Own strays", fill("90p/00099.m4s", b"x")),
    "a key was left in the package": ("Own strays", fill("90p/key", bytes(16))),
    "the poster is no picture": ("Own poster", fill("poster.jpg", b"<html>")),
    "the storyboard ends half-way": (
        "Own storyboard",
        together(with_storyboard, rewrite("storyboard/index.vtt", r"00:14\.000", "00:07.000")),
    ),
    "a picture of the storyboard is missing": (
        "Own storyboard",
        together(with_storyboard, remove("storyboard/00001.jpg")),
    ),
    "the storyboard is cut out of more than there is": (
        "Own storyboard",
        together(with_storyboard, rewrite("storyboard/index.vtt", "160,90", "161,90")),
    ),
    "the storyboard is something else": (
        "Own storyboard",
        fill("storyboard/index.vtt", json.dumps({"pictures": []}).encode()),
    ),
    "the index of the offline file comes last": (
        "Own offline",
        fill("offline/lecture.mp4", MP4[:16] + MP4[24:] + MP4[16:24]),
    ),
}

SEALED: dict[str, tuple[str, Plant]] = {
    "the cipher is another": ("RFC 4.3.2.4", rewrite(LOW, "AES-128", "SAMPLE-AES")),
    "the key has no address": ("RFC 4.3.2.4", rewrite(LOW, ',URI="key"', "")),
    "the IV is too short": ("RFC 4.3.2.4", rewrite(LOW, 'URI="key"', 'URI="key",IV=0x12')),
    "the IV is another's": (
        "RFC 3.3",
        rewrite(LOW, 'URI="key"', f'URI="key",IV=0x{"77" * 16}'),
    ),
    "an encrypted segment is cut short": (
        "RFC 4.3.2.4",
        lambda held: held.update({"90p/00001.m4s": held["90p/00001.m4s"][:-3]}),
    ),
    "an encrypted segment lost its last block": (
        "RFC 4.3.2.4",
        lambda held: held.update({"90p/00001.m4s": held["90p/00001.m4s"][:-16]}),
    ),
    "the key is named before the plain init segment": (
        "RFC 4.3.2.5",
        rewrite(LOW, r"(#EXT-X-MAP.*\n)(#EXT-X-KEY.*\n)", r"\2\1"),
    ),
    "one rendition is left open": ("Own encryption", rewrite(LOW, "#EXT-X-KEY.*\n", "")),
    "a file to take along lies open": ("Own encryption", fill("offline/lecture.mp4", MP4)),
}
