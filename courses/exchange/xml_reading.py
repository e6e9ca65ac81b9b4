"""XML from outside, read without fetching or expanding anything."""

from typing import Any

from lxml import etree

from courses.exchange.report import Refused

LARGEST_XML = 32 << 20
Element = Any
"""An lxml element; lxml has no types of its own."""


def parsed(content: bytes) -> Element:
    """The root. Refused: entities and document types, more than libxml2's own bounds (a depth of
    256, ten million characters a text), and what is not well formed."""
    if len(content) > LARGEST_XML:
        raise Refused("文件过大", f"larger than {LARGEST_XML >> 20} MB")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(f"XML 有误：{error}", f"not well formed: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise Refused("不允许文档类型声明", "a document type is not allowed")
    return root


def words_in(element: Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else "".join(found.itertext())
