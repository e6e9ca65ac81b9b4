"""Items as a content package of QTI 3.0. Keywords of the manifest carry what items have no place
for; a case is a stimulus with an item for each of its questions."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lxml import etree

from courses.exchange.cases import CASE, part_as_item, part_tags
from courses.exchange.filing import tags_of
from courses.exchange.qti.content_writing import Contents, element
from courses.exchange.qti.item_writing import ItemWriter
from courses.exchange.qti.names import QTI_3, in_namespace
from courses.exchange.qti.package import MANIFEST
from courses.exchange.qti.rubrics import CASE_EXPLANATION
from courses.exchange.report import Report
from courses.exchange.xml_reading import Element
from courses.items.interactions import Case
from courses.items.item import Item

_PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
_LOM = "http://ltsc.ieee.org/xsd/LOM"
_ITEM, _STIMULUS = "imsqti_item_xmlv3p0", "imsqti_stimulus_xmlv3p0"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""So that the same bank gives the same bytes."""


def write_qti(items: Iterable[Item], pictures: Mapping[str, bytes], report: Report) -> bytes:
    """`pictures`: file name -> content, of the bank's images."""
    package = _Package(pictures, report)
    for item in items:
        with report.question(item.id):
            package.add(item)
            report.imported(item.id, "question")
    return package.zipped()


class _Written(NamedTuple):
    kind: str
    path: str
    root: Element
    tags: Sequence[str]
    images: set[str]


class _Package:
    def __init__(self, pictures: Mapping[str, bytes], report: Report) -> None:
        self._pictures, self._report = pictures, report
        self._files: dict[str, bytes] = {}
        self._shown: set[str] = set()
        self._resources = element("resources")
        self._count = self._listed = 0

    def add(self, item: Item) -> None:
        """Whole or not at all. Raises Refused."""
        written, story = self._written(item), ""
        for one in written:
            self._files[one.path] = _xml(one.root)
            self._shown |= one.images
            name = self._list(one, story)
            story = name if one.kind == _STIMULUS else story

    def _written(self, item: Item) -> list[_Written]:
        self._count += 1
        name = f"{self._count:05}"
        contents = Contents(item.id, self._pictures, self._report)
        if not isinstance(item.interaction, Case):
            root = ItemWriter(item, contents).root()
            return [_Written(_ITEM, f"items/{name}.xml", root, tags_of(item), contents.images)]
        stimulus = f"stimuli/{name}.xml"
        story = _stimulus(item, contents)
        told = tags_of(item, {CASE: item.id})
        written = [_Written(_STIMULUS, stimulus, story, told, contents.images)]
        for at, part in enumerate(item.interaction.parts, start=1):
            within = Contents(item.id, self._pictures, self._report)
            asked = part_as_item(item, part)
            writer = ItemWriter(asked, within, stimulus=f"../{stimulus}")
            if at == 1:
                writer.note(CASE_EXPLANATION, item.explanation)
            tags = tags_of(asked, part_tags(item, part))
            path = f"items/{name}-{at:02}.xml"
            written.append(_Written(_ITEM, path, writer.root(), tags, within.images))
        return written

    def _list(self, written: _Written, story: str) -> str:
        """Gives its identifier; `story`: that of the stimulus it stands on."""
        kind, path, _, tags, images = written
        self._listed += 1
        name = f"R{self._listed}"
        resource = element("resource", identifier=name, type=kind, href=path)
        lom = etree.SubElement(element("metadata"), f"{{{_LOM}}}lom", nsmap={None: _LOM})
        general = etree.SubElement(lom, f"{{{_LOM}}}general")
        for tag in tags:
            keyword = etree.SubElement(general, f"{{{_LOM}}}keyword")
            words = etree.SubElement(keyword, f"{{{_LOM}}}string", language="zh-CN")
            words.text = tag
        resource.append(lom.getparent())
        for name in (path, *(f"images/{one}" for one in sorted(images))):
            resource.append(element("file", href=name))
        if story:
            resource.append(element("dependency", identifierref=story))
        self._resources.append(resource)
        return name

    def zipped(self) -> bytes:
        for name in sorted(self._shown):
            self._files[f"images/{name}"] = self._pictures[name]
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {MANIFEST: _xml(self._manifest()), **self._files}.items():
                archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
        return out.getvalue()

    def _manifest(self) -> Element:
        root = etree.Element("manifest", nsmap={None: _PACKAGE}, identifier="MANIFEST")
        metadata = etree.SubElement(root, "metadata")
        for name, words in (("schema", "QTI Package"), ("schemaversion", "3.0.0")):
            etree.SubElement(metadata, name).text = words
        etree.SubElement(root, "organizations")
        root.append(self._resources)
        in_namespace(root, _PACKAGE)
        return root


def _stimulus(item: Item, contents: Contents) -> Element:
    root = element("qti-assessment-stimulus", identifier=contents.name(item.id), title=item.id)
    root.append(contents.put(element("qti-stimulus-body"), item.stem))
    return in_namespace(root, QTI_3)


def _xml(root: Element) -> bytes:
    """Without prefixes: players that read items as HTML know elements by their bare names."""
    space = etree.QName(root).namespace
    plain = etree.Element(root.tag, dict(root.attrib), nsmap={None: space})
    plain.text = root.text
    plain.extend(list(root))
    etree.cleanup_namespaces(plain)
    written: bytes = etree.tostring(plain, xml_declaration=True, encoding="UTF-8")
    return written
