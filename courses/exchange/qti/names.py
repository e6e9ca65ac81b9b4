"""QTI's names of elements and attributes, those of 2.x as 3.0 writes them.

2.x says `<choiceInteraction maxChoices="1">`, 3.0 `<qti-choice-interaction max-choices="1">`. After
`canonical` a tree has 3.0's names and no namespaces: readers know one language.
"""

import re
from functools import lru_cache

from lxml import etree

from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element

QTI_3 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
MATHML = "http://www.w3.org/1998/Math/MathML"
XML = "http://www.w3.org/XML/1998/namespace"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_QTI = re.compile(r"http://www\.imsglobal\.org/xsd/(ims_?qti|qti/qtiv)[\w./-]*|")
_WORDS = (
    "p div span h1 h2 h3 h4 h5 h6 br hr img a b i em strong sub sup ul ol li dl dt dd "
    "table caption thead tbody tfoot tr td th col colgroup pre code blockquote q cite "
    "small big tt u abbr acronym address kbd samp var dfn figure figcaption section "
    "article aside header footer nav main mark bdi bdo ruby rb rt rp rtc object param "
    "audio video source track picture label script style iframe ins del s strike "
    "center font details summary svg form input button embed "
)
HTML = frozenset(_WORDS.split())
DEEPEST = 100
"""Readers go down by calls, which Python bounds."""
_ROOT = re.compile(rb"<(\w+:)?(qti-)?assessment-?(item|test|stimulus|section)\b", re.IGNORECASE)
ROOTS = ("qti-assessment-item", "qti-assessment-test", "qti-assessment-stimulus")


def canonical(root: Element) -> Element:
    """Changes the tree. Raises Refused where its root is nothing of QTI 2 or 3."""
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            raise Refused("元素嵌套过深", f"elements nested more than {DEEPEST} deep")
        if event == "end":
            _rename(element)
    if root.tag not in {*ROOTS, "qti-assessment-section"}:
        zh, en = f"<{root.tag}> 不是 QTI 2 或 3 的文件", f"<{root.tag}>: no file of QTI 2 or 3"
        raise Refused(zh, en)
    return root


def _rename(element: Element) -> None:
    element.tag = _canonical_name(str(element.tag))
    in_qti = element.tag.startswith("qti-")
    for key, value in element.attrib.items():
        name = _canonical_attribute(key) if in_qti else etree.QName(key).localname
        if name != key:
            del element.attrib[key]
            if not key.startswith(f"{{{_XSI}}}"):  # where a schema lies
                element.set(name, value)


@lru_cache(maxsize=2000)
def _canonical_name(tag: str) -> str:
    name = etree.QName(tag)
    space, local = name.namespace or "", name.localname
    if space == MATHML:
        return f"mml-{local}" if local != "math" else "math"
    if not _QTI.fullmatch(space) and local not in HTML:
        return f"foreign-{local}"
    return local if local in HTML or local.startswith("qti-") else f"qti-{kebab(local)}"


@lru_cache(maxsize=2000)
def _canonical_attribute(key: str) -> str:
    local = etree.QName(key).localname
    return local if local.startswith("data-") else kebab(local)


def in_namespace(root: Element, space: str) -> Element:
    """Elements without one are put into it."""
    for one in root.iter(etree.Element):
        if not etree.QName(one).namespace:
            one.tag = f"{{{space}}}{one.tag}"
    return root


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def recognised(content: bytes) -> bool:
    """Whether an XML file is one of QTI's, by its beginning."""
    beginning = content[:4000].replace(b"\0", b"")
    return _ROOT.search(beginning) is not None


def said(element: Element, name: str, otherwise: str = "") -> str:
    value: str = element.get(name, otherwise)
    return value.strip()


def is_true(element: Element, name: str) -> bool:
    return said(element, name).lower() in {"true", "1"}
