"""Texts of items: paragraphs, lists, tables, formulas and images, and nothing that could run.

There is no markup in it and no address: a page draws each part by its type, so a text cannot carry
a script, a style or a picture from elsewhere. One line of words is simply a string. An image is
named by the SHA-256 of its bytes; images and formulas say in words what they show. Names of fields
are single words where they are written, the same in authors' files and in answers to clients.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

Words = Annotated[str, Meta(max_length=10_000)]
Said = Annotated[str, Meta(max_length=1000)]
"""What a reader hears in the place of something seen."""
GapId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,16}\Z")]

GAP = re.compile(r"\[\[([A-Za-z0-9_-]{1,16})\]\]")
"""How a gap of a cloze is written in a plain string: `认证分为[[a]]类`."""


class _Part(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True
):
    pass


class Script(StrEnum):
    LINE = "line"
    BELOW = "below"
    ABOVE = "above"


class Run(_Part, frozen=True, kw_only=True, tag="text"):
    text: Words
    strong: bool = False
    emphasis: bool = False
    script: Script = Script.LINE


class Formula(_Part, frozen=True, kw_only=True, tag="formula"):
    latex: Annotated[str, Meta(max_length=2000)]
    alt: Said


class GapMark(_Part, frozen=True, kw_only=True, tag="gap"):
    """Where a gap of a cloze stands."""

    id: GapId


Inline = Run | Formula | GapMark
Line = Annotated[tuple[Inline, ...], Meta(max_length=200)]


class Paragraph(_Part, frozen=True, kw_only=True, tag="paragraph"):
    content: Line


class Listing(_Part, frozen=True, kw_only=True, tag="list"):
    entries: Annotated[tuple[Line, ...], Meta(max_length=100)]
    numbered: bool = False


class Table(_Part, frozen=True, kw_only=True, tag="table"):
    rows: Annotated[
        tuple[Annotated[tuple[Line, ...], Meta(max_length=20)], ...], Meta(max_length=100)
    ]
    """Each of as many cells as the first."""
    header_rows: Annotated[int, Meta(ge=0, le=5)] = msgspec.field(default=1, name="headers")
    caption: Said = ""


class MediaType(StrEnum):
    """Images that are pixels only: an SVG could carry scripts."""

    PNG = "image/png"
    JPEG = "image/jpeg"
    WEBP = "image/webp"


class Image(_Part, frozen=True, kw_only=True, tag="image"):
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    media_type: MediaType = msgspec.field(name="format")
    alt: Said


Block = Paragraph | Listing | Table | Image
RichText = Words | Annotated[tuple[Block, ...], Meta(max_length=200)]


def lines(text: RichText) -> Iterator[tuple[Inline, ...]]:
    """Every line of words, also those in lists and tables; in reading order."""
    for block in paragraphs(text):
        if isinstance(block, Paragraph):
            yield block.content
        elif isinstance(block, Listing):
            yield from block.entries
        elif isinstance(block, Table):
            for row in block.rows:
                yield from row


def paragraphs(text: RichText) -> tuple[Block, ...]:
    """The text as blocks; a string becomes one paragraph, its `[[a]]` marks of gaps."""
    if not isinstance(text, str):
        return text
    parts = GAP.split(text)  # words and names of gaps in turn
    content = [
        GapMark(id=part) if at % 2 else Run(text=part)
        for at, part in enumerate(parts)
        if part or at % 2
    ]
    return (Paragraph(content=tuple(content)),)


def images(text: RichText) -> tuple[Image, ...]:
    return tuple(block for block in paragraphs(text) if isinstance(block, Image))


def gap_ids(text: RichText) -> tuple[str, ...]:
    return tuple(one.id for line in lines(text) for one in line if isinstance(one, GapMark))


def plain(text: RichText) -> str:
    """The words alone, formulas and images as they are said: to compare, search and measure."""
    if isinstance(text, str):
        return text
    said = ["".join(map(_said, line)) for line in lines(text)]
    return "\n".join((*said, *(image.alt for image in images(text))))


def _said(inline: Inline) -> str:
    if isinstance(inline, GapMark):
        return f"[[{inline.id}]]"
    return inline.text if isinstance(inline, Run) else inline.alt
