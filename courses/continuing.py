"""Continuing education: how many class hours a period asks for, by dated rules.

They are set from outside and change on a day, not with an edition, so they stand beside the
editions in a file of their own (docs/hours-and-rules.md). Several may hold at once: 16 a year and
40 in three years are two windows with two names.
"""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from courses.format import Bilingual, Standard

FILE = Path(__file__).with_suffix(".toml")


class WindowRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    title: Bilingual
    programmes: tuple[str, ...]
    """Whose learners it asks; hours of any module that these name count, however earned."""
    standard: Standard
    since: date
    """The first window begins on this day, each other when the one before it ends."""
    years: Annotated[int, msgspec.Meta(ge=1, le=10)]
    class_hours: Annotated[int, msgspec.Meta(ge=1, le=400)]
    carry_class_hours: Annotated[int, msgspec.Meta(ge=0, le=400)]
    """Of those earned beyond the need, at most so many go on into the next window."""
    confirmed: bool
    source: str


class Window(msgspec.Struct, frozen=True):
    rule: WindowRule
    since: date
    until: date
    """The last day of it."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    windows: tuple[WindowRule, ...]


def read(text: str) -> tuple[WindowRule, ...]:
    """msgspec.ValidationError or tomllib.TOMLDecodeError when the file is not as it should be."""
    return msgspec.convert(tomllib.loads(text), _Written).windows


@cache
def rules() -> tuple[WindowRule, ...]:
    return read(FILE.read_text(encoding="utf-8"))


def windows(rules: Iterable[WindowRule], until: date) -> Iterator[Window]:
    """Those begun by `until`, of each name in order. A window that has begun ends as it began, by
    the rule of its first day."""
    by_name: dict[str, list[WindowRule]] = {}
    for rule in sorted(rules, key=lambda one: one.since):
        by_name.setdefault(rule.name, []).append(rule)
    for versions in by_name.values():
        begins = versions[0].since
        while begins <= until:
            rule = max((r for r in versions if r.since <= begins), key=lambda r: r.since)
            next_begins = _years_later(begins, rule.years)
            yield Window(rule, begins, next_begins - timedelta(days=1))
            begins = next_begins


def _years_later(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + years, day=28 if leap_day else day.day)
