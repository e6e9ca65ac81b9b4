import string
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.lectures.domain import (
    LectureNotPlayable,
    LectureTooLong,
    NotInPackage,
    check_assignable,
    check_name,
    rewrite,
)

MASTER = """#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",URI="audio/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=163000,AUDIO="audio"
720p/index.m3u8
"""
MEDIA = """#EXTM3U
#EXT-X-MAP:URI="init.mp4"
#EXTINF:6.000,
00001.m4s
#EXTINF:4.000,
00002.m4s
#EXT-X-ENDLIST
"""

words = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=8)
names = st.lists(words, min_size=1, max_size=4).map(lambda parts: "/".join(parts) + ".m4s")


def signed(path: str) -> str:
    return f"https://store/{path}?signature"


def test_nested_playlists_stay_relative_so_that_they_keep_the_token() -> None:
    assert rewrite(MASTER, "", signed) == MASTER


def test_segments_and_their_head_are_fetched_from_the_store() -> None:
    assert rewrite(MEDIA, "720p", signed).splitlines() == [
        "#EXTM3U",
        '#EXT-X-MAP:URI="https://store/720p/init.mp4?signature"',
        "#EXTINF:6.000,",
        "https://store/720p/00001.m4s?signature",
        "#EXTINF:4.000,",
        "https://store/720p/00002.m4s?signature",
        "#EXT-X-ENDLIST",
    ]


@given(st.lists(names, min_size=1), st.sampled_from(["", "720p", "a/b"]))
def test_every_segment_is_signed_as_a_browser_would_resolve_it(
    segments: list[str], folder: str
) -> None:
    asked: list[str] = []
    rewrite("\n".join(segments), folder, _noting(asked))
    base = f"http://x/{folder}/" if folder else "http://x/"
    assert asked == [urljoin(base, name).removeprefix("http://x/") for name in segments]


def _noting(asked: list[str]) -> Callable[[str], str]:
    def address(path: str) -> str:
        asked.append(path)
        return path

    return address


@pytest.mark.parametrize(
    "name",
    [
        "../other/secret.mp4",
        "a/../../b.mp4",
        "/etc/passwd.txt",
        "a//b.mp4",
        "a.mp4?x=1",
        "a%2f..%2fb.mp4",
        "a\\b.mp4",
        "a.mp4\n",
        "",
        "master",
    ],
)
def test_a_name_that_leaves_the_package_is_not_in_it(name: str) -> None:
    with pytest.raises(NotInPackage):
        check_name(name)


@given(names)
def test_plain_names_pass(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("seconds", [1, 60])
def test_a_demonstration_lecture_lasts_up_to_a_minute(seconds: int) -> None:
    assert check_assignable(seconds, demonstration=True) == seconds


def test_a_longer_one_is_for_real_lessons_only() -> None:
    with pytest.raises(LectureTooLong):
        check_assignable(61, demonstration=True)
    assert check_assignable(61, demonstration=False) == 61


def test_a_lecture_without_a_length_is_not_playable_yet() -> None:
    with pytest.raises(LectureNotPlayable):
        check_assignable(None, demonstration=False)
