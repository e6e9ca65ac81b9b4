"""Texts of items as content of QTI: XHTML with MathML, images of the package."""

import re
from collections.abc import Callable, Mapping
from html import escape

from lxml import etree

from courses.exchange.markup_writing import as_html
from courses.exchange.pictures import file_name
from courses.exchange.qti.names import MATHML
from courses.exchange.report import Refused, Report
from courses.exchange.xml_reading import Element
from courses.items.rich_text import Formula, Image, RichText, plain

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def element(tag: str, words: str | None = None, **attributes: str) -> Element:
    """Attributes with `_` for `-`. Raises Refused for what XML cannot say."""
    try:
        made = etree.Element(tag, {k.replace("_", "-"): v for k, v in attributes.items()})
        made.text = words
    except ValueError as error:
        raise Refused("含有 XML 不允许的字符", "a character that XML does not allow") from error
    return made


class Contents:
    """Of one item; `images` are those that it shows."""

    def __init__(self, where: str, pictures: Mapping[str, bytes], report: Report) -> None:
        self.where, self.report = where, report
        self._pictures = pictures
        self.images: set[str] = set()

    def put(
        self,
        into: Element,
        text: RichText,
        gap: Callable[[str], Element] | None = None,
        *,
        bare: bool = False,
    ) -> Element:
        """`gap`: what stands at a gap; `bare`: one line of words is no paragraph."""
        if bare and isinstance(text, str) and not {"\n", "[", "\\", "$"} & {*text}:
            into.text = element("p", text).text
            return into
        html = as_html(text, self._address, "\ue000{}\ue001".format, _formula)
        try:
            root = etree.fromstring(f"<div>{html}</div>")
        except etree.XMLSyntaxError as error:
            raise Refused("含有 XML 不允许的字符", "a character that XML does not allow") from error
        for child in root:
            into.append(child)
        if gap is not None:
            for one in [*into.iter()]:
                _put_gaps(one, gap)
        return into

    def words(self, text: RichText, what: str) -> str:
        """Where only plain words may stand."""
        if not isinstance(text, str):
            self.report.changed(self.where, what, "以纯文字写出", "written as plain words")
        return plain(text)

    def name(self, said: str) -> str:
        """As an identifier of XML."""
        return said if _NAME.fullmatch(said) else "I-" + re.sub(r"[^A-Za-z0-9_.-]", "_", said)

    def _address(self, image: Image) -> str | None:
        name = file_name(image)
        if name not in self._pictures:
            zh, en = f"找不到图片，以文字“{image.alt}”代替", f"not found, its words: {image.alt}"
            self.report.changed(self.where, "image", zh, en)
            return None
        self.images.add(name)
        return f"../images/{name}"


def _formula(formula: Formula) -> str:
    """MathML that keeps its LaTeX, which is also what it shows."""
    latex = escape(formula.latex)
    note = f'<annotation encoding="application/x-tex">{latex}</annotation>'
    said = escape(formula.alt).replace("\n", "&#10;")
    return (
        f'<math xmlns="{MATHML}" alttext="{said}"><semantics><mtext>{latex}</mtext>{note}'
        "</semantics></math>"
    )


_MARK = re.compile("\ue000([^\ue001]*)\ue001")


def _put_gaps(one: Element, gap: Callable[[str], Element]) -> None:
    """Marks in the element's words, and in those behind it, become elements."""
    for place in ("tail", "text"):
        parts = _MARK.split(getattr(one, place) or "")
        if len(parts) == 1:
            continue
        setattr(one, place, parts[0])
        parent = one if place == "text" else one.getparent()
        at = 0 if place == "text" else parent.index(one) + 1
        for number, (name, after) in enumerate(zip(parts[1::2], parts[2::2], strict=True)):
            made = gap(name)
            made.tail = after
            parent.insert(at + number, made)
