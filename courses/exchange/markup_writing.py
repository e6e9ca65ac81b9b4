"""Texts of items as HTML that `courses.exchange.markup` reads back alike."""

import re
from collections.abc import Callable
from html import escape

from courses.items.rich_text import (
    Block,
    Formula,
    GapMark,
    Image,
    Inline,
    Listing,
    Paragraph,
    RichText,
    Script,
    Table,
    paragraphs,
)

Address = Callable[[Image], str | None]
"""Where the exported file carries an image; None: it cannot, so its words stand there."""


def _escaped(text: str) -> str:
    """What only looks like the beginning of a formula is taken apart, so that it stays words."""
    text = text.replace("\ue000", "\ufffd").replace("\ue001", "\ufffd")  # our marks of gaps
    words = escape(text, quote=False).replace("\n", "<br/>")
    return _BEGINS.sub(lambda found: f"{found[0][0]}<span></span>{found[0][1]}", words)


_BEGINS = re.compile(r"\\[(\[]|\$\$")


def _attribute(words: str) -> str:
    return escape(words).replace("\n", "&#10;")


def _formula(formula: Formula) -> str:
    latex = escape(formula.latex, quote=False)
    return f'<span role="math" aria-label="{_attribute(formula.alt)}">\\({latex}\\)</span>'


def as_html(
    text: RichText,
    address: Address,
    gap: Callable[[str], str] = "[[{}]]".format,
    formula: Callable[[Formula], str] = _formula,
) -> str:
    """Well-formed XML, too."""
    if isinstance(text, str) and "[[" not in text:
        return f"<p>{_escaped(text)}</p>"
    written = _Writer(address, gap, formula)
    return "".join(map(written.block, paragraphs(text)))


def no_image(image: Image) -> None:
    """For formats that carry text alone."""


class _Writer:
    def __init__(
        self, address: Address, gap: Callable[[str], str], formula: Callable[[Formula], str]
    ) -> None:
        self._address, self._gap, self._formula = address, gap, formula

    def block(self, block: Block) -> str:
        if isinstance(block, Paragraph):
            return f"<p>{self._line(block.content)}</p>"
        if isinstance(block, Listing):
            tag = "ol" if block.numbered else "ul"
            return f"<{tag}>{''.join(f'<li>{self._line(e)}</li>' for e in block.entries)}</{tag}>"
        if isinstance(block, Image):
            place = self._address(block)
            if place is None:
                return f"<p>{_escaped(block.alt)}</p>"
            return f'<img src="{_attribute(place)}" alt="{_attribute(block.alt)}"/>'
        return self._table(block)

    def _table(self, table: Table) -> str:
        rows = []
        for number, row in enumerate(table.rows):
            tag = "th" if number < table.header_rows else "td"
            rows.append(f"<tr>{''.join(f'<{tag}>{self._line(c)}</{tag}>' for c in row)}</tr>")
        caption = f"<caption>{_escaped(table.caption)}</caption>" if table.caption else ""
        return f"<table>{caption}{''.join(rows)}</table>"

    def _line(self, line: tuple[Inline, ...]) -> str:
        return "".join(map(self._inline, line))

    def _inline(self, inline: Inline) -> str:
        if isinstance(inline, GapMark):
            return self._gap(inline.id)
        if isinstance(inline, Formula):
            return self._formula(inline)
        written = _escaped(inline.text)
        for wanted, tag in (
            (inline.strong, "strong"),
            (inline.emphasis, "em"),
            (inline.script is Script.BELOW, "sub"),
            (inline.script is Script.ABOVE, "sup"),
        ):
            written = f"<{tag}>{written}</{tag}>" if wanted else written
        return written
