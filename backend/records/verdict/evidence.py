"""Evidence and refusals in Chinese, for whoever reads a verdict; programs keep the English.

One file for this and its twin in the pages (`frontend/src/evidence.ts`): a text of the library with
its places in braces, and the same in Chinese. In a place named `why` stands another such text.
"""

import re
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import msgspec

from backend.records.verdict.credential import moment, seconds
from backend.records.verdict.refusal import Refused

TEMPLATES: dict[str, str] = msgspec.json.decode(
    Path(__file__).with_name("evidence.json").read_bytes(), type=dict[str, str]
)
_PLACE = re.compile(r"\\{(\w+)\\}")
_MOMENT = re.compile(r"( at )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_CHINA = timedelta(hours=8)


def in_chinese(text: str) -> str:
    """The text itself where it is of no template: a key's address, an algorithm."""
    for pattern, chinese in _compiled():
        if found := pattern.fullmatch(text):
            places = {name: _read(name, value) for name, value in found.groupdict().items()}
            return chinese.format(**places)
    return text


def _read(name: str, value: str) -> str:
    return in_chinese(value) if name == "why" else _MOMENT.sub(_by_the_clock_in_china, value)


def _by_the_clock_in_china(found: re.Match[str]) -> str:
    try:
        here = (moment(seconds(found[2])) + _CHINA).strftime("%Y-%m-%d %H:%M:%S")
    except (Refused, OverflowError):
        return found[0]
    return f"（{here}）" if found[1] else f"北京时间 {here}"


@lru_cache(1)
def _compiled() -> list[tuple[re.Pattern[str], str]]:
    """Those with more words of their own first: of two that fit it is the one that says more."""
    by_words = sorted(TEMPLATES, key=lambda t: len(re.sub(r"\{\w+\}", "", t)), reverse=True)
    return [(_pattern(template), TEMPLATES[template]) for template in by_words]


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_PLACE.sub(r"(?P<\1>.+)", re.escape(template)), re.DOTALL)
