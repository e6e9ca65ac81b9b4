"""An item's body, cut where something is asked."""

from collections.abc import Iterator

import msgspec

from courses.exchange.qti.interactions import BLOCK, INLINE
from courses.exchange.xml_reading import Element

_LAYOUT = {"div", "section", "article", "main", "qti-content-body", "qti-item-body", "blockquote"}


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A block of content, perhaps with gaps in it; or an interaction that is a block."""

    element: Element
    asks: bool = False
    gaps: int = 0
    tail: bool = False
    """Only the words before the element or behind it, as `text`."""
    text: str = ""


def pieces(body: Element) -> Iterator[Piece]:
    """In reading order; what only lays blocks out is opened where something is asked in it."""
    if body.text and body.text.strip():
        yield Piece(element=body, tail=True, text=body.text)
    for element in body:
        if is_interaction(element) and element.tag not in INLINE:
            yield Piece(element=element, asks=True)
        elif element.tag in _LAYOUT and any(map(_is_block, element.iter())):
            yield from pieces(element)
        else:
            gaps = sum(one.tag in INLINE for one in element.iter())
            yield Piece(element=element, gaps=gaps)
        if element.tail and element.tail.strip():
            yield Piece(element=body, tail=True, text=element.tail)


def is_interaction(element: Element) -> bool:
    name = str(element.tag)
    return name in BLOCK | INLINE or (name.startswith("qti-") and name.endswith("-interaction"))


def _is_block(element: Element) -> bool:
    return is_interaction(element) and element.tag not in INLINE


def stands_alone(element: Element) -> bool:
    """Whether a block holds one gap and no words beside it: then it asks by itself."""
    inline = [one for one in element.iter() if one.tag in INLINE]
    if len(inline) != 1:
        return False
    (gap,) = inline
    if gap.get("data-guanbiao"):
        return False
    words = "".join(element.itertext())
    return not words.strip() if gap.tag == "qti-text-entry-interaction" else _only(element, gap)


def _only(element: Element, gap: Element) -> bool:
    within = "".join("".join(gap.itertext()).split())
    return "".join("".join(element.itertext()).split()) == within
