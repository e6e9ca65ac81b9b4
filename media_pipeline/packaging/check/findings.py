"""The rules a package is held against, each under the number its author gave it.

`Apple` is "HLS authoring specification for Apple devices" (edition of 2025-06-26), `RFC` is
RFC 8216, `Own` is ours. docs/hls-rules.md says what of them is checked where, and what is not.
"""

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """Only `must` keeps a package from being published."""

    MUST = "must"
    SHOULD = "should"


class Finding(msgspec.Struct, frozen=True):
    """One fault: the rule it breaks, the file it is in, a sentence about that file."""

    rule: str
    where: str
    what: str
    severity: Severity

    @property
    def code(self) -> str:
        return self.rule

    def __str__(self) -> str:
        return f"{self.severity} [{self.rule}] {self.where} {self.what}"


class Rule(msgspec.Struct, frozen=True):
    """A requirement in one sentence of our own."""

    says: str
    severity: Severity = Severity.MUST


def _should(says: str) -> Rule:
    return Rule(says, Severity.SHOULD)


RULES = {
    "Apple 1.3b": Rule("H.264 is of High profile and level 5.2 at most."),
    "Apple 1.10": _should("Parameter sets lie in the sample description: avc1, not avc3."),
    "Apple 1.12": Rule("Some video is H.264; here every lecture is whole with H.264 alone."),
    "Apple 1.26": Rule("AVERAGE-BANDWIDTH is within 10 % of the measured average."),
    "Apple 1.27": Rule("BANDWIDTH is within 10 % of the measured peak."),
    "Apple 1.30": _should("The peak is at most twice the average."),
    "Apple 2.3": Rule("There is sound in AAC if there is sound."),
    "Apple 2.18": _should("All sound is equally loud."),
    "Apple 5.3": Rule("WebVTT lies in text files with X-TIMESTAMP-MAP."),
    "Apple 5.5": Rule("A captions playlist covers the whole lecture."),
    "Apple 6.1": Rule("There are I-frame playlists for scrubbing."),
    "Apple 6.8": Rule("An I-frame playlist has EXT-X-I-FRAMES-ONLY."),
    "Apple 6.9": Rule("The rates of I-frame playlists are measured as the RFC says."),
    "Apple 6.10": Rule("An I-frame's bytes begin with its moof."),
    "Apple 7.3": Rule("Each fragment's decode time is where the one before it ended."),
    "Apple 7.4": Rule("Every video segment starts with an IDR picture."),
    "Apple 7.5": _should("Target durations are 6 s."),
    "Apple 7.6": _should("Segments last about 6 s."),
    "Apple 7.7": Rule("No segment lasts half a second more than the target duration."),
    "Apple 8.1": Rule("Any stretch of EXTINF is true to within one picture."),
    "Apple 8.2": Rule("Sound and video have the same target duration."),
    "Apple 8.3": Rule("Sound and video last equally long."),
    "Apple 8.6": Rule("EXT-X-PLAYLIST-TYPE is VOD."),
    "Apple 8.10": Rule("EXT-X-MEDIA has LANGUAGE."),
    "Apple 8.20": Rule("fMP4 has EXT-X-MAP."),
    "Apple 8.22": Rule("Segments begin at the same times in every rendition."),
    "Apple 9.1": Rule("EXT-X-STREAM-INF has CODECS."),
    "Apple 9.2": Rule("EXT-X-STREAM-INF with video has RESOLUTION."),
    "Apple 9.3": Rule("EXT-X-I-FRAME-STREAM-INF has CODECS."),
    "Apple 9.4": Rule("EXT-X-I-FRAME-STREAM-INF has RESOLUTION."),
    "Apple 9.11": _should("EXT-X-INDEPENDENT-SEGMENTS stands in the master playlist."),
    "Apple 9.12": Rule("EXT-X-INDEPENDENT-SEGMENTS stands there or in every video playlist."),
    "Apple 9.13": Rule("BANDWIDTH counts all that plays together: picture and sound."),
    "Apple 9.14": Rule("EXT-X-STREAM-INF has AVERAGE-BANDWIDTH."),
    "Apple 9.15": Rule("EXT-X-STREAM-INF with video has FRAME-RATE."),
    "Apple 9.21": Rule("A variant needs 192 kb/s at its peak or less."),
    "RFC 3.3": Rule("Init and media segments are fragmented MP4 in order."),
    "RFC 4.1": Rule("Playlists are UTF-8 without byte order mark or control characters."),
    "RFC 4.2": Rule("Attribute lists are well-formed."),
    "RFC 4.3.1.1": Rule("A playlist begins with #EXTM3U."),
    "RFC 4.3.1.2": Rule("There is one EXT-X-VERSION at most."),
    "RFC 4.3.2.1": Rule("Every segment has EXTINF."),
    "RFC 4.3.2.2": Rule("Byte ranges lie inside their files."),
    "RFC 4.3.2.4": Rule("EXT-X-KEY says method, address and IV, and opens the segments."),
    "RFC 4.3.2.5": Rule("A plain init segment is named before the key."),
    "RFC 4.3.3.1": Rule("No EXTINF, rounded, is more than EXT-X-TARGETDURATION."),
    "RFC 4.3.3.4": Rule("A finished lecture has EXT-X-ENDLIST."),
    "RFC 4.3.3.6": Rule("Each entry of an I-frame playlist is one whole I-frame."),
    "RFC 4.3.4": Rule("Tags of master and media playlists are not mixed."),
    "RFC 4.3.4.1": Rule("EXT-X-MEDIA has TYPE, GROUP-ID, NAME, and DEFAULT selects itself."),
    "RFC 4.3.4.1 CHANNELS": Rule("CHANNELS is true to the sound."),
    "RFC 4.3.4.2": Rule("EXT-X-STREAM-INF has BANDWIDTH and names a playlist."),
    "RFC 4.3.4.2 AUDIO": Rule("AUDIO and SUBTITLES name groups that exist."),
    "RFC 4.3.4.2 CLOSED-CAPTIONS": Rule("If one variant has no closed captions, all say so."),
    "RFC 4.3.4.2 CODECS": Rule("CODECS is true to the init segments."),
    "RFC 4.3.4.2 FRAME-RATE": Rule("FRAME-RATE is true to the samples."),
    "RFC 4.3.4.2 RESOLUTION": Rule("RESOLUTION is true to the init segment."),
    "RFC 6.2.4": Rule("Renditions start together."),
    "RFC 7": Rule("EXT-X-VERSION allows what the playlist uses."),
    "Own address": Rule("Addresses are relative and stay inside the package."),
    "Own default sound": Rule("One sound is on by default."),
    "Own sound alone": Rule("A lecture with sound can be heard without its picture."),
    "Own low line": Rule("The lightest H.264 picture with its sound needs 300 kb/s at most."),
    "Own files": Rule("Every file named is there and holds something."),
    "Own length": Rule("Every rendition lasts as long as the source."),
    "Own master": Rule("There is a readable master playlist with streams."),
    "Own playlist": Rule("Every playlist named is there, readable and lists something."),
    "Own encryption": Rule("Either every segment is encrypted or none."),
    "Own storyboard": Rule("The storyboard covers the lecture with pictures that are there."),
    "Own poster": Rule("The poster is a JPEG."),
    "Own offline": Rule("Offline files are MP4 with their index first."),
    "Own strays": Rule("Every file is named by something."),
}


def finding(rule: str, where: str, what: str, severity: Severity | None = None) -> Finding:
    """With the rule's own severity unless the case at hand is a lesser one."""
    return Finding(rule, where, what, severity or RULES[rule].severity)
