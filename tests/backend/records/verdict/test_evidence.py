"""Whoever reads a verdict in Chinese reads all of it in Chinese, wherever it was worked out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.records import verdict
from backend.records.verdict.evidence import TEMPLATES, in_chinese
from tests.backend.records.verdict import case_file
from tests.backend.records.verdict.twins import Python, Twin, javascript_twin, plain

CHINESE = re.compile(r"[\u4e00-\u9fff]")
OF_NO_LANGUAGE = re.compile(r"ES256, JWT|(ES256, )?sha256 [0-9a-f]{64}|Open Badges 3.0|\S+")
ELSEWHERE = {
    "audit.py",
    "replay.py",
    "clock.py",
    "places.py",
}  # findings of `audit-log`, for who reads logs
_SAYS = {"Refused", "ClaimsDisagree"}


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with javascript_twin() as started:
        yield started


def texts(found: ast.expr) -> Iterator[str]:
    """With something in each place."""
    match found:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "x" for p in parts)


def refusals() -> Iterator[str]:
    for path in Path(verdict.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[text]) if name in _SAYS:
                    yield from texts(text) if path.name not in ELSEWHERE else ()


def evidence() -> Iterator[str]:
    for case, _, _ in case_file.read().values():
        for _, _, said in plain(Python().outcome(case))["checks"]:
            yield said


@pytest.mark.parametrize("text", sorted(set(refusals())))
def test_every_refusal_is_said_in_chinese(text: str) -> None:
    assert CHINESE.search(in_chinese(text))


def test_all_evidence_of_the_file_of_cases_is_said_in_chinese_by_both_twins(twin: Twin) -> None:
    said = sorted(set(evidence()))
    ours = [in_chinese(text) for text in said]
    assert ours == twin.ask("chinese", [{"text": text} for text in said])
    left = [text for text in ours if not CHINESE.search(text)]
    assert [text for text in left if not OF_NO_LANGUAGE.fullmatch(text)] == []


def test_a_template_has_the_same_places_in_both_languages() -> None:
    for english, chinese in TEMPLATES.items():
        places = [sorted(re.findall(r"\{\w+\}", text)) for text in (english, chinese)]
        assert places[0] == places[1], english


def test_times_are_those_of_the_clock_in_china() -> None:
    assert in_chinese("clear as of 2026-03-01T18:00:05Z").startswith(
        "截至北京时间 2026-03-02 02:00:05"
    )
    signed = in_chinese("signed by w.example at 2026-03-01T18:00:05Z")
    assert signed == "已签名：w.example（2026-03-02 02:00:05）"


@given(st.text())
def test_words_of_strangers_stay_what_they_are(text: str) -> None:
    assert text in in_chinese(f"a field that is not known: x{text}x")
