"""Encoded files -> CMAF segments and HLS playlists, by shaka-packager, with its flaws mended.

Segments are files of their own: immutable, cacheable by any CDN, and each can be presigned;
byte ranges of one file would need Range support from everything on the way.
"""

import asyncio
from pathlib import Path

import msgspec

from media_pipeline.packaging.playlists import (
    MediaPlaylist,
    Segment,
    average_rate,
    parse_master,
    parse_media,
    peak_rate,
    target_duration,
)
from media_pipeline.plan import Plan, Rung
from media_pipeline.running.launch import Command, Limits
from media_pipeline.running.runner import run
from media_pipeline.running.tools import Tools

MASTER = "master.m3u8"
INDEX = "index.m3u8"
KEY_PICTURES = "iframes.m3u8"
SOUND_CODEC = "mp4a.40.2"


class Rates(msgspec.Struct, frozen=True):
    """Bits a second, measured on the segments."""

    peak: int
    average: int

    def with_sound(self, sound: "Rates | None") -> "Rates":
        return Rates(self.peak + sound.peak, self.average + sound.average) if sound else self


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
        "--quiet",
    )
    args = (str(tools.packager), *streams, *options)
    return Command(args=args, writes=(scratch,), cwd=scratch)


def measure(folder: Path, playlist: MediaPlaylist) -> Rates:
    """Rates of one rendition from the sizes of its segments."""
    sizes = [(_size(folder, segment), segment.seconds) for segment in playlist.segments]
    return Rates(peak_rate(sizes, playlist.target), average_rate(sizes))


def _size(folder: Path, segment: Segment) -> int:
    if segment.length is not None:
        return segment.length
    path = folder / segment.uri
    return path.stat().st_size if path.is_file() else 0


def mend_media(text: str) -> str:
    """TARGETDURATION is rounded up where RFC 8216 rounds to nearest; drops the advertisement."""
    playlist = parse_media(text)
    target = target_duration([segment.seconds for segment in playlist.segments])
    return "".join(
        f"#EXT-X-TARGETDURATION:{target}\n" if line.startswith("#EXT-X-TARGETDURATION") else line
        for line in text.splitlines(keepends=True)
        if not line.startswith("##")
    )


def _written(attributes: dict[str, str], quoted: set[str]) -> str:
    return ",".join(
        f'{name}="{value}"' if name in quoted else f"{name}={value}"
        for name, value in attributes.items()
    )


def mend_master(text: str, rates: dict[str, Rates]) -> str:
    """Rates as measured, sound on by default, and a variant of sound alone: phones need it in
    the background, and it is what the poorest line can carry. `rates` by playlist address."""
    master = parse_master(text)
    sound = next((rates[entry.uri] for entry in master.sounds), None)
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS", ""]
    for entry in master.sounds:
        spoken = {**entry.attributes, "DEFAULT": "YES", "AUTOSELECT": "YES"}
        quoted = {"URI", "GROUP-ID", "NAME", "CHANNELS", "LANGUAGE"}
        lines += [f"#EXT-X-MEDIA:{_written(spoken, quoted)}", ""]
    for entry in sorted(master.variants, key=lambda entry: rates[entry.uri].peak, reverse=True):
        both = rates[entry.uri].with_sound(sound)
        shown = {**entry.attributes, **_rate_attributes(both)}
        lines += [f"#EXT-X-STREAM-INF:{_written(shown, {'CODECS', 'AUDIO'})}", entry.uri]
    if sound is not None:
        alone = {**_rate_attributes(sound), "CODECS": SOUND_CODEC, "AUDIO": "audio"}
        lines += [
            f"#EXT-X-STREAM-INF:{_written(alone, {'CODECS', 'AUDIO'})}",
            master.sounds[0].uri,
        ]
    lines.append("")
    for entry in master.key_pictures:
        shown = {**entry.attributes, **_rate_attributes(rates[entry.uri])}
        lines.append(f"#EXT-X-I-FRAME-STREAM-INF:{_written(shown, {'CODECS', 'URI'})}")
    return "\n".join(lines) + "\n"


def _rate_attributes(rates: Rates) -> dict[str, str]:
    return {"BANDWIDTH": str(rates.peak), "AVERAGE-BANDWIDTH": str(rates.average)}


def mend(folder: Path) -> None:
    """Corrects every playlist of a fresh package in place."""
    rates = {}
    for path in sorted(folder.glob("*/*.m3u8")):
        mended = mend_media(path.read_text())
        path.write_text(mended)
        rates[path.relative_to(folder).as_posix()] = measure(path.parent, parse_media(mended))
    master = folder / MASTER
    master.write_text(mend_master(master.read_text(), rates))


async def package(tools: Tools, plan: Plan, scratch: Path) -> Path:
    """The folder of the package, `scratch/package`."""
    folder = scratch / "package"
    finished = await run(command(tools, plan, scratch), Limits(timeout=plan.package_timeout))
    if not finished.ok:
        raise finished.fault("Packaging")
    await asyncio.to_thread(mend, folder)
    return folder
