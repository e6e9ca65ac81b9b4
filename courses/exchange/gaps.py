"""Gaps of a text that other systems write in marks of their own."""

import re
from collections.abc import Callable, Iterator, Set
from typing import Any

import msgspec

from courses.exchange.markup import simplest
from courses.items.rich_text import (
    Block,
    GapMark,
    Inline,
    Listing,
    Paragraph,
    RichText,
    Run,
    Table,
    paragraphs,
)


def with_gaps(text: RichText, mark: re.Pattern[str], name: Callable[[str], str]) -> RichText:
    """Each find of `mark` becomes the gap whose id `name` makes of its first group."""

    def line(content: tuple[Inline, ...]) -> tuple[Inline, ...]:
        return tuple(one for inline in content for one in _split(inline, mark, name))

    # As one paragraph of literal words, so that what looks like a gap of ours is none.
    blocks = (Paragraph(content=(Run(text=text),)),) if isinstance(text, str) else paragraphs(text)
    return simplest(tuple(_mapped(block, line) for block in blocks))


def _mapped(block: Block, line: Callable[[tuple[Inline, ...]], Any]) -> Block:
    if isinstance(block, Paragraph):
        return Paragraph(content=line(block.content))
    if isinstance(block, Listing):
        return Listing(entries=tuple(map(line, block.entries)), numbered=block.numbered)
    if isinstance(block, Table):
        rows = tuple(tuple(map(line, row)) for row in block.rows)
        return msgspec.structs.replace(block, rows=rows)
    return block


def _split(inline: Inline, mark: re.Pattern[str], name: Callable[[str], str]) -> Iterator[Inline]:
    if not isinstance(inline, Run):
        yield inline
        return
    at = 0
    for found in mark.finditer(inline.text):
        if found.start() > at:
            yield msgspec.structs.replace(inline, text=inline.text[at : found.start()])
        yield GapMark(id=name(found[1]))
        at = found.end()
    if at < len(inline.text):
        yield msgspec.structs.replace(inline, text=inline.text[at:])


_FITS = re.compile(r"[A-Za-z0-9_-]{1,16}")


def short_name(name: str, taken: Set[str], letter: str = "g") -> str:
    """The name where it can be that of a gap, or a question of a case; else the next free one."""
    if _FITS.fullmatch(name) and name not in taken:
        return name
    number = 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"
