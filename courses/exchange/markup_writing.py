"""Texts of items as HTML that `courses.exchange.markup` reads back alike."""

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
    paragraphs,
)

Address = Callable[[Image], str | None]
"""Where the exported file carries an image; None: it cannot, so its words stand there."""


def as_html(text: RichText, address: Address, gap: Callable[[str], str] = "[[{}]]".format) -> str:
    if isinstance(text, str) and "[[" not in text:
        return f"<p>{_escaped(text)}</p>"
    return "".join(_block(block, address, gap) for block in paragraphs(text))


def no_image(image: Image) -> None:
    """For formats that carry text alone."""


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _block(block: Block, address: Address, gap: Callable[[str], str]) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_line(block.content, gap)}</p>"
    if isinstance(block, Listing):
        tag = "ol" if block.numbered else "ul"
        return f"<{tag}>{''.join(f'<li>{_line(e, gap)}</li>' for e in block.entries)}</{tag}>"
    if isinstance(block, Image):
        place = address(block)
        if place is None:
            return f"<p>{_escaped(block.alt)}</p>"
        return f'<img src="{escape(place)}" alt="{escape(block.alt)}">'
    rows = []
    for number, row in enumerate(block.rows):
        tag = "th" if number < block.header_rows else "td"
        rows.append(f"<tr>{''.join(f'<{tag}>{_line(c, gap)}</{tag}>' for c in row)}</tr>")
    caption = f"<caption>{_escaped(block.caption)}</caption>" if block.caption else ""
    return f"<table>{caption}{''.join(rows)}</table>"


def _line(line: tuple[Inline, ...], gap: Callable[[str], str]) -> str:
    return "".join(_inline(inline, gap) for inline in line)


def _inline(inline: Inline, gap: Callable[[str], str]) -> str:
    if isinstance(inline, GapMark):
        return gap(inline.id)
    if isinstance(inline, Formula):
        said = escape(inline.alt)
        return f'<span role="math" aria-label="{said}">\\({_escaped(inline.latex)}\\)</span>'
    written = _escaped(inline.text)
    for wanted, tag in (
        (inline.strong, "strong"),
        (inline.emphasis, "em"),
        (inline.script is Script.BELOW, "sub"),
        (inline.script is Script.ABOVE, "sup"),
    ):
        written = f"<{tag}>{written}</{tag}>" if wanted else written
    return written
