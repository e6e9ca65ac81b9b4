"""Texts of a Moodle question with their formats and the files that they carry."""

from urllib.parse import unquote

from courses.exchange.filing import Filing
from courses.exchange.markup import from_html, from_markdown, from_plain, looks_like_html
from courses.exchange.pictures import from_base64, kept
from courses.exchange.xml_reading import Element, words_in
from courses.items.rich_text import Image, RichText

_HERE = "@@PLUGINFILE@@/"


class Texts:
    """Of one question."""

    def __init__(self, where: str, filing: Filing) -> None:
        self.where, self._filing, self.report = where, filing, filing.report

    def read(self, element: Element | None, raw: str | None = None) -> RichText:
        """`raw` takes the place of the element's own words, whose format and files it has."""
        if element is None:
            return ""
        words = (words_in(element, "text") if raw is None else raw).strip()
        form = element.get("format", "html")
        if form == "moodle_auto_format":
            form = "html" if looks_like_html(words) else "plain_text"
            words = words.replace("\n", "<br>") if form == "html" else words
        files = _Files(element, self)
        if form == "markdown":
            text = from_markdown(words, self._tell, files.picture)
        elif form == "plain_text" or not looks_like_html(words):
            text = from_plain(words)
        else:
            text = from_html(words, self._tell, files.picture)
        files.tell_unused()
        return text

    def keep(self, content: bytes | None, name: str, alt: str) -> Image | None:
        return kept(content, name, alt, self._filing.images, self.where, self.report)

    def _tell(self, element: str, zh: str, en: str) -> None:
        self.report.changed(self.where, element, zh, en)


class _Files:
    def __init__(self, element: Element, texts: Texts) -> None:
        self._texts = texts
        self._files: dict[str, Element] = {
            (one.get("path", "/") + one.get("name", "")).lstrip("/"): one
            for one in element.findall("file")
        }
        self._used: set[str] = set()

    def picture(self, address: str, alt: str) -> Image | None:
        if address.startswith("data:image/") and ";base64," in address:
            return self._texts.keep(from_base64(address.partition(",")[2]), "data:", alt)
        name = unquote(address.removeprefix(_HERE).split("?")[0])
        file = self._files.get(name) if address.startswith(_HERE) else None
        if file is None:
            zh, en = f"文件中没有图片 {address[:200]}", f"not in the file: {address[:200]}"
            self._texts.report.refused(self._texts.where, "image", zh, en)
            return None
        self._used.add(name)
        in_base64 = file.get("encoding", "base64") == "base64"
        return self._texts.keep(from_base64(file.text or "") if in_base64 else None, name, alt)

    def tell_unused(self) -> None:
        for name in self._files:
            if name not in self._used:
                zh, en = f"附件 {name} 未用作图片，未保留", f"{name} is shown nowhere, left out"
                self._texts.report.changed(self._texts.where, "file", zh, en)
