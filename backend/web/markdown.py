"""Lesson texts from Markdown to HTML. HTML inside them is shown as text, never run."""

from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")
_DEEPER = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"}


@lru_cache(maxsize=512)
def html(text: str) -> Markup:
    """The text's own title is left out, the page has it; other headings go one level down."""
    tokens = _without_title(_parser.parse(text))
    for token in tokens:
        token.tag = _DEEPER.get(token.tag, token.tag)
    rendered = _parser.renderer.render(tokens, _parser.options, {})
    return Markup(rendered)  # safe: the parser escapes all HTML of the text


def _without_title(tokens: list[Token]) -> list[Token]:
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return tokens[3:]  # opening, words, closing
    return tokens
