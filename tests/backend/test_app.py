"""The edge: what every answer carries, and how a request is refused."""

import json
from collections.abc import AsyncIterator

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar, Router, get, post
from litestar.datastructures import State
from litestar.params import JSONBody

from backend.edge import security_headers
from backend.problems import HANDLERS
from backend.web.errors import HANDLERS as PAGE_HANDLERS
from infra.clock import ManualClock
from infra.settings import Settings
from tests.applications import application
from tests.conftest import PUBLIC_URL

SECRET = "hunter2-hunter2"
JSON = {"Content-Type": "application/json"}
EN, ZH = {"Accept-Language": "en"}, {"Accept-Language": "zh-CN,zh;q=0.9"}
PERSON = {"name": "王小明", "phone": "13812345678", "password": SECRET}
PERSON |= {"codeId": "019a2c4e-0000-7000-8000-000000000000", "code": "123456"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        pytest.param("GET", "/v1/nothing-here", 404, "not-found", id="an unknown address"),
        pytest.param("PUT", "/v1/sessions", 405, "method-not-allowed", id="a wrong method"),
        pytest.param("GET", "/v1/me", 401, "sign-in-first", id="nobody signed in"),
    ],
)
async def test_every_refusal_is_a_problem_document(
    api: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    response = await api.request(method, path)
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"/problems/{code}"
    assert body["detail"]


async def test_a_wrong_method_is_told_the_right_ones(api: httpx.AsyncClient) -> None:
    assert "POST" in (await api.put("/v1/sessions")).headers["allow"]


@pytest.mark.parametrize("path", ["/", "/check", "/log/checkpoint", "/trust.json", "/v/NONE"])
async def test_pages_and_public_files_answer_to_head_as_to_get(
    api: httpx.AsyncClient, path: str
) -> None:
    head, get = await api.head(path), await api.get(path)
    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{", id="it breaks off"),
        pytest.param(b"\xff\xfe", id="bytes of another encoding"),
        pytest.param(b'{"name": }', id="a value is missing"),
        pytest.param(b'{"name": "\xff"}', id="a text that is no UTF-8"),
        pytest.param(b'{"name": "\xed\xa0\x80"}', id="half of a surrogate pair"),
        pytest.param(b'{"name": "\\ud800"}', id="half of a surrogate pair, escaped"),
        pytest.param(b"[" * 100_000, id="nested without end"),
    ],
)
async def test_a_body_that_is_no_json_is_told_so(api: httpx.AsyncClient, content: bytes) -> None:
    response = await api.post("/v1/sessions", content=content, headers=JSON | EN)
    assert (response.status_code, response.json()["code"]) == (400, "malformed-body")
    assert "JSON" in response.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field", "zh", "en"),
    [
        pytest.param(
            {"password": "short"}, "password", "至少需要 10 个字符", "needs at least 10 characters"
        ),
        pytest.param({"name": None}, "name", "应为文本，而不是空", "must be str, not null"),
        pytest.param(
            {"nickname": "x"}, "nickname", "未知字段，请删除", "is not known here; leave it out"
        ),
    ],
)
async def test_an_input_is_named_as_the_caller_wrote_it(
    api: httpx.AsyncClient, change: dict[str, object], field: str, zh: str, en: str
) -> None:
    for headers, words in ((ZH, zh), (EN, en)):
        response = await api.post("/v1/people", json=PERSON | change, headers=headers)
        assert (response.status_code, response.json()["code"]) == (422, "invalid")
        assert response.json()["fields"] == {field: words}


async def test_a_missing_input_is_named_in_camel_case(api: httpx.AsyncClient) -> None:
    response = await api.post("/v1/sessions/refresh", json={"refreshToken": 5}, headers=EN)
    assert response.json()["fields"] == {"refreshToken": "must be str or null, not int"}
    response = await api.post("/v1/sessions", json={"login": "x"}, headers=EN)
    assert response.json()["fields"] == {"password": "或 code 与 codeId / or code and codeId"}
    response = await api.post("/v1/sessions", headers=EN)
    assert response.json()["fields"] == {"body": "is missing, or is no JSON object"}


async def test_a_body_beyond_the_limit_is_refused_unread(api: httpx.AsyncClient) -> None:
    huge = json.dumps({"login": "x" * 300_000, "password": SECRET}).encode()
    response = await api.post("/v1/sessions", content=huge, headers=JSON)
    assert (response.status_code, response.json()["code"]) == (413, "too-large")


async def test_messages_are_chinese_unless_english_is_asked_for(api: httpx.AsyncClient) -> None:
    cases = [(ZH, "zh-CN", "未找到"), (None, "zh-CN", "未找到"), (EN, "en", "Not found")]
    for headers, language, word in cases:
        response = await api.get("/nothing", headers=headers)
        assert (response.headers["content-language"], response.json()["title"]) == (language, word)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/v1/me", "/docs"])
