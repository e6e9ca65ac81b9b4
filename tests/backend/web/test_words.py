"""The catalogue: every text used exists, in both languages, with the same blanks."""

import re
from pathlib import Path

from backend.web.words import CATALOGUE, words

TEMPLATES = Path(__file__).parents[3] / "backend" / "web" / "templates"
USED = {
    key
    for template in TEMPLATES.glob("*.html")
    for key in re.findall(r"\bt\([\"']([\w.-]+)[\"']", template.read_text())
    if not key.endswith(("-", "."))
}


def test_every_text_of_a_template_is_in_the_catalogue() -> None:
    assert USED - CATALOGUE.keys() == set()


def test_every_text_is_in_both_languages_with_the_same_blanks() -> None:
    blanks = re.compile(r"\{\w+\}").findall
    assert [key for key, pair in CATALOGUE.items() if not (pair.zh and pair.en)] == []
    unlike = {key for key, pair in CATALOGUE.items() if {*blanks(pair.zh)} != {*blanks(pair.en)}}
    assert unlike == set()


def test_a_blank_is_filled() -> None:
    assert words("en")("home.hours", n=16) == "16 class hours"
