"""Encrypted packages: other people's players open them, nobody without the key does."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.packaging import cipher
from media_pipeline.packaging.cipher import BrokenCipher
from media_pipeline.packaging.encryption import AlreadyEncrypted, encrypt_package
from media_pipeline.packaging.playlists import Key, parse_master, parse_media
from media_pipeline.running.tools import Tools
from tests.media_pipeline.packaging.conftest import KEY

Held = dict[str, dict[str, bytes]]


def pictures(tools: Tools, playlist: Path) -> list[str]:
    """A hash of every decoded picture or stretch of sound."""
    command = [str(tools.ffmpeg), "-v", "error", "-nostdin", "-allowed_extensions", "ALL"]
    take = ["-i", str(playlist), "-f", "framemd5", "-"]
    done = subprocess.run([*command, *take], capture_output=True, text=True, timeout=60)
    return [line for line in done.stdout.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("name", ["180p", "audio"])
def test_ffmpeg_plays_it_with_the_key_as_it_played_the_plain_one(
    tools: Tools, made_packages: dict[str, Path], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "with key"
    shutil.copytree(made_packages["encrypted"], folder)
    (folder / name / "key").write_bytes(KEY)
    plain = pictures(tools, made_packages["camera"] / name / "index.m3u8")
    assert len(plain) > 100
    assert pictures(tools, folder / name / "index.m3u8") == plain


def test_ffmpeg_plays_nothing_with_another_key(
    tools: Tools, made_packages: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "another key"
    shutil.copytree(made_packages["encrypted"], folder)
    (folder / "90p" / "key").write_bytes(bytes(16))
    assert pictures(tools, folder / "90p" / "index.m3u8") == []


def test_every_segment_comes_back_byte_for_byte(held_packages: Held) -> None:
    plain, sealed = held_packages["camera"], held_packages["encrypted"]
    for name in ("180p", "90p", "audio"):
        playlist = parse_media(sealed[f"{name}/index.m3u8"].decode())
        for segment in playlist.segments:
            assert segment.key is not None
            path, iv = f"{name}/{segment.uri}", cipher.initial_vector(segment.key, segment.number)
            assert cipher.decrypt(sealed[path], KEY, iv) == plain[path]
        assert sealed[f"{name}/init.mp4"] == plain[f"{name}/init.mp4"]


def test_it_offers_no_i_frames_and_measures_anew(held_packages: Held) -> None:
    sealed = held_packages["encrypted"]
    master = parse_master(sealed["master.m3u8"].decode())
    assert not master.key_pictures
    assert not [path for path in sealed if "iframes" in path]
    before = parse_master(held_packages["camera"]["master.m3u8"].decode())
    for old, new in zip(before.variants, master.variants, strict=True):
        assert new.uri == old.uri
        assert 0 < new.average_bandwidth - old.average_bandwidth < 100


def test_the_map_stands_before_the_key(held_packages: Held) -> None:
    lines = held_packages["encrypted"]["180p/index.m3u8"].decode().splitlines()
    at = lines.index('#EXT-X-MAP:URI="init.mp4"')
    assert lines[at + 1] == '#EXT-X-KEY:METHOD=AES-128,URI="key"'
    assert sum(line.startswith("#EXT-X-KEY") for line in lines) == 1


def test_a_package_is_not_encrypted_twice(made_packages: dict[str, Path]) -> None:
    with pytest.raises(AlreadyEncrypted):
        encrypt_package(made_packages["encrypted"], KEY)


def test_keys_are_random() -> None:
    assert len({cipher.new_key() for _ in range(20)} | {bytes(16)}) == 21


@given(st.binary(), st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_what_is_sealed_is_opened(plain: bytes, key: bytes, iv: bytes) -> None:
    sealed = cipher.encrypt(plain, key, iv)
    assert cipher.decrypt(sealed, key, iv) == plain
    assert len(sealed) > len(plain)
    if len(sealed) >= 32:
        assert cipher.decrypted_size(len(sealed), sealed[-32:], key) == len(plain)


@given(st.integers(0, 2**63))
def test_the_iv_is_the_number_of_the_segment_unless_it_is_said(number: int) -> None:
    assert int.from_bytes(cipher.initial_vector(Key("AES-128", "key"), number), "big") == number
    said = Key("AES-128", "key", f"0x{number:032X}")
    assert cipher.initial_vector(said, 7) == number.to_bytes(16, "big")


@pytest.mark.parametrize("iv", ["0x", "0xZZ", "0x" + "1" * 33, "-0x1"])
def test_an_iv_that_is_none_is_refused(iv: str) -> None:
    with pytest.raises(BrokenCipher):
        cipher.initial_vector(Key("AES-128", "key", iv), 1)


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(32)])
def test_what_was_never_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(BrokenCipher):
        cipher.decrypt(sealed, KEY, bytes(16))
