"""What learners read and search of the lectures they may watch."""

from uuid import UUID

import httpx
import pytest

from backend.accounts.domain import Role
from backend.lectures import service as lectures
from media_pipeline.captions import service as captions
from media_pipeline.captions.domain import Origin
from tests.backend.lectures.published import a_row
from tests.conftest import START
from tests.people import AsPerson, SignedIn


@pytest.fixture
async def learner(as_person: AsPerson) -> SignedIn:
    return await as_person()


@pytest.fixture
async def author(as_person: AsPerson) -> SignedIn:
    return await as_person(Role.AUTHOR)


def vtt(*lines: str) -> str:
    """One line a second."""
    cues = (
        f"00:{n // 60:02}:{n % 60:02}.000 --> 00:{n // 60:02}:{n % 60:02}.900\n{line}\n"
        for n, line in enumerate(lines, 1)
    )
    return "WEBVTT\n\n" + "\n".join(cues)


async def lecture(
    author: SignedIn,
    lesson: str,
    *lines: str,
    language: str = "zh-Hans",
    demonstration: bool = False,
) -> UUID:
    lecture_id = await a_row(author.id, now=START, seconds=40)
    await lectures.assign(
        lesson, lecture_id, demonstration=demonstration, author_id=author.id, now=START
    )
    if lines:
        await caption(lecture_id, *lines, language=language)
    return lecture_id


async def caption(lecture_id: UUID, *lines: str, language: str) -> None:
    await captions.keep_found(lecture_id, language, vtt(*lines), origin=Origin.FILE, now=START)


