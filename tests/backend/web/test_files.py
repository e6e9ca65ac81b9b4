"""Static files: cached by hash, never outside their folder."""

import httpx
import pytest

from backend.web import files


async def test_a_file_under_its_hash_is_cached_for_ever(site: httpx.AsyncClient) -> None:
    file = await site.get(files.address("seal.svg"))
    assert file.headers["content-type"].startswith("image/svg+xml")
    assert file.headers["cache-control"] == files.FOREVER


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/service-worker.js", "text/javascript; charset=utf-8"),
        ("/static/built/site.css", "text/css; charset=utf-8"),
    ],
)
async def test_a_script_and_a_style_say_their_charset_once(
    site: httpx.AsyncClient, path: str, media_type: str
) -> None:
    assert (await site.get(path)).headers["content-type"] == media_type


@pytest.mark.parametrize("query", ["", "?v=000000000000"])
async def test_without_the_right_hash_it_is_asked_for_again(
    site: httpx.AsyncClient, query: str
) -> None:
    file = await site.get(f"/static/seal.svg{query}")
    assert file.headers["cache-control"] == files.ASK_AGAIN
    again = await site.get("/static/seal.svg", headers={"If-None-Match": file.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../controllers.py",
        "/static/%2e%2e/controllers.py",
        "/static/..%2fcontrollers.py",
        "/static//etc/passwd",
        "/static/built",
        "/static/no-such.js",
    ],
)
async def test_nothing_outside_the_folder_is_served(site: httpx.AsyncClient, path: str) -> None:
    assert (await site.get(path)).status_code == 404
