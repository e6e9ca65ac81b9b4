"""HTML and Markdown of other systems to texts of items, by what is allowed; the rest is told.

A text that could run or fetch is never kept: only words, their strength, lists, tables and formulas
come through, and images that the file itself carries.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from courses.exchange.report import Refused
from courses.items.rich_text import (
    GAP,
    Block,
    Formula,
    GapMark,
    Image,
    Inline,
    Listing,
    Paragraph,
    RichText,
    Run,
    Script,
    Table,
)

Tell = Callable[[str, str, str], None]
"""Element, Chinese, English: something was changed or lost."""
Picture = Callable[[str, str], Image | None]
"""Address and words of an image to the image, when the file carries it."""
LONGEST = 50_000
_LATEX = "(.{1,2000}?)"
"""Bounded, since a text of many beginnings without an end would be searched for ever."""
_FORMULA = re.compile(rf"\\\({_LATEX}\\\)|\\\[{_LATEX}\\\]|\$\${_LATEX}\$\$", re.DOTALL)
_STRONG, _EMPHASIS = {"b", "strong"}, {"i", "em"}
_BREAKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "section"}
_PLAIN = {"span", "font", "u", "a", "code", "html", "body", "small", "label", "abbr", "q", "cite"}
_HEARD = _STRONG | _EMPHASIS | _BREAKS | {"br", "sub", "sup", "ul", "ol", "li", "tbody", "thead"}
_HEARD |= {"table", "tr", "td", "th", "caption", "img", "tfoot"}
_SILENT = {"script", "style", "iframe", "object", "embed", "audio", "video", "svg", "math"} | {
    *("form", "button", "select", "textarea", "applet", "noscript", "head")
}
_HARMLESS = {"class", "id", "dir", "lang", "alt", "width", "height", "role", "aria-label", "title"}
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def looks_like_html(text: str) -> bool:
    return re.search(r"</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>|&(#\d+|[a-z]+);", text) is not None


def from_markdown(text: str, tell: Tell, picture: Picture) -> RichText:
    return from_html(MARKDOWN.render(text), tell, picture)


def from_html(text: str, tell: Tell, picture: Picture) -> RichText:
    reader = _Reader(tell, picture)
    reader.feed(text)
    reader.close()
    return reader.text()


def from_plain(text: str) -> RichText:
    """`[[a]]` that is no gap would be read as one in a bare string."""
    return (Paragraph(content=(Run(text=text),)),) if GAP.search(text) else text


def simplest(blocks: tuple[Block, ...]) -> RichText:
    """One paragraph of words alone is a string, as authors write it."""
    if not blocks:
        return ""
    if len(blocks) == 1 and isinstance(only := blocks[0], Paragraph):
        words = [_bare(inline) for inline in only.content]
        if None not in words:
            return "".join(word or "" for word in words)
    return blocks


def _bare(inline: Inline) -> str | None:
    if isinstance(inline, GapMark):
        return f"[[{inline.id}]]"
    if isinstance(inline, Run) and inline == Run(text=inline.text) and not GAP.search(inline.text):
        return inline.text
    return None


class _Reader(HTMLParser):
    """Walks the tags once; nesting is counted, never recursed into."""

    def __init__(self, tell: Tell, picture: Picture) -> None:
        super().__init__(convert_charrefs=True)
        self._tell, self._picture = tell, picture
        self._blocks: list[Block] = []
        self._line: list[Inline] = []
        self._open: list[str] = []
        self._said: list[str] = []
        """Words of formulas, one for each open span."""
        self._entries: list[tuple[Inline, ...]] | None = None
        self._rows: list[list[tuple[Inline, ...]]] | None = None
        self._header_rows, self._caption, self._heads = 0, "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tell_attributes(tag, attrs)
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._tell(f"<{tag}>", "不允许的内容，已删去", "not allowed, left out with its content")
        elif tag not in _HEARD | _PLAIN:
            self._tell(f"<{tag}>", "标签已删去，文字保留", "the tag is left out, its words stay")
        if tag == "br":
            self._words("\n")
        elif tag == "img":
            self._image(given)
        else:
            self._begin(tag)
        if tag not in {"br", "img", "hr", "input", "meta", "link", "embed", "source", "wbr"}:
            self._open.append(tag)
            self._said.append(given.get("aria-label", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        while self._open:
            last = self._open.pop()
            self._said.pop()
            self._end(last)
            if last == tag:
                break

    def handle_data(self, text: str) -> None:
        if _SILENT & set(self._open):
            return
        if "caption" in self._open:
            self._caption += text
        else:
            self._words(text)

    def text(self) -> RichText:
        while self._open:
            self.handle_endtag(self._open[-1])
        self._paragraph()
        return simplest(tuple(self._blocks))

    def _tell_attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _HARMLESS or (tag == "img" and name == "src") or tag in _SILENT:
                continue
            if name in {"colspan", "rowspan"} and (value or "1") != "1":
                self._tell(name, "合并单元格已拆开", "joined cells are taken apart")
            elif name == "href":
                self._tell("link", f"链接 {value} 已删去，文字保留", f"{value}: only words stay")
            elif name not in {"colspan", "rowspan", "border", "scope", "align"}:
                self._tell(f"{tag}@{name}", "属性已删去", "the attribute is left out")

    def _begin(self, tag: str) -> None:
        if tag in {"ul", "ol"}:
            if self._entries is not None:
                self._tell(f"<{tag}>", "嵌套列表已展平", "a list in a list is made flat")
                self._entry()
            else:
                self._paragraph()
                self._entries = []
        elif tag == "table":
            if self._rows is not None:
                self._tell("<table>", "表中之表已展平", "a table in a table is made flat")
            else:
                self._paragraph()
                self._rows, self._header_rows, self._caption = [], 0, ""
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
            self._heads = 0
        elif tag == "th":
            self._heads += 1
        elif tag in _BREAKS:
            self._break()

    def _end(self, tag: str) -> None:
        if tag in {"td", "th"} and self._rows:
            self._rows[-1].append(self._taken())
        elif tag == "tr" and self._rows and self._heads and self._heads == len(self._rows[-1]):
            self._header_rows += 1
        elif tag == "table" and self._rows is not None and "table" not in self._open:
            self._table()
        elif tag == "li":
            self._entry()
        elif tag in {"ul", "ol"} and self._entries is not None and not {"ul", "ol"} & {*self._open}:
            entries, self._entries = tuple(self._entries), None
            if entries:
                self._blocks.append(Listing(entries=entries, numbered=tag == "ol"))
        elif tag in _BREAKS:
            self._break()

    def _table(self) -> None:
        rows = [row for row in self._rows or [] if row]
        self._rows = None
        width = max(map(len, rows), default=0)
        if any(len(row) != width for row in rows):
            self._tell("<table>", "各行已补齐", "rows are filled up with empty cells")
        filled = tuple((*row, *[()] * (width - len(row))) for row in rows)
        if filled:
            caption = self._caption.strip()
            heads = min(self._header_rows, 5)
            self._blocks.append(Table(rows=filled, header_rows=heads, caption=caption))

    def _break(self) -> None:
        """The end of a paragraph; inside a list or a table, the end of a line."""
        if self._entries is None and self._rows is None:
            self._paragraph()
        elif self._line:
            self._words("\n")

    def _paragraph(self) -> None:
        if content := self._taken():
            self._blocks.append(Paragraph(content=content))

    def _entry(self) -> None:
        if (content := self._taken()) and self._entries is not None:
            self._entries.append(content)

    def _image(self, given: dict[str, str]) -> None:
        found = self._picture(given.get("src", ""), given.get("alt", ""))
        if found is None:
            return
        if self._entries is not None or self._rows is not None:
            self._tell("image", "图片移到列表或表格之前", "moved before the list or table")
        else:
            self._paragraph()
        self._blocks.append(found)

    def _taken(self) -> tuple[Inline, ...]:
        line, self._line = self._line, []
        return tuple(_trimmed(line))

    def _words(self, text: str) -> None:
        if len(text) > LONGEST:
            raise Refused("文字超出试题的限度", f"more than {LONGEST} characters without a break")
        if "pre" not in self._open and text != "\n":
            text = re.sub(r"[ \t\r\n]+", " ", text)
        at = 0
        for found in _FORMULA.finditer(text):
            self._run(text[at : found.start()])
            self._formula(next(filter(None, found.groups())).strip())
            at = found.end()
        self._run(text[at:])

    def _formula(self, latex: str) -> None:
        alt = next((words for words in reversed(self._said) if words), "")
        if not alt:
            zh, en = (
                "公式没有读法，暂用公式原文",
                "a formula without words is read as it is written",
            )
            self._tell("formula", zh, en)
        self._line.append(Formula(latex=latex, alt=alt or latex))

    def _run(self, text: str) -> None:
        if not text:
            return
        run = Run(
            text=text,
            strong=bool(_STRONG & set(self._open)),
            emphasis=bool(_EMPHASIS & set(self._open)),
            script=self._script(),
        )
        last = self._line[-1] if self._line else None
        if isinstance(last, Run) and last == _with(run, last.text):
            self._line[-1] = _with(run, last.text + text)
        else:
            self._line.append(run)

    def _script(self) -> Script:
        if "sub" in self._open:
            return Script.BELOW
        return Script.ABOVE if "sup" in self._open else Script.LINE


def _with(run: Run, text: str) -> Run:
    return Run(text=text, strong=run.strong, emphasis=run.emphasis, script=run.script)


def _trimmed(line: list[Inline]) -> Iterator[Inline]:
    """Without blanks that only stand between tags."""
    last = len(line) - 1
    for at, inline in enumerate(line):
        if not isinstance(inline, Run):
            yield inline
            continue
        text = re.sub(r" *\n *", "\n", inline.text)
        text = text.lstrip() if at == 0 else text
        text = text.rstrip() if at == last else text
        if text:
            yield _with(inline, text)
