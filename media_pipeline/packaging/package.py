"""Encoded files -> CMAF segments and HLS playlists, by shaka-packager, with its flaws mended.

Segments are files of their own: immutable, cacheable by any CDN, and each can be presigned;
byte ranges of one file would need Range support from everything on the way.
"""

import asyncio
from itertools import pairwise
from pathlib import Path

from media_pipeline.errors import FaultyPackage
from media_pipeline.packaging.playlists import (
    Entry,
    MasterPlaylist,
    parse_master,
    target_duration,
)
from media_pipeline.packaging.rates import Rates, measure
from media_pipeline.packaging.reading import (
    MASTER,
    FolderFiles,
    Rendition,
    View,
    look,
)
from media_pipeline.plan import Plan, Rung
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

INDEX = "index.m3u8"
KEY_PICTURES = "iframes.m3u8"
UNKNOWN_LANGUAGE = "und"
TARGET = 6
# What players that begin with the first variant begin with: Apple's 1.32b for mobile lines.
FIRST_BANDWIDTH = 730_000
ORDER = (
    *("TYPE", "GROUP-ID", "NAME", "LANGUAGE", "DEFAULT", "AUTOSELECT", "CHANNELS"),
    *("BANDWIDTH", "AVERAGE-BANDWIDTH", "CODECS", "RESOLUTION", "FRAME-RATE", "VIDEO-RANGE"),
    *("AUDIO", "CLOSED-CAPTIONS", "URI"),
)
QUOTED = {
    *("URI", "GROUP-ID", "NAME", "CHANNELS", "LANGUAGE"),
    *("CODECS", "AUDIO", "SUBTITLES", "VIDEO"),
}


def _descriptor(name: str, kind: str) -> str:
    """Relative names only: the packager splits its descriptors at commas."""
    fields = {
        "in": f"encoded/{name}.mp4",
        "stream": kind,
        "init_segment": f"package/{name}/init.mp4",
        "segment_template": f"package/{name}/$Number%05d$.m4s",
        "playlist_name": f"{name}/{INDEX}",
    }
    if kind == "video":
        fields["iframe_playlist_name"] = f"{name}/{KEY_PICTURES}"
    else:
        fields |= {"hls_group_id": "audio", "hls_name": "audio"}
    return ",".join(f"{field}={value}" for field, value in fields.items())


def encoded(plan: Plan, scratch: Path) -> list[Rung]:
    """The rungs to package: an optional one that failed is not missed."""
    return [
        rung
        for rung in plan.rungs
        if not rung.optional or (scratch / "encoded" / f"{rung.name}.mp4").is_file()
    ]


def command(tools: Tools, plan: Plan, scratch: Path) -> Command:
    """Reads `encoded/` and writes `package/`, both in the scratch folder."""
    streams = [_descriptor(rung.name, "video") for rung in encoded(plan, scratch)]
    if plan.sound is not None:
        streams.append(_descriptor(plan.sound.name, "audio"))
    options = (
        f"--segment_duration={plan.segment_seconds}",
        "--hls_playlist_type=VOD",
        f"--hls_master_playlist_output=package/{MASTER}",
        # It clears 32 MiB for each file that it opens, most of its work. Without, its threads are
        # done so fast that it may miss the end of one and wait for ever: so it has none.
        *("--io_cache_size=0", "--single_threaded"),
        "--quiet",
    )
    args = (str(tools.packager), *streams, *options)
    return Command(args=args, writes=(scratch,), cwd=scratch)


def _seconds(view: View) -> dict[str, float]:
    """How long each segment lasts by its own samples; the packager's three decimals would drift
    by half a picture every minute."""
    return {
        rendition.path(segment.uri): rendition.shown_seconds(fragment)
        for rendition in view.renditions.values()
        for segment, fragment in zip(
            rendition.playlist.segments, rendition.fragments or (), strict=False
        )
        if fragment
    }


def rounded(lengths: list[float]) -> list[str]:
    """To five decimals so that no sum is further off than one of them."""
    ends = [0.0]
    for length in lengths:
        ends.append(ends[-1] + length)
    return [f"{round(b, 5) - round(a, 5):.5f}" for a, b in pairwise(ends)]


def mend_media(rendition: Rendition, seconds: dict[str, float], target: int) -> str:
    """True durations, one target for all renditions, and without the advertisement."""
    segments = rendition.playlist.segments
    known = [seconds.get(rendition.path(s.uri), s.seconds) for s in segments]
    durations = iter(rounded(known))
    lines = []
    for line in rendition.text.splitlines():
        if line.startswith("#EXT-X-TARGETDURATION:"):
            lines.append(f"#EXT-X-TARGETDURATION:{target}")
        elif line.startswith("#EXTINF:"):
            lines.append(f"#EXTINF:{next(durations)},")
        elif line and not line.startswith("##"):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _place(attribute: tuple[str, str]) -> int:
    return ORDER.index(attribute[0]) if attribute[0] in ORDER else len(ORDER)


def line(tag: str, attributes: dict[str, str]) -> str:
    """Always in the same order, so that equal packages are equal and gzip finds its repeats."""
    listed = ",".join(
        f'{name}="{value}"' if name in QUOTED else f"{name}={value}"
        for name, value in sorted(attributes.items(), key=_place)
    )
    return f"#{tag}:{listed}"


