"""Pages of the register without a script, and frames of classes."""

import httpx
import pytest


async def test_the_register_says_when_it_held_nobody(api: httpx.AsyncClient) -> None:
    answer = await api.get("/bodies", params={"asAt": "2001-01-01"})
    assert answer.status_code == 200
    assert "该日名录中没有机构" in answer.text
    assert (await api.get("/bodies", params={"asAt": "yesterday"})).status_code == 200


@pytest.mark.parametrize("code", ["x", "91440300MA5DEM0XXX", "<script>", "A" * 300])
async def test_a_body_that_is_not_there_is_a_page_of_words(
    api: httpx.AsyncClient, code: str
) -> None:
    answer = await api.get(f"/bodies/{code}")
    assert answer.status_code == 404
    assert "名录中没有" in answer.text or "没有找到" in answer.text
    assert "<script>" not in answer.text


async def test_any_scanned_text_gets_the_frame_and_nothing_else(api: httpx.AsyncClient) -> None:
    answer = await api.get('/c/x"><script>alert(1)</script>')
    assert answer.status_code in {200, 404}
    assert "<script>alert" not in answer.text
