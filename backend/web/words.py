"""The catalogue of every text the pages and their scripts show, in both languages.

One file, `words.json`, so that a translator sees each pair together; the scripts' type checker
reads the same file and knows its keys.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

Language = Literal["zh", "en"]
Words = Callable[..., str]


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    zh: str
    en: str


CATALOGUE: dict[str, Pair] = msgspec.json.decode(
    Path(__file__).with_name("words.json").read_bytes(), type=dict[str, Pair]
)


def words(language: Language) -> Words:
    """A function from key and values to the text. KeyError for a key that is not there."""

    def text(key: str, **values: object) -> str:
        template = getattr(CATALOGUE[key], language)
        return str(template.format(**values)) if values else str(template)

    return text
