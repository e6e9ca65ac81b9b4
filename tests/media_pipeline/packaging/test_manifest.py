"""What a package says of itself, and what older packages said."""

import msgspec
import pytest

from media_pipeline.domain import Published, Shortcoming
from media_pipeline.packaging import manifest
from media_pipeline.packaging.manifest import (
    Degraded,
    Manifest,
    Package,
    PackagedFile,
    Role,
    SoundReport,
)
from media_pipeline.work.publishing import summary


def stored_by_format_1(described: Manifest) -> bytes:
    """As the first release wrote it: no roles, nothing after `files`."""
    fields = msgspec.to_builtins(described) | {"format": 1}
    for later in ("segmentSeconds", "encrypted", "storyboard", "degraded", "sound", "shortcomings"):
        del fields[later]
    for file in fields["files"]:
        del file["role"]
    return msgspec.json.encode(fields)


def test_manifests_of_the_first_format_are_still_read(slide_package: Package) -> None:
    described = slide_package.manifest
    read = manifest.decode(stored_by_format_1(described))
    unsaid = {"format": 1, "storyboard": None, "sound": None, "degraded": ()}
    assert read == msgspec.structs.replace(described, **unsaid)


def test_a_manifest_is_read_as_it_was_written(slide_package: Package) -> None:
    told = msgspec.structs.replace(
        slide_package.manifest,
        degraded=(Degraded("storyboard", "failed", "无缩略图", "no thumbnails"),),
        sound=SoundReport(-16.0, -1.2),
        storyboard=manifest.STORYBOARD,
        encrypted=True,
        shortcomings=(Shortcoming("Apple 7.6", 2, "720p/00003.m4s", "lasts 2.000 s"),),
    )
    assert manifest.decode(manifest.encode(told)) == told
    row = msgspec.json.decode(msgspec.json.encode(summary(told)), type=Published)
    assert row.shortcomings == told.shortcomings, "the lecture's row repeats them"


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("master.m3u8", Role.STREAM),
        ("720p/00001.m4s", Role.STREAM),
        ("poster.jpg", Role.POSTER),
        ("storyboard/index.vtt", Role.STORYBOARD),
        ("storyboard/00001.jpg", Role.STORYBOARD),
        ("offline/sound.m4a", Role.OFFLINE),
        ("poster.jpg/00001.m4s", Role.STREAM),
        ("stream", Role.STREAM),
    ],
)
def test_a_file_s_role_follows_from_its_place(path: str, role: Role) -> None:
    assert manifest.role_of(path) is role


def test_an_unknown_role_is_refused() -> None:
    text = b'{"path":"a","size":1,"sha256":"","contentType":"","role":"captions"}'
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=PackagedFile)
