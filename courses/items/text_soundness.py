"""Whether a text can be shown safely, and read by who does not see it."""

import re
import unicodedata
from collections.abc import Iterator

from courses.items.rich_text import (
    Formula,
    Image,
    Inline,
    Listing,
    Paragraph,
    RichText,
    Run,
    Table,
    lines,
    paragraphs,
)
from courses.problem import Problem

_COMMAND = re.compile(r"\\([A-Za-z@]+)")
REACHES_OUT = frozenset(
    (
        *("input", "include", "includegraphics", "openin", "openout", "read", "write", "special"),
        *("href", "url", "html", "htmlClass", "htmlId", "htmlStyle", "htmlData", "class", "cssId"),
        *("style", "require", "usepackage", "documentclass", "catcode", "csname", "def", "edef"),
        *("gdef", "xdef", "let", "futurelet", "newcommand", "renewcommand", "newenvironment"),
        *(
            "loop",
            "repeat",
            "immediate",
            "directlua",
            "unicode",
            "verb",
            "begingroup",
            "endlinechar",
        ),
    )
)
"""Commands that read, write, fetch or define: no formula needs them, and some never end."""


def text_problems(where: str, text: RichText) -> Iterator[Problem]:
    for block in paragraphs(text):
        if isinstance(block, Table) and len({len(row) for row in block.rows}) != 1:
            yield Problem(where, "a table with rows of unlike length", "fill it with empty cells")
        if isinstance(block, Image) and not block.alt.strip():
            yield Problem(where, "an image without words", "say in alt what it shows")
        if isinstance(block, Paragraph | Listing) and not list(lines((block,))):
            yield Problem(where, "an empty list", "take it out")
    for line in lines(text):
        for inline in line:
            yield from _inline(where, inline)


def _inline(where: str, inline: Inline) -> Iterator[Problem]:
    if isinstance(inline, Run) and any(map(_unseen, inline.text)):
        what = "a character that cannot be seen or turns the line around"
        yield Problem(where, what, "type the words again")
    if isinstance(inline, Formula):
        if not inline.alt.strip():
            yield Problem(where, "a formula without words", "say in alt how it is read aloud")
        if reach := sorted(set(_COMMAND.findall(inline.latex)) & REACHES_OUT):
            yield Problem(where, f"a formula with {reach}", "write it without these commands")
        if not _balanced(inline.latex):
            yield Problem(where, "a formula with a brace too many or too few", "pair the braces")


def _unseen(character: str) -> bool:
    """Controls, and the marks that reverse reading; a line's end and a tab are neither."""
    return unicodedata.category(character) in {"Cc", "Cf"} and character not in "\n\t"


def _balanced(latex: str) -> bool:
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", latex):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0