def _in_order(master: MasterPlaylist, rates: dict[str, Rates]) -> list[Entry]:
    """H.264 before AV1, each from best to lightest; but first of all the best that a mobile line
    carries, for players that begin with the first they find."""
    pictures = [entry for entry in master.variants if "RESOLUTION" in entry.attributes]
    by_rate = _from_best_to_lightest(pictures, rates)
    h264 = [entry for entry in by_rate if not _is_av1(entry)]
    light = [entry for entry in h264 if rates[entry.uri].average <= FIRST_BANDWIDTH]
    first = light[:1] or h264[-1:]
    return [*first, *(entry for entry in by_rate if entry not in first)]


def _from_best_to_lightest(entries: list[Entry], rates: dict[str, Rates]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (_is_av1(entry), -rates[entry.uri].peak))


def _is_av1(entry: Entry) -> bool:
    return any(codec.startswith("av01") for codec in entry.codecs)


def _rate_attributes(rates: Rates) -> dict[str, str]:
    return {"BANDWIDTH": str(rates.peak), "AVERAGE-BANDWIDTH": str(rates.average)}


def _sound_line(entry: Entry, language: str) -> str:
    known = entry.attributes.get("LANGUAGE", UNKNOWN_LANGUAGE)
    spoken = known if known != UNKNOWN_LANGUAGE else language
    said = {**entry.attributes, "LANGUAGE": spoken, "DEFAULT": "YES", "AUTOSELECT": "YES"}
    return line("EXT-X-MEDIA", said)


def mend_master(text: str, rates: dict[str, Rates], language: str = UNKNOWN_LANGUAGE) -> str:
    """Rates as measured, sound on by default, and a variant of sound alone: phones need it in
    the background, and it is what the poorest line can carry. `rates` by playlist address;
    what has none is left out. `language` (BCP 47) where the sound does not say its own."""
    master = parse_master(text)
    sounds = [entry for entry in master.sounds if entry.uri in rates]
    sound = rates[sounds[0].uri] if sounds else None
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS", ""]
    lines += [_sound_line(entry, language) for entry in sounds]
    for entry in _in_order(master, rates):
        both = rates[entry.uri].with_sound(sound)
        shown = {**entry.attributes, **_rate_attributes(both), "VIDEO-RANGE": "SDR"}
        shown["CLOSED-CAPTIONS"] = "NONE"
        lines += [line("EXT-X-STREAM-INF", shown), entry.uri]
    if sound is not None:
        alone = {"CODECS": _sound_codec(master), "AUDIO": "audio", "CLOSED-CAPTIONS": "NONE"}
        lines += [
            line("EXT-X-STREAM-INF", {**_rate_attributes(sound), **alone}),
            sounds[0].uri,
        ]
    stills = [entry for entry in master.key_pictures if entry.uri in rates]
    for entry in _from_best_to_lightest(stills, rates):
        shown = {**entry.attributes, **_rate_attributes(rates[entry.uri]), "VIDEO-RANGE": "SDR"}
        lines.append(line("EXT-X-I-FRAME-STREAM-INF", shown))
    return "\n".join(lines) + "\n"


def _sound_codec(master: MasterPlaylist) -> str:
    """As the packager says it beside a picture's."""
    said = {codec for entry in master.variants for codec in entry.codecs}
    return ",".join(sorted(codec for codec in said if codec.startswith("mp4a")))


def measure_all(view: View) -> dict[str, Rates]:
    """By playlist address."""
    return {
        uri: measure(view.sizes, uri.rpartition("/")[0], rendition.playlist)
        for uri, rendition in view.renditions.items()
    }


def _looked(folder: Path, *, media: bool) -> View:
    view = look(FolderFiles(folder), media=media)
    if view is None or view.troubles:
        why = "no master playlist" if view is None else str(view.troubles[0])
        raise FaultyPackage(
            f"The packager's output cannot be read: {why}. It will be tried again.",
            zh="打包工具的输出无法读取；系统会自动重试。",
        )
    return view


def mend(folder: Path, language: str = UNKNOWN_LANGUAGE) -> None:
    """Corrects every playlist of a fresh package in place."""
    view = _looked(folder, media=True)
    seconds = _seconds(view)
    target = max(TARGET, target_duration(list(seconds.values())))
    for uri, rendition in view.renditions.items():
        (folder / uri).write_text(mend_media(rendition, seconds, target))
    rates = measure_all(_looked(folder, media=False))
    (folder / MASTER).write_text(mend_master(view.master_text, rates, language))


async def package(
    tools: Tools, plan: Plan, scratch: Path, language: str = UNKNOWN_LANGUAGE
) -> Path:
    """The folder of the package, `scratch/package`. `language` of the sound by BCP 47, where the
    encoded sound does not say."""
    folder = scratch / "package"
    finished = await run(command(tools, plan, scratch), Limits(timeout=plan.package_timeout))
    if not finished.ok:
        raise finished.fault("Packaging")
    await asyncio.to_thread(mend, folder, language)
    return folder
