"""Pages answer in two languages, under a policy that lets no foreign or inline script run."""

import re

import httpx
import pytest

from backend.web.words import words

PAGES = [
    *("/", "/sign-in", "/sign-up", "/learn", "/learn/DEMO/M02-L01", "/learn/DEMO/exam", "/studio"),
    *("/account", "/account/privacy", "/editions", "/hours", "/hours/desk", "/marking"),
    "/remedies",
    "/item-statistics",
]
EVERY = [*PAGES, "/records/019a2c4e-0000-7000-8000-000000000000", "/v/NOSUCHCODE123"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_answers_in_chinese_unless_asked_otherwise(
    site: httpx.AsyncClient, path: str
) -> None:
    page = await site.get(path)
    assert page.status_code == 200
    assert '<html lang="zh-CN">' in page.text
    assert page.headers["content-language"] == "zh-CN"


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_answers_in_english_when_the_browser_asks(
    site: httpx.AsyncClient, path: str
) -> None:
    page = await site.get(path, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en">' in page.text
    assert "My learning" in page.text


@pytest.mark.parametrize(("language", "length"), [("zh", "至少 10 个字符"), ("en", "At least 10")])
async def test_who_signs_up_reads_first_what_is_asked_and_what_is_kept(
    site: httpx.AsyncClient, language: str, length: str
) -> None:
    form = (await site.get(f"/sign-up?lang={language}")).text.partition("<form")[2]
    before_the_button = form.partition('id="submit"')[0]
    assert length in before_the_button
    assert words("zh" if language == "zh" else "en")("sign-up.data") in before_the_button
    assert 'minlength="10"' in before_the_button


@pytest.mark.parametrize(
    ("page", "leads_to"), [("/", "/sign-up"), ("/sign-in", "/sign-up"), ("/sign-up", "/sign-in")]
)
async def test_a_newcomer_finds_the_way(site: httpx.AsyncClient, page: str, leads_to: str) -> None:
    main = (await site.get(page)).text.partition("<main")[2]
    assert f'href="{leads_to}"' in main


async def test_a_chosen_language_stays_chosen(site: httpx.AsyncClient) -> None:
    await site.get("/?lang=en")
    assert '<html lang="en">' in (await site.get("/learn")).text
    await site.get("/?lang=zh")
    chinese = await site.get("/learn", headers={"Accept-Language": "en"})
    assert '<html lang="zh-CN">' in chinese.text


async def test_the_switch_keeps_the_rest_of_the_address(site: httpx.AsyncClient) -> None:
    page = await site.get("/sign-in?next=%2Flearn%2FDEMO%2Fexam")
    assert 'href="/sign-in?next=%2Flearn%2FDEMO%2Fexam&amp;lang=en"' in page.text


@pytest.mark.parametrize("path", EVERY)
async def test_no_page_has_inline_scripts_styles_or_foreign_addresses(
    site: httpx.AsyncClient, path: str
) -> None:
    page = await site.get(path)
    policy = page.headers["content-security-policy"]
    assert "'unsafe" not in policy
    assert "default-src 'none'" in policy
    assert re.findall(r"<script(?![^>]*\ssrc=)", page.text) == []
    assert re.findall(r"<[^>]+\s(?:style|on[a-z]+)=", page.text) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page.text) == []


@pytest.mark.parametrize("path", EVERY)
async def test_a_demonstration_says_so_on_every_page(site: httpx.AsyncClient, path: str) -> None:
    for language in ("zh-CN", "en"):
        page = await site.get(path, headers={"Accept-Language": language})
        assert "演示 · DEMONSTRATION" in page.text


async def test_no_page_contains_an_answer_key(site: httpx.AsyncClient) -> None:
    page = (await site.get("/learn/DEMO/M02-L01")).text
    assert "explanation" not in page
    assert '"key"' not in page


@pytest.mark.parametrize("path", ["/learn/NONE/exam", "/learn/DEMO/M99-L01", "/learn/NONE/M02-L01"])
async def test_a_wrong_address_is_explained_as_a_page(site: httpx.AsyncClient, path: str) -> None:
    page = await site.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "没有" in page.text


async def test_the_home_page_lists_every_programme(site: httpx.AsyncClient) -> None:
    page = (await site.get("/")).text
    for code in ("LEAD", "MGR", "IA-E", "AUD", "TR-IA", "CE-AUD", "DEMO"):
        assert f">{code}<" in page


async def test_a_code_typed_by_hand_is_tidied(site: httpx.AsyncClient) -> None:
    answer = await site.get("/v", params={"code": " ab12 cd34 "})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/v/AB12CD34"


async def test_an_unknown_code_is_answered_politely(site: httpx.AsyncClient) -> None:
    page = await site.get("/v/%3Cb%3ENOSUCH")
    assert page.status_code == 404
    assert 'data-verdict="unknown"' in page.text
    assert "查无此证明" in page.text
    assert "<b>NOSUCH" not in page.text


async def test_the_code_of_a_page_is_an_image_that_needs_no_script(site: httpx.AsyncClient) -> None:
    image = await site.get("/v/ABC/qr.svg")
    assert image.headers["content-type"].startswith("image/svg+xml")
    assert "<script" not in image.text


async def test_a_wrong_address_is_told_to_a_person_as_a_page_to_a_program_as_a_problem(
    site: httpx.AsyncClient,
) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"}
    seen = await site.get("/lessons/M02-L01", headers=browser)
    assert (seen.status_code, seen.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "check the address" in seen.text.lower()
    told = await site.get("/lessons/M02-L01", headers={"Accept": "*/*"})
    assert (told.status_code, told.json()["code"]) == (404, "not-found")
