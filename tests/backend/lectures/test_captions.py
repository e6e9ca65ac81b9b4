"""Authors' captions over the API: put, changed, fetched in either format, removed."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest

from backend.accounts.domain import Role
from infra.clock import ManualClock
from infra.settings import Settings
from media_pipeline.captions import repository, service
from media_pipeline.captions.domain import FILE_BYTES, NotRecognised, Origin
from media_pipeline.captions.errors import UploadedCaptionsStand
from media_pipeline.domain import State
from media_pipeline.tables import CaptionCue
from tests.applications import application
from tests.backend.lectures.published import a_row
from tests.conftest import PUBLIC_URL, START
from tests.media_pipeline.captions.samples import ASS, SRT, VTT
from tests.people import AsPerson, SignedIn

SHORT = "1\n00:00:01,000 --> 00:00:02,000\n<b>第一</b>课 & 其他\n"


@pytest.fixture
async def author(as_person: AsPerson) -> SignedIn:
    return await as_person(Role.AUTHOR)


@pytest.fixture
async def lecture_id(author: SignedIn) -> UUID:
    return await a_row(author.id, now=START, seconds=4000)


async def put(
    api: httpx.AsyncClient,
    person: SignedIn,
    lecture_id: UUID,
    content: str | bytes = SHORT,
    language: str = "zh-Hans",
    **headers: str,
) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"/v1/lectures/{lecture_id}/captions/{language}"
    return await api.put(url, content=content, headers={**person.headers, **sent})


async def texts(lecture_id: UUID) -> list[str]:
    rows = (
        await CaptionCue.select(CaptionCue.text)
        .where(CaptionCue.lecture_id == lecture_id)
        .order_by(CaptionCue.number)
    )
    return [row["text"] for row in rows]


@pytest.mark.parametrize(
    ("content", "kind"), [(SRT, "application/x-subrip"), (VTT, "text/vtt"), (ASS, "text/x-ssa")]
)
async def test_any_of_the_formats_becomes_a_track(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID, content: str, kind: str
) -> None:
    answer = await put(api, author, lecture_id, content, Content_Type=kind)
    taken = answer.json()
    assert answer.status_code == 201
    assert answer.headers["ETag"] == taken["etag"]
    assert (taken["cues"], taken["version"], taken["changed"]) == (3, 1, True)
    assert (taken["language"], taken["label"], taken["origin"]) == (
        *("zh-Hans", "简体中文"),
        "upload",
    )
    assert taken["remarks"] == []
    assert await texts(lecture_id) == ["各位学员好，重点如下", "A < B & C\n第二行", "最后"]


async def test_a_track_is_fetched_as_webvtt_or_srt(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    await put(api, author, lecture_id)
    url = f"/v1/lectures/{lecture_id}/captions/zh-hans"
    vtt = await api.get(url, headers=author.headers)
    assert vtt.headers["Content-Type"].startswith("text/vtt")
    assert vtt.text == ("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<b>第一</b>课 &amp; 其他\n")
    by_query = await api.get(f"{url}?format=srt", headers=author.headers)
    wanted = {**author.headers, "Accept": "application/x-subrip"}
    by_accept = await api.get(url, headers=wanted)
    assert by_query.text == "1\n00:00:01,000 --> 00:00:02,000\n第一课 & 其他\n" == by_accept.text
    assert by_accept.headers["Content-Type"].startswith("application/x-subrip")
    assert by_accept.headers["ETag"] != vtt.headers["ETag"]


async def test_a_new_file_counts_the_version_up_and_the_same_file_does_not(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    await put(api, author, lecture_id)
    again = await put(api, author, lecture_id)
    assert (again.status_code, again.json()["version"], again.json()["changed"]) == (200, 1, False)
    other = (await put(api, author, lecture_id, SHORT.replace("第一", "第二"))).json()
    assert (other["version"], other["changed"]) == (2, True)
    assert await texts(lecture_id) == ["第二课 & 其他"]


async def test_a_label_can_be_given_and_stays(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    named = await put(api, author, lecture_id, language="en?label=English%20(SDH)")
    assert named.json()["label"] == "English (SDH)"
    assert (await put(api, author, lecture_id, SRT, language="en")).json()[
        "label"
    ] == "English (SDH)"
    bad = await put(api, author, lecture_id, language="en?label=%0A")
    assert (bad.status_code, bad.json()["code"]) == (422, "label-not-good")


async def test_two_authors_of_one_track_never_overwrite_each_other_unseen(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    first = (await put(api, author, lecture_id)).headers["ETag"]
    srt = await api.get(
        f"/v1/lectures/{lecture_id}/captions/zh-Hans?format=srt", headers=author.headers
    )
    mine = await put(api, author, lecture_id, SRT, If_Match=srt.headers["ETag"])
    assert mine.status_code == 200, "the tag of either format will do"
    late = await put(api, author, lecture_id, VTT, If_Match=first, Accept_Language="en")
    assert (late.status_code, late.json()["code"]) == (412, "captions-changed")
    assert "fetch them again" in late.json()["detail"]
    made = await put(api, author, lecture_id, VTT, If_None_Match="*")
    assert made.status_code == 412
    nothing = await put(api, author, lecture_id, VTT, language="en", If_Match="*")
    assert nothing.status_code == 412
    url = f"/v1/lectures/{lecture_id}/captions/zh-Hans"
    kept = await api.delete(url, headers={**author.headers, "If-Match": first})
    assert kept.status_code == 412


async def test_removed_captions_are_gone_with_their_lines(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    await put(api, author, lecture_id)
    await put(api, author, lecture_id, language="en")
    url = f"/v1/lectures/{lecture_id}/captions"
    assert (await api.delete(f"{url}/en", headers=author.headers)).status_code == 204
    assert (await api.delete(f"{url}/en", headers=author.headers)).json()["code"] == "no-captions"
    listed = (await api.get(url, headers=author.headers)).json()["items"]
    assert [one["language"] for one in listed] == ["zh-Hans"]
    assert await texts(lecture_id) == ["第一课 & 其他"]


async def test_another_authors_lecture_is_not_found_and_learners_are_turned_away(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID, as_person: AsPerson
) -> None:
    await put(api, author, lecture_id)
    other, learner = await as_person(Role.AUTHOR), await as_person()
    url = f"/v1/lectures/{lecture_id}/captions"
    for path in ("", "/zh-Hans"):
        assert (await api.get(url + path, headers=other.headers)).status_code == 404
    assert (await put(api, other, lecture_id)).status_code == 404
    assert (await api.delete(f"{url}/zh-Hans", headers=other.headers)).status_code == 404
    assert (await put(api, learner, lecture_id)).status_code == 403
    assert (await put(api, author, uuid4())).status_code == 404


async def test_a_fault_is_told_by_its_line_in_the_authors_language(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    wrong = "1\n00:00:05,000 --> 00:00:02,000\nx"
    zh = (await put(api, author, lecture_id, wrong)).json()
    en = (await put(api, author, lecture_id, wrong, Accept_Language="en")).json()
    assert (zh["status"], zh["code"]) == (422, "captions-faulty")
    assert zh["detail"] == "第 2 行：结束时间早于开始时间"
    assert en["detail"] == "line 2: end before begin"
    assert "line 2" in en["fields"]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"x" * (FILE_BYTES + 1), {}, 413, "captions-too-large"),
        (b"", {}, 422, "captions-empty"),
        (b"--x", {"Content_Type": "multipart/form-data; boundary=x"}, 415, "file-itself-needed"),
        (b"1\n01:06:40,000 --> 01:06:41,000\nx", {}, 422, "captions-late"),
    ],
    ids=["too large", "empty", "a form", "another lecture's"],
)
async def test_what_cannot_be_taken_is_refused_with_its_reason(
    api: httpx.AsyncClient,
    author: SignedIn,
    lecture_id: UUID,
    content: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    answer = await put(api, author, lecture_id, content, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_language_that_is_no_tag_is_refused(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    answer = await put(api, author, lecture_id, language="chinese")
    assert (answer.status_code, answer.json()["code"]) == (422, "language-unknown")


async def test_what_was_left_out_is_told_with_the_answer(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    marked = SHORT.replace("课", "<font>课</font>").encode("gb18030")
    taken = (await put(api, author, lecture_id, marked)).json()
    assert taken["encoding"] == "GB18030"
    assert {r["code"]: r["count"] for r in taken["remarks"]} == {"markup": 1, "encoding": 1}
    assert taken["remarks"][0]["message"]["en"] == "markup that was not kept: <font> × 1"


async def test_captions_may_come_before_the_lecture_is_made(
    api: httpx.AsyncClient, author: SignedIn
) -> None:
    waiting = await a_row(author.id, now=START, state=State.QUEUED)
    assert (await put(api, author, waiting)).status_code == 201


async def test_what_a_program_found_never_replaces_an_authors_captions(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    await put(api, author, lecture_id)
    with pytest.raises(UploadedCaptionsStand):
        await service.keep_found(lecture_id, "zh-Hans", VTT, origin=Origin.RECOGNISED, now=START)
    kept = await service.keep_embedded(
        lecture_id,
        [("zh-Hans", VTT), ("fr", "WEBVTT\n"), ("en", VTT), ("en", SRT)],
        now=START,
    )
    assert kept == ["en"]
    found = {t.language: (t.origin, t.version) for t in await service.tracks_of(lecture_id)}
    assert found == {"zh-Hans": (Origin.UPLOAD, 1), "en": (Origin.FILE, 1)}
    same = await a_row(author.id, now=START, seconds=4000)
    assert await service.copy_embedded(lecture_id, same, now=START) == ["en"]
    mine = (await put(api, author, lecture_id, SRT, language="en")).json()
    assert (mine["origin"], mine["version"]) == ("upload", 2), "an author's may replace anything"


async def test_many_cues_are_stored_whole(api: httpx.AsyncClient, author: SignedIn) -> None:
    lecture_id = await a_row(author.id, now=START, seconds=21_600)
    one = "{0}\n{1:02}:{2:02}:{3:02},000 --> {1:02}:{2:02}:{3:02},900\n第 {0} 句\n"
    content = "\n".join(one.format(n, n // 3600, n // 60 % 60, n % 60) for n in range(20_000))
    assert (await put(api, author, lecture_id, content)).json()["cues"] == 20_000
    await service.remove_tracks_of(lecture_id)
    assert await texts(lecture_id) == []


@pytest.fixture
async def hearing_api(
    unit: None, settings: Settings, clock: ManualClock
) -> AsyncIterator[httpx.AsyncClient]:
    """The API of an instance that has a speech recogniser."""
    own = settings.model_copy(update={"transcriber": "recognise {sound}"})
    app = application(own, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


async def test_recognition_is_asked_for_and_seen_in_the_list(
    hearing_api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    url = f"/v1/lectures/{lecture_id}/captions"
    asked = await hearing_api.post(f"{url}/zh-hans/recognition", headers=author.headers)
    assert asked.status_code == 202
    assert asked.json() == {
        "lectureId": str(lecture_id),
        "language": "zh-Hans",
        "state": "queued",
    }
    listed = (await hearing_api.get(url, headers=author.headers)).json()
    assert listed == {
        **{"items": [], "notRecognised": [], "recogniser": True},
        "recognising": ["zh-Hans"],
    }


async def test_a_recognition_that_failed_is_told_until_captions_are_there(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    failure = NotRecognised("zh-Hans", "no-speech-heard", "未识别到语音", "No speech", START)
    await repository.keep_failure(lecture_id, failure)
    url = f"/v1/lectures/{lecture_id}/captions"
    listed = (await api.get(url, headers=author.headers)).json()
    assert not listed["recogniser"]
    (told,) = listed["notRecognised"]
    assert (told["label"], told["code"]) == ("简体中文", "no-speech-heard")
    assert told["message"] == {"zh": "未识别到语音", "en": "No speech"}
    await put(api, author, lecture_id)
    assert (await api.get(url, headers=author.headers)).json()["notRecognised"] == []


async def test_without_a_recogniser_the_author_is_told_what_to_do_instead(
    api: httpx.AsyncClient, author: SignedIn, lecture_id: UUID
) -> None:
    url = f"/v1/lectures/{lecture_id}/captions/zh-Hans/recognition"
    answer = await api.post(url, headers={**author.headers, "Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no-transcriber")
    assert "upload captions as SRT" in answer.json()["detail"]
