"""An assessment test: the order of its items. A blueprint says how it is given."""

from collections.abc import Iterator, Mapping

from courses.exchange.qti.names import is_true, said
from courses.exchange.report import Report
from courses.exchange.xml_reading import Element

_REASONS: Mapping[str, tuple[str, str]] = {
    "qti-assessment-section": ("分节并为一列，次序保留", "sections become one list in their order"),
    "qti-test-part": ("各部分并为一列，次序保留", "parts become one list in their order"),
    "qti-time-limits": ("时限由考试规定", "the exam says the time"),
    "qti-item-session-control": ("作答次数与回看由考试规定", "the exam says attempts and review"),
    "qti-weight": ("分值由双向细目表规定", "the blueprint says the points"),
    "qti-selection": ("抽题由双向细目表规定", "the blueprint draws items"),
    "qti-ordering": ("试题次序对每位学员打乱", "items are shuffled for each learner"),
    "qti-branch-rule": ("跳转规则未保留", "rules that jump are left out"),
    "qti-pre-condition": ("前提条件未保留", "conditions to show it are left out"),
    "qti-rubric-block": ("给考生的说明未保留", "what candidates are told is left out"),
    "qti-outcome-declaration": ("总分由此处计算", "totals are worked out here"),
    "qti-outcome-processing": ("总分由此处计算", "totals are worked out here"),
    "qti-test-feedback": ("试卷反馈未保留", "feedback of the test is left out"),
}


def order_of(root: Element, path: str, report: Report) -> Iterator[str]:
    """Addresses of its items; every other element is told."""
    where = f"{path} ({said(root, 'identifier')})"
    if root.tag == "qti-assessment-section":
        _tell(root, where, report)
    yield from _within(root, where, report)


def _within(element: Element, where: str, report: Report) -> Iterator[str]:
    for child in element:
        name = str(child.tag)
        if name == "qti-assessment-item-ref":
            report.imported(where, "item reference")
            _tell_children(child, where, report)
            yield said(child, "href")
        elif name == "qti-assessment-section-ref":
            zh, en = f"另一文件中的分节 {said(child, 'href')}", "a section in another file"
            report.changed(where, name, zh, en)
        elif name in {"qti-assessment-section", "qti-test-part"}:
            _tell(child, where, report)
            yield from _within(child, where, report)
        else:
            _tell(child, where, report)


def _tell_children(element: Element, where: str, report: Report) -> None:
    for child in element:
        _tell(child, where, report)
    if is_true(element, "fixed") or said(element, "category"):
        zh, en = "类别与固定次序未保留", "its category or fixed place is left out"
        report.changed(where, "item reference", zh, en)


def _tell(element: Element, where: str, report: Report) -> None:
    name = str(element.tag)
    zh, en = _REASONS.get(name, ("没有位置，未保留", "left out: there is no place for it"))
    title = said(element, "title") or said(element, "identifier")
    report.changed(where, f"<{name}>", f"{title} {zh}".strip(), f"{title} {en}".strip())