async def test_every_answer_is_guarded_by_headers(api: httpx.AsyncClient, path: str) -> None:
    headers = (await api.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers
    assert headers["x-request-id"]


async def test_a_log_line_names_the_request_it_belongs_to(
    api: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await api.get("/v1/me", headers={"X-Request-ID": "find-me-in-the-log"})
    assert answer.status_code == 401
    lines = [line for line in capsys.readouterr().err.splitlines() if "answered" in line]
    assert [msgspec.json.decode(line)["request"] for line in lines] == ["find-me-in-the-log"]


async def test_a_request_keeps_its_own_plain_id_and_no_other(api: httpx.AsyncClient) -> None:
    for given, kept in (("phone-12345678", True), ("a b", False), ("x" * 65, False)):
        answer = await api.get("/healthz", headers={"X-Request-ID": given})
        assert (answer.headers["x-request-id"] == given) is kept


def test_pages_may_play_from_the_object_store_and_https_is_pinned() -> None:
    settings = Settings.model_validate(
        {"OBJECTS_URL": "https://key:secret@store.test:9000/b", "public_url": "https://gb.test"}
    )
    headers = security_headers(settings)
    policy = headers["Content-Security-Policy"]
    for part in ("media-src 'self' blob: https://store.test:9000", "worker-src 'self' blob:"):
        assert part in policy
    assert "secret" not in policy
    assert "Strict-Transport-Security" in headers


async def test_it_is_ready_while_database_and_store_answer(api: httpx.AsyncClient) -> None:
    response = await api.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "ready")


async def test_it_is_alive_but_not_ready_without_its_store(
    unit: None, settings: Settings, clock: ManualClock
) -> None:
    elsewhere = settings.model_copy(update={"objects_url": "http://k:s@127.0.0.1:1/none"})
    app = application(elsewhere, clock)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        assert (await client.get("/healthz")).status_code == 200
        response = await client.get("/readyz")
    assert (response.status_code, response.json()["objects"]) == (503, "not-ready")
    assert response.json()["database"] == "ready"


class Secret(msgspec.Struct):
    phone: str


@post("/fails")
async def fails(data: JSONBody[Secret]) -> None:
    raise ZeroDivisionError(f"cannot call {data.phone} of {SECRET}@example.org")


@get("/unplugged")
async def unplugged() -> None:
    raise ConnectionRefusedError


@get("/shut-down")
async def shut_down() -> None:
    raise asyncpg.AdminShutdownError


@pytest.fixture
async def broken(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    pages = Router("/pages", route_handlers=[shut_down], exception_handlers=PAGE_HANDLERS)
    app = Litestar(
        [fails, unplugged, shut_down, pages],
        exception_handlers=HANDLERS,
        state=State({"settings": settings}),
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client


async def test_an_unforeseen_failure_shows_nothing_and_logs_no_person(
    broken: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await broken.post("/fails", json={"phone": "13812345678"}, headers=EN)
    assert (response.status_code, response.json()["code"]) == (500, "unexpected")
    logged = capsys.readouterr().err
    assert "ZeroDivisionError" in logged
    for text in (logged, response.text):
        assert "13812345678" not in text
        assert SECRET not in text


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/unplugged", id="it does not answer"),
        pytest.param("/shut-down", id="it was told to stop in the middle of a statement"),
    ],
)
async def test_a_database_that_went_away_is_a_matter_of_waiting(
    broken: httpx.AsyncClient, path: str
) -> None:
    response = await broken.get(path, headers=EN)
    assert (response.status_code, response.json()["code"]) == (503, "unavailable")
    assert response.headers["retry-after"] == "5"


async def test_on_a_page_that_is_said_to_a_person(broken: httpx.AsyncClient) -> None:
    response = await broken.get("/pages/shut-down", headers={"Accept": "text/html"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    assert response.headers["content-type"].startswith("text/html")
    assert "请稍后重试" in response.text


async def test_the_description_is_openapi_3_1_and_documents_refusals(
    api: httpx.AsyncClient,
) -> None:
    schema = (await api.get("/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    operations = [
        (path, method, operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    ]
    ids = [operation.get("operationId") for _, _, operation in operations]
    assert all(ids), [o[:2] for o in operations if not o[2].get("operationId")]
    assert len(set(ids)) == len(ids)
    assert all("default" in operation["responses"] for _, _, operation in operations)
    me = schema["paths"]["/v1/me"]["get"]
    assert me["security"] == [{"bearer": []}]
    assert "application/problem+json" in me["responses"]["401"]["content"]


async def test_the_documentation_page_needs_no_internet(api: httpx.AsyncClient) -> None:
    page = (await api.get("/docs")).text
    assert "/static/built/api-docs.js" in page
    assert "http://" not in page
    assert "https://" not in page
