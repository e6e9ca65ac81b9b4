"""QTI 2.x and 3.0: items, packages of items, their stimuli and the order of a test."""

from collections.abc import Iterator, Mapping

import msgspec

from courses.exchange.cases import CASE, NO_QUESTIONS, PART
from courses.exchange.filing import Draft, Filing, filed_by
from courses.exchange.qti.item_reading import ItemReader
from courses.exchange.qti.names import canonical, said
from courses.exchange.qti.package import Package, Resource, resolved
from courses.exchange.qti.sections import order_of
from courses.exchange.qti.texts import Texts, nothing_beside
from courses.exchange.report import Refused
from courses.exchange.xml_reading import Element, parsed

_ZIP = b"PK\x03\x04"
Stimuli = Mapping[str, Resource]


def read_qti(content: bytes, filing: Filing) -> None:
    """Raises Refused where the file as a whole is no QTI."""
    if content.startswith(_ZIP):
        _Reader(Package(content, filing.report), filing).read()
        return
    root = canonical(parsed(content))
    if root.tag != "qti-assessment-item":
        zh = f"{root.tag} 引用别的文件，请导入整个压缩包"
        raise Refused(zh, f"{root.tag} names other files: import the whole package")
    with filing.report.question(f"line 1 ({said(root, 'identifier')})"):
        if root.find("qti-assessment-stimulus-ref") is not None:
            zh, en = "共用材料在另一文件中", "its stimulus is in another file: import the package"
            raise Refused(zh, en)
        filing.add(ItemReader(root, Resource(path="line 1"), filing, nothing_beside).draft())


class _Reader:
    def __init__(self, package: Package, filing: Filing) -> None:
        self._package, self._filing, self._report = package, filing, filing.report
        self._items: dict[str, tuple[Resource, Element]] = {}
        self._tests: list[tuple[Resource, Element]] = []
        self._stimuli: dict[str, tuple[Resource, Element]] = {}
        self._told: dict[str, str] = {}
        """Path of a stimulus -> its case, once an item has asked for it."""

    def read(self) -> None:
        for resource in self._package.resources:
            self._open(resource)
        for resource, root in self._in_order():
            with self._report.question(f"{resource.path} ({said(root, 'identifier')})"):
                self._item(resource, root)
        for path in self._stimuli.keys() - self._told.keys():
            zh, en = "没有试题引用此材料，未保留", "no item refers to it, left out"
            self._report.changed(path, "stimulus", zh, en)
        self._package.tell_unused()

    def _open(self, resource: Resource) -> None:
        """A file that cannot be read is refused; the others come."""
        path = resource.path
        with self._report.question(path):
            if path in {*self._items, *self._stimuli}:
                raise Refused("清单中列了两次", "listed twice in the manifest")
            root = canonical(self._package.xml(path))
            if root.tag == "qti-assessment-item":
                self._items[path] = (resource, root)
            elif root.tag == "qti-assessment-stimulus":
                self._stimuli[path] = (resource, root)
            else:
                self._tests.append((resource, root))

    def _in_order(self) -> Iterator[tuple[Resource, Element]]:
        """Of the tests, then the items that no test names."""
        left = dict(self._items)
        for resource, root in self._tests:
            for href in order_of(root, resource.path, self._report):
                path = resolved(resource.path, href)
                if path in left:
                    yield left.pop(path)
                elif path not in self._items:
                    zh, en = f"压缩包中没有试题 {href}", f"no item of the package: {href}"
                    self._report.refused(resource.path, "item reference", zh, en)
        yield from left.values()

    def _item(self, resource: Resource, root: Element) -> None:
        reader = ItemReader(root, resource, self._filing, self._package.beside)
        draft = reader.draft()
        references = root.findall("qti-assessment-stimulus-ref")
        if len(references) > 1:
            raise Refused("一题引用多份共用材料", "an item with more than one stimulus")
        for reference in references:
            path = resolved(resource.path, said(reference, "href"))
            case = self._case(path)
            part = draft.filed.get(PART) or draft.name
            filed = {**draft.filed, CASE: case, PART: part or "1"}
            draft = msgspec.structs.replace(draft, filed=filed)
            self._report.imported(reader.where, "stimulus reference")
            self._filing.cases.explain(case, reader.case_explanation)
        self._filing.add(draft)

    def _case(self, path: str) -> str:
        if path not in self._stimuli:
            raise Refused(f"压缩包中没有材料 {path}", f"no stimulus of the package: {path}")
        if path not in self._told:
            self._told[path] = self._story(*self._stimuli[path])
        return self._told[path]

    def _story(self, resource: Resource, root: Element) -> str:
        name, where = said(root, "identifier"), f"{resource.path} ({said(root, 'identifier')})"
        texts = Texts(resource.path, where, self._filing, self._package.beside)
        stem = texts.read(root.find("qti-stimulus-body"))
        filed = filed_by(resource.keywords, where, self._report)
        for child in root:
            if child.tag != "qti-stimulus-body":
                zh, en = "没有位置，未保留", "left out: items have no place for it"
                self._report.changed(where, f"<{child.tag}>", zh, en)
        self._report.imported(where, "stimulus")
        case = filed.get(CASE) or resource.path
        filed = {**filed, CASE: case}
        draft = Draft(where=where, name=name, stem=stem, interaction=NO_QUESTIONS, filed=filed)
        self._filing.add(draft)
        return case