async def found(api: httpx.AsyncClient, learner: SignedIn, **query: str) -> list[dict[str, object]]:
    answer = await api.get("/v1/transcripts/search", params=query, headers=learner.headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def test_a_transcript_comes_in_the_language_nearest_to_the_one_asked_for(
    api: httpx.AsyncClient, published: str, author: SignedIn, learner: SignedIn
) -> None:
    lecture_id = await lecture(author, "M02-L01", "知识产权 <b>很</b>重要", "A &amp; B")
    await caption(lecture_id, "IP matters", language="en")
    url = "/v1/lessons/M02-L01/transcript"
    page = (await api.get(f"{url}?language=zh-Hant", headers=learner.headers)).json()
    assert page == {
        "lesson": "M02-L01",
        "language": "zh-Hans",
        "languages": [
            {"language": "en", "label": "English"},
            {"language": "zh-Hans", "label": "简体中文"},
        ],
        "cues": [
            {"fromMs": 1000, "toMs": 1900, "text": "知识产权 很重要"},
            {"fromMs": 2000, "toMs": 2900, "text": "A & B"},
        ],
    }
    english = (await api.get(f"{url}?language=en", headers=learner.headers)).json()
    assert [cue["text"] for cue in english["cues"]] == ["IP matters"]


async def test_a_transcript_is_kept_by_the_reader_alone_and_sent_once(
    api: httpx.AsyncClient, published: str, author: SignedIn, learner: SignedIn
) -> None:
    lecture_id = await lecture(author, "M02-L01", *["知识产权管理体系"] * 39)
    url = "/v1/lessons/M02-L01/transcript"
    first = await api.get(url, headers={**learner.headers, "Accept-Encoding": "gzip"})
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Content-Encoding"] == "gzip"
    known = {**learner.headers, "If-None-Match": first.headers["ETag"]}
    assert (await api.get(url, headers=known)).status_code == 304
    await caption(lecture_id, "new", language="en")
    assert (await api.get(url, headers=known)).status_code == 200


async def test_a_lesson_without_captions_has_an_empty_transcript(
    api: httpx.AsyncClient, published: str, author: SignedIn, learner: SignedIn
) -> None:
    await lecture(author, "M02-L02")
    for lesson in ("M02-L01", "M02-L02"):
        page = (await api.get(f"/v1/lessons/{lesson}/transcript", headers=learner.headers)).json()
        assert page == {"lesson": lesson, "language": None, "languages": [], "cues": []}


async def test_transcripts_need_somebody_signed_in_and_a_lesson_that_there_is(
    api: httpx.AsyncClient, published: str, learner: SignedIn
) -> None:
    assert (await api.get("/v1/lessons/M02-L01/transcript")).status_code == 401
    assert (await api.get("/v1/transcripts/search?q=x")).status_code == 401
    for query in ("M99-L01/transcript", "M02-L01/transcript?programme=NONE"):
        assert (await api.get(f"/v1/lessons/{query}", headers=learner.headers)).status_code == 404


async def test_a_search_finds_words_in_the_order_of_lessons_and_of_time(
    api: httpx.AsyncClient, published: str, author: SignedIn, learner: SignedIn
) -> None:
    await lecture(author, "M02-L02", "知识产权贯标，贯标体系", "其他")
    await lecture(author, "M02-L01", "什么是贯标", "其他", "贯标的意义")
    items = await found(api, learner, q="贯标")
    assert [(i["lesson"], i["fromMs"], i["text"], i["matches"]) for i in items] == [
        ("M02-L01", 1000, "什么是贯标", 1),
        ("M02-L01", 3000, "贯标的意义", 1),
        ("M02-L02", 1000, "知识产权贯标，贯标体系", 2),
    ]
    assert items[0]["language"] == "zh-Hans"
    assert isinstance(items[0]["title"], dict)
    assert len(await found(api, learner, q="贯标", limit="2")) == 2


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("gb/t 29490", "依据ＧＢ／Ｔ　２９４９０—２０２３"),
        ("ＧＢ／Ｔ", "依据 gb/t 29490"),
        ("标准 29490", "29490 是一项标准"),
        ("100%", "占比１００％"),
        ("a_b", "字段 A_B"),
        ("c:\\x", "路径 C:\\x"),
        ("ﬁle", "a FILE"),
        ("知识产权", "自主知识\n产权"),
        ("good morning", "Good\nmorning"),
    ],
)
async def test_width_and_case_are_no_matter_and_signs_stand_for_themselves(
    api: httpx.AsyncClient,
    published: str,
    author: SignedIn,
    learner: SignedIn,
    query: str,
    line: str,
) -> None:
    await lecture(author, "M02-L01", line, "1000 a b c:yx 不相干")
    assert [item["text"] for item in await found(api, learner, q=query)] == [line]


@pytest.mark.parametrize("query", ["　", "没有这句", "%", "_"])
async def test_what_nobody_said_is_not_found(
    api: httpx.AsyncClient, published: str, author: SignedIn, learner: SignedIn, query: str
) -> None:
    await lecture(author, "M02-L01", "知识产权")
    assert await found(api, learner, q=query) == []


async def test_only_lectures_that_lessons_show_are_searched(
    api: httpx.AsyncClient, published: str, author: SignedIn, learner: SignedIn
) -> None:
    await lecture(author, "M02-L01", "旧的贯标")
    await lecture(author, "M02-L01", "新的贯标")
    await caption(await a_row(author.id, now=START), "没有小节的贯标", language="zh")
    await lecture(author, "M02-L01", "演示的贯标", demonstration=True)
    assert [i["text"] for i in await found(api, learner, q="贯标")] == ["新的贯标"]
    demo = await found(api, learner, q="贯标", programme="DEMO")
    assert [i["text"] for i in demo] == ["演示的贯标"]


async def test_a_lecture_of_two_lessons_is_told_once_with_the_first(
    api: httpx.AsyncClient, published: str, author: SignedIn, learner: SignedIn
) -> None:
    lecture_id = await lecture(author, "M02-L02", "贯标")
    await lectures.assign(
        "M02-L01", lecture_id, demonstration=False, author_id=author.id, now=START
    )
    assert [i["lesson"] for i in await found(api, learner, q="贯标")] == ["M02-L01"]
