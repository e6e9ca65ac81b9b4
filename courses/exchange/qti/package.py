"""IMS content packages: a zip with a manifest that lists items, stimuli, tests and their files."""

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

import msgspec
from lxml import etree

from courses.exchange.archive import opened, read_entry
from courses.exchange.qti.names import recognised
from courses.exchange.report import Refused, Report
from courses.exchange.xml_reading import Element, parsed

MANIFEST = "imsmanifest.xml"
_QUIET = {"associatedcontent", "webcontent", "controlfile", "resourcemetadata"}
MOST_FILES = 25_000
"""A bank of ten thousand items has a file for each."""
_SCHEMA = (".xsd", ".dtd", ".xsl")


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    keywords: tuple[str, ...] = ()


class Package:
    """What a source holds: a package, or one file that is all there is."""

    def __init__(self, content: bytes, report: Report) -> None:
        self.report = report
        self._used: set[str] = set()
        self._archive = opened(content, MOST_FILES)
        self._names = {i.filename for i in self._archive.infolist() if not i.is_dir()}
        self.resources = self._listed() if MANIFEST in self._names else self._found()
        if not self.resources:
            raise Refused("压缩包中没有 QTI 试题", "a package without any file of QTI")

    def xml(self, path: str) -> Element:
        """Raises Refused."""
        self._used.add(path)
        if path not in self._names:
            raise Refused(f"压缩包中没有 {path}", f"{path} is not in the package")
        return parsed(read_entry(self._archive, path))

    def beside(self, path: str, address: str) -> tuple[str, bytes | None]:
        """A file by its address in another: its path, and its bytes when the package has it."""
        name = resolved(path, address)
        if name not in self._names:
            return name, None
        self._used.add(name)
        return name, read_entry(self._archive, name)

    def tell_unused(self) -> None:
        for name in sorted(self._names - self._used - {MANIFEST}):
            if not name.lower().endswith(_SCHEMA):
                zh, en = "没有试题用到此文件，未保留", "no item shows it, left out"
                self.report.changed(name, "file", zh, en)

    def _listed(self) -> list[Resource]:
        self._used.add(MANIFEST)
        root = parsed(read_entry(self._archive, MANIFEST))
        found = []
        for resource in root.iter("{*}resource"):
            kind = resource.get("type", "").lower()
            path = resolved("", resource.get("href") or "")
            if kind.startswith("imsqti_") or (path in self._names and self._is_qti(path)):
                found.append(Resource(path=path, keywords=tuple(self._keywords(path, resource))))
            elif kind.split("/")[0] not in _QUIET:
                zh, en = f"类型 {kind} 未读", f"resources of the type {kind} are not read"
                self.report.changed(path or MANIFEST, "resource", zh, en)
        if any(True for _ in root.iter("{*}organization")):
            zh, en = "目录结构未保留", "the organisation is left out: items stand in one list"
            self.report.changed(MANIFEST, "organization", zh, en)
        return found

    def _found(self) -> list[Resource]:
        zh, en = "没有清单，逐个读取 XML 文件", "no manifest: every XML file is read"
        self.report.changed(MANIFEST, "manifest", zh, en)
        names = sorted(name for name in self._names if name.lower().endswith(".xml"))
        return [Resource(path=name) for name in names if self._is_qti(name)]

    def _is_qti(self, name: str) -> bool:
        return name.lower().endswith(".xml") and recognised(read_entry(self._archive, name))

    def _keywords(self, path: str, resource: Element) -> Iterator[str]:
        """Of the LOM; its other fields are told."""
        for element in resource.iterfind("{*}metadata//*"):
            if not isinstance(element.tag, str) or len(element):
                continue
            names = [etree.QName(one).localname for one in (element, *element.iterancestors())]
            words = (element.text or "").strip()
            if "keyword" in names[:3]:
                yield words
            elif words and not {"title", "schema", "schemaversion"} & {*names[:3]}:
                zh, en = f"元数据未保留：{words[:100]}", f"left out: {words[:100]}"
                self.report.changed(path, f"metadata {names[0]}", zh, en)


def resolved(path: str, address: str) -> str:
    """Never outside of the package: a path that leaves it names nothing in it."""
    address = unquote(address.split("#")[0].split("?")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), address)) if address else ""
