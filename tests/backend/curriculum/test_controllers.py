import httpx
import pytest

from courses.format import CheckQuestion, Item
from courses.items.rich_text import plain
from tests.courses import current_edition

PATHS = [
    "/v1/programmes",
    "/v1/programmes/DEMO",
    "/v1/programmes/MGR",
    "/v1/modules/M02",
    *(f"/v1/lessons/M02-L0{n}" for n in range(1, 7)),
    "/v1/lessons/M02-L01?programme=DEMO",
]


def questions() -> list[CheckQuestion | Item]:
    edition = current_edition()
    lessons = [lesson for module in edition.modules for lesson in module.lessons]
    return [*(q for lesson in lessons for q in lesson.check_questions), *edition.items]


async def test_programmes_say_whether_they_are_open_and_why_not(
    api: httpx.AsyncClient, published: str
) -> None:
    answer = (await api.get("/v1/programmes")).json()
    assert answer["edition"] == {"code": "2026.1", "sha256": published}
    programmes = {one["code"]: one for one in answer["items"]}
    assert len(programmes) == 12
    manager = programmes["MGR"]
    assert (manager["classHours"], manager["exam"]) == (16, "E2")
    assert manager["modules"] == ["M02", "M03", "M04", "M05", "M06"]
    assert manager["open"] is False
    assert "M03-L01" in manager["whyNotOpen"]["zh"]
    assert "M02-L01" in programmes["DEMO"]["whyNotOpen"]["en"]


async def test_a_programme_shows_its_requirements_lessons_and_exam(
    api: httpx.AsyncClient, published: str
) -> None:
    yearly = (await api.get("/v1/programmes/CE-AUD")).json()
    assert [r["elective"] for r in yearly["requirements"]] == [False, True]
    assert yearly["requiredSeconds"] == 16 * 2700
    assert len(yearly["lessons"]) == 24
    exam = yearly["examDetails"]
    assert (exam["code"], exam["passMark"], exam["minutes"]) == ("E5", 70, 60)
    assert (exam["totalPoints"], exam["levels"]["理解"]) == (100, 35)


async def test_a_module_lists_its_lessons(api: httpx.AsyncClient, published: str) -> None:
    module = (await api.get("/v1/modules/M02")).json()
    assert module["title"]["zh"] == "认证制度与诚信"
    assert [lesson["code"] for lesson in module["lessons"]] == [f"M02-L0{n}" for n in range(1, 7)]
    assert all(lesson["written"] for lesson in module["lessons"])


async def test_a_lesson_has_its_text_questions_and_worth(
    api: httpx.AsyncClient, published: str
) -> None:
    lesson = (await api.get("/v1/lessons/M02-L01", params={"programme": "DEMO"})).json()
    assert lesson["text"].startswith("# 认证是什么")
    assert lesson["lecture"] is None
    assert 0 < lesson["creditSeconds"] < 900
    assert lesson["standard"] == {"code": "知识产权认证管理办法", "edition": "2018"}
    question = lesson["checkQuestions"][0]
    assert question.keys() == {"id", "kind", "stem", "options"}
    assert question["options"][0].keys() == {"id", "text"}


async def test_no_byte_of_any_response_tells_an_answer(
    api: httpx.AsyncClient, published: str
) -> None:
    asked = questions()
    for path in PATHS:
        response = await api.get(path)
        assert response.status_code == 200
        body = response.content.decode()
        assert '"key"' not in body
        assert '"explanation"' not in body
        assert '"correct"' not in body
        assert [q.id for q in asked if plain(q.explanation) in body] == []


async def test_bank_items_are_nowhere_in_the_catalogue(
    api: httpx.AsyncClient, published: str
) -> None:
    bank = current_edition().items
    for path in PATHS:
        body = (await api.get(path)).content.decode()
        assert [item.id for item in bank if item.id in body or plain(item.stem) in body] == []


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_already_held_is_not_sent_again(
    api: httpx.AsyncClient, published: str, path: str
) -> None:
    first = await api.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    assert first.headers["cache-control"] == "public, no-cache"
    for asked in (tag, f'"other", W/{tag}', "*"):
        again = await api.get(path, headers={"If-None-Match": asked})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert (await api.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("/v1/programmes/NONE", "unknown-programme", id="no such programme"),
        pytest.param("/v1/modules/M99", "unknown-module", id="no such module"),
        pytest.param("/v1/lessons/M02-L99", "unknown-lesson", id="no such lesson"),
        pytest.param("/v1/lessons/M02-L01?programme=NONE", "unknown-programme", id="its programme"),
        pytest.param("/v1/lessons/M03-L01?programme=DEMO", "unknown-lesson", id="not taught there"),
    ],
)
async def test_unknown_codes_are_not_found(
    api: httpx.AsyncClient, published: str, path: str, code: str
) -> None:
    response = await api.get(path)
    assert (response.status_code, response.json()["code"]) == (404, code)


async def test_a_malformed_code_is_refused_before_it_is_looked_up(
    api: httpx.AsyncClient, published: str
) -> None:
    assert (await api.get("/v1/lessons/..%00")).status_code in {404, 422}
    assert (await api.get("/v1/modules/m02")).status_code == 422
