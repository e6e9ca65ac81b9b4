"""Content of QTI (XHTML, MathML, images of the package) to texts of items."""

import re
from collections.abc import Callable, Mapping
from html import escape

from courses.exchange.filing import Filing
from courses.exchange.gaps import with_gaps
from courses.exchange.markup import from_html
from courses.exchange.pictures import from_base64, kept
from courses.exchange.qti.mathml import NotUnderstood, latex_of
from courses.exchange.qti.names import said
from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element
from courses.items.rich_text import Image, RichText

MARK = re.compile("\ue000([A-Za-z0-9_-]{1,16})\ue001")
Beside = Callable[[str, str], tuple[str, bytes | None]]
"""Path of a file and an address in it, to a path and its bytes."""
Special = Callable[[Element], str]
"""An element of QTI inside of content, to HTML."""
_VOID = {"br", "hr", "img", "col", "input", "embed", "param", "source", "track"}
_VARIES = {"qti-printed-variable", "qti-template-block", "qti-template-inline"}
_SHOWN_AS_ITS_CONTENT = {"qti-content-body", "qti-prompt", "qti-stimulus-body", "qti-item-body"}


def mark(gap: str) -> str:
    return f"\ue000{gap}\ue001"


def nothing_beside(_: str, address: str) -> tuple[str, bytes | None]:
    """For a file that stands alone."""
    return address, None


class Texts:
    """Of one file. `where`: as the report names it."""

    def __init__(self, path: str, where: str, filing: Filing, beside: Beside) -> None:
        self.path, self.where, self._filing, self._beside = path, where, filing, beside
        self.report = filing.report

    def read(
        self, element: Element | None, special: Mapping[str, Special] | None = None
    ) -> RichText:
        """`special`: what stands for elements of QTI in it."""
        return "" if element is None else self.of(self.inner(element, special or {}))

    def of(self, html: str) -> RichText:
        """HTML with marks of gaps."""
        return with_gaps(from_html(html, self.tell, self._picture), MARK, str)

    def inner(self, element: Element, special: Mapping[str, Special]) -> str:
        parts = [words_of(element.text)]
        for child in element:
            parts += [self.html(child, special), words_of(child.tail)]
        return "".join(parts)

    def html(self, element: Element, special: Mapping[str, Special]) -> str:
        name = str(element.tag)
        if name in special:
            return special[name](element)
        if name == "math":
            return self._formula(element)
        if name in {"object", "picture"}:
            return self._object(element, special)
        if name in _SHOWN_AS_ITS_CONTENT:
            return f"<div>{self.inner(element, special)}</div>"
        if name in _VARIES:
            raise Refused("内容每次不同的试题不支持", f"<{name}>: what it says differs each time")
        if name.endswith("-interaction"):
            zh, en = (
                "列表、表格或行内不能有此互动",
                "not supported within a list, a table or a line",
            )
            raise Refused(zh, f"{name}: {en}")
        if name.startswith(("qti-", "foreign-", "mml-")):
            zh, en = "未知内容已删去", "not known, left out with its content"
            self.tell(f"<{name}>", zh, en)
            return ""
        attributes = "".join(f' {k}="{escape(v)}"' for k, v in element.attrib.items())
        if name in _VOID:
            return f"<{name}{attributes}/>"
        return f"<{name}{attributes}>{self.inner(element, special)}</{name}>"

    def tell(self, element: str, zh: str, en: str) -> None:
        self.report.changed(self.where, element, zh, en)

    def _formula(self, math: Element) -> str:
        alt = said(math, "alttext") or said(math, "aria-label")
        try:
            latex = latex_of(math)
        except NotUnderstood as unknown:
            words = " ".join("".join(math.itertext()).split())
            zh, en = f"公式中的 {unknown} 不支持，保留文字", f"with {unknown}: only its words stay"
            self.tell("formula", zh, en)
            return words_of(alt or words)
        self.report.imported(self.where, "formula")
        return f'<span role="math" aria-label="{_attribute(alt)}">\\({escape(latex)}\\)</span>'

    def _object(self, element: Element, special: Mapping[str, Special]) -> str:
        """2.x writes images as objects with their words inside."""
        if element.tag == "picture":
            images = [one for one in element if one.tag == "img"]
            return "".join(self.html(one, special) for one in images)
        if not said(element, "type").startswith("image/"):
            zh, en = "不是图片的对象已删去", "an object that is no image is left out"
            self.tell("object", zh, en)
            return ""
        words = " ".join("".join(element.itertext()).split())
        return f'<img src="{_attribute(said(element, "data"))}" alt="{_attribute(words)}"/>'

    def _picture(self, address: str, alt: str) -> Image | None:
        if address.startswith("data:image/") and ";base64," in address:
            content = from_base64(address.partition(",")[2])
            return kept(content, "data:", alt, self._filing.images, self.where, self.report)
        name, content = self._beside(self.path, address)
        if content is None:
            zh, en = f"文件中没有图片 {address[:200]}", f"not in the file: {address[:200]}"
            self.report.refused(self.where, "image", zh, en)
            return None
        return kept(content, name, alt, self._filing.images, self.where, self.report)


def _attribute(words: str) -> str:
    return escape(words).replace("\n", "&#10;")


def words_of(text: str | None) -> str:
    """As HTML, without what looks like a mark of ours."""
    words = (text or "").replace("\ue000", "\ufffd").replace("\ue001", "\ufffd")
    return escape(words, quote=False)
