"""/openapi.json says of tus what no signature shows."""

from typing import Any

import httpx
import pytest


@pytest.fixture
async def paths(api: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await api.get("/openapi.json")).json()["paths"]
    return found


@pytest.mark.parametrize(
    ("path", "method", "asked", "told", "refused"),
    [
        ("/v1/uploads", "options", set[str](), {"Tus-Extension", "Tus-Checksum-Algorithm"}, ""),
        ("/v1/uploads", "post", {"Upload-Length", "Upload-Metadata", "Upload-Checksum"},
         {"Location", "Upload-Offset", "Upload-Expires"}, "401 403 412 413 422 460"),
        ("/v1/uploads/{upload_id}", "head", {"Tus-Resumable"},
         {"Upload-Offset", "Upload-Length", "Upload-Expires"}, "401 404 410 412"),
        ("/v1/uploads/{upload_id}", "patch", {"Upload-Offset", "Upload-Checksum"},
         {"Upload-Offset", "Upload-Expires"}, "401 404 409 410 412 413 415 422 460"),
        ("/v1/uploads/{upload_id}", "delete", {"Tus-Resumable"}, {"Tus-Resumable"},
         "401 404 409 412"),
    ],
    ids=["announce", "create", "find", "continue", "stop"],
)  # fmt: skip
async def test_the_document_names_headers_and_refusals(
    paths: dict[str, Any], path: str, method: str, asked: set[str], told: set[str], refused: str
) -> None:
    operation = paths[path][method]
    headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
    assert asked <= headers
    responses = operation["responses"]
    answer = next(response for status, response in responses.items() if status < "300")
    assert told <= set(answer["headers"])
    assert set(refused.split()) <= set(responses)
    problems = [responses[status]["content"] for status in refused.split()]
    assert all("application/problem+json" in content for content in problems)


async def test_bytes_are_the_body_of_a_continuation(paths: dict[str, Any]) -> None:
    body = paths["/v1/uploads/{upload_id}"]["patch"]["requestBody"]
    assert list(body["content"]) == ["application/offset+octet-stream"]
    assert body["required"]
