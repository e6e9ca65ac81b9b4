"""What a Moodle question says beside what it asks. A setting that says what is so here anyway came
whole; any other is told."""

from collections.abc import Set

from courses.exchange.report import Report
from courses.exchange.xml_reading import Element

_AS_HERE = {
    "defaultgrade": {"1"},
    "penalty": {"0"},
    "hidden": {"0"},
    "idnumber": set[str](),
    "shuffleanswers": {"1", "true"},
    "answernumbering": {"none"},
    "shownumcorrect": {"0"},
    "showstandardinstruction": {"0"},
    "correctfeedback": set[str](),
    "partiallycorrectfeedback": set[str](),
    "incorrectfeedback": set[str](),
    "unitsleft": {"0"},
    "unitgradingtype": {"0"},
    "unitpenalty": {"0"},
    "showunits": {"0", "3"},
    "responseformat": {"plain"},
    "responserequired": {"1"},
    "attachments": {"0"},
    "attachmentsrequired": {"0"},
    "responsetemplate": set[str](),
    "layouttype": {"VERTICAL", "0"},
    "selecttype": {"ALL", "0"},
    "selectcount": {"0"},
    "gradingtype": {"ALL_OR_NOTHING", "-1"},
    "showgrading": {"0", "HIDE"},
    "numberingstyle": {"none"},
}


def tell_others(question: Element, read: Set[str], where: str, report: Report) -> None:
    """Every child that nobody has read."""
    for child in question:
        if child.tag in read:
            continue
        said = "".join(child.itertext()).strip()
        as_here = _AS_HERE.get(child.tag, set())
        if child.tag in _AS_HERE and (said in as_here or _number(said) in as_here or not said):
            report.imported(where, child.tag)
        else:
            zh, en = f"未保留：{said[:100]}", f"left out, items have no place for it: {said[:100]}"
            report.changed(where, child.tag, zh, en)


def _number(said: str) -> str:
    """`0.0000000` as `0`."""
    return said.rstrip("0").rstrip(".") or "0" if "." in said else said
