"""The catalogue: every text used exists, in both languages, with the same blanks."""

import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_both_languages_have_the_same_blanks(key: str) -> None:
    pair = CATALOGUE[key]
    assert pair.zh
    assert pair.en
    assert set(re.findall(r"\{\w+\}", pair.zh)) == set(re.findall(r"\{\w+\}", pair.en))


def test_a_blank_is_filled() -> None:
    assert words("en")("home.hours", n=16) == "16 class hours"
