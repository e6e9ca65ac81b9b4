"""What kinds of record there are, and which programme ends with which.

Names of papers are set by whoever runs the training, not by an edition: like the rules of
continuing education they stand beside the editions in a file of their own. A record freezes the
kind's code, and its credential the words.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec

from courses.format import Bilingual

FILE = Path(__file__).with_suffix(".toml")


class RecordKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z-]{1,32}$")]
    title: Bilingual
    programmes: tuple[str, ...]
    criteria: Bilingual
    notice: Bilingual | None = None
    """A line that stands on the record besides."""

    def named(self, period: str | None) -> Bilingual:
        """`period`: the year, of a yearly programme's."""
        if period is None:
            return self.title
        zh, en = f"{self.title.zh}（{period} 年度）", f"{self.title.en} ({period})"
        return Bilingual(zh=zh, en=en)


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kinds: tuple[RecordKind, ...]


def read(text: str) -> tuple[RecordKind, ...]:
    """msgspec.ValidationError or tomllib.TOMLDecodeError when the file is not as it should be."""
    return msgspec.convert(tomllib.loads(text), _Written).kinds


@cache
def kinds() -> tuple[RecordKind, ...]:
    return read(FILE.read_text(encoding="utf-8"))


def kind_of(programme: str) -> RecordKind:
    """The first kind is of whichever programme no other one names."""
    return next((one for one in kinds() if programme in one.programmes), kinds()[0])


def kind_by_code(code: str) -> RecordKind:
    """Of a record; one whose kind is no longer written down is of the first."""
    return next((one for one in kinds() if one.code == code), kinds()[0])
