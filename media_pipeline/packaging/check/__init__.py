"""Reads a package as a player would and says what is wrong with it, before anybody else can.

ffmpeg exits 0 on half a lecture and the packager declares what it was told, so no exit code and
no playlist is believed: every promise is held against the bytes of the files.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from media_pipeline.domain import Shortcoming
from media_pipeline.packaging import manifest
from media_pipeline.packaging.check import (
    across,
    captions,
    extras,
    keys,
    masters,
    media,
    rates,
    texts,
)
from media_pipeline.packaging.check.case import Case
from media_pipeline.packaging.check.findings import RULES, Finding, Severity, finding
from media_pipeline.packaging.reading import MASTER, Files, FolderFiles, View, look

__all__ = [
    "RULES",
    "Finding",
    "Severity",
    "describe",
    "find_faults",
    "inspect",
    "of_folder",
    "shortcomings",
]

CHECKS = (masters, texts, media, across, rates, captions, keys, extras)
TROUBLE_RULES = {
    "not-utf-8": "RFC 4.1",
    "broken-playlist": "Own playlist",
    "missing": "Own playlist",
    "broken-boxes": "RFC 3.3",
    "broken-cipher": "RFC 4.3.2.4",
}


def _troubles(view: View) -> list[Finding]:
    return [finding(TROUBLE_RULES[t.kind], t.where, t.why) for t in view.troubles]


def inspect(files: Files, duration: float, key: bytes | None = None) -> list[Finding]:
    """All findings, the grave ones first. `duration`: the source's, in seconds; `key` opens an
    encrypted package, whose segments are otherwise judged by their playlists alone."""
    view = look(files, key)
    if view is None:
        return [finding("Own master", MASTER, "is missing or unreadable")]
    case = Case(files, view, duration)
    found = [*_troubles(view), *(fault for check in CHECKS for fault in check.check(case))]
    return sorted(dict.fromkeys(found), key=lambda fault: fault.severity is not Severity.MUST)


def find_faults(folder: Path, duration: float, key: bytes | None = None) -> list[Finding]:
    """Empty for a package that may be published."""
    found = inspect(FolderFiles(folder), duration, key)
    return [fault for fault in found if fault.severity is Severity.MUST]


def shortcomings(findings: Iterable[Finding]) -> tuple[Shortcoming, ...]:
    """Those that keep no package from being published, by rule: one may hold for each of a
    thousand segments."""
    lesser = [found for found in findings if found.severity is Severity.SHOULD]
    count = Counter(found.rule for found in lesser)
    first = {found.rule: found for found in reversed(lesser)}
    return tuple(
        Shortcoming(rule, times, first[rule].where, first[rule].what)
        for rule, times in count.items()
    )


def describe(findings: list[Finding]) -> str:
    """For people: a line each, or that there is none."""
    return "\n".join(map(str, findings)) or "no fault found"


def of_folder(folder: Path, key: bytes | None = None) -> list[Finding]:
    """All findings on a package as it lies on a disk, by the length its manifest says. Raises
    OSError or msgspec.MsgspecError where there is no manifest."""
    described = manifest.read(folder)
    return inspect(FolderFiles(folder), described.source.duration, key)
