"""Lesson texts from Markdown to HTML. HTML inside them is shown as text, never run."""

from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")


@lru_cache(maxsize=512)
def html(text: str) -> Markup:
    return Markup(_parser.render(text))  # safe: the parser escapes all HTML of the text
