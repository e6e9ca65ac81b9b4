"""Items of QTI in 3.0's words, and the same as 2.2 writes them."""

import io
import re
import zipfile
from collections.abc import Mapping

from courses.exchange.qti.names import QTI_3
from courses.exchange.qti.reading import read_qti
from courses.exchange.report import Outcome
from courses.items.item import Item
from tests.courses.exchange.banks import a_filing, told

GOOD, NEW, BAD = Outcome.IMPORTED, Outcome.CHANGED, Outcome.REFUSED
Lines = list[tuple[str, Outcome]]
MATCH = '<qti-response-processing template="https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"/>'
MAP = MATCH.replace("match_correct.xml", "map_response")
SCORE = '<qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"/>'
SHOWN = '<qti-outcome-declaration identifier="SHOWN" cardinality="single" base-type="identifier"/>'


def item(within: str, name: str = "Q1", more: str = "") -> str:
    tag = "qti-assessment-item"
    return f'<{tag} xmlns="{QTI_3}" identifier="{name}" {more}>{within}</{tag}>'


def counted(text: str) -> Lines:
    """`+option ×2, ~weight, -image`: elements with what became of them, and how often in a row."""
    found: Lines = []
    for one in text.split(", "):
        name, _, times = one[1:].rpartition(" ×")
        outcome = {"+": GOOD, "~": NEW, "-": BAD}[one[0]]
        found += [(name or times, outcome)] * (int(times) if name else 1)
    return found


def sets(outcome: str, value: str, base: str) -> str:
    said = f'<qti-base-value base-type="{base}">{value}</qti-base-value>'
    return f'<qti-set-outcome-value identifier="{outcome}">{said}</qti-set-outcome-value>'


def earn(points: float) -> str:
    return sets("SCORE", str(points), "float")


def show(name: str) -> str:
    return sets("SHOWN", name, "identifier")


def as_2_2(text: str) -> str:
    """Names in camel case and the other namespace; templates as 2.2 names them."""

    def camel(found: re.Match[str]) -> str:
        return re.sub(r"-(\w)", lambda letter: letter[1].upper(), found[0])

    text = text.replace(QTI_3, "http://www.imsglobal.org/xsd/imsqti_v2p2")
    text = re.sub(r"(?<=[</])qti-", "", text)
    text = re.sub(r"(?<=[</])[a-z]+(-[a-z]+)+(?=[ />])", camel, text)
    return re.sub(r"(?<= )(?!data-)[a-z]+(-[a-z]+)+(?==\")", camel, text)


def response(
    key: str,
    base: str = "identifier",
    cardinality: str = "single",
    mapping: str = "",
    name: str = "RESPONSE",
) -> str:
    """`key`: correct values, blanks between; of pairs, `A:B`."""
    values = "".join(f"<qti-value>{one.replace(':', ' ')}</qti-value>" for one in key.split())
    correct = f"<qti-correct-response>{values}</qti-correct-response>" if key else ""
    return (
        f'<qti-response-declaration identifier="{name}" cardinality="{cardinality}"'
        f' base-type="{base}">{correct}{mapping}</qti-response-declaration>'
    )


def mapping(*entries: str, more: str = "") -> str:
    """`甲=1` each; `more`: attributes of all."""
    made = ""
    for one in entries:
        key, _, value = one.rpartition("=")
        made += f'<qti-map-entry map-key="{key}" mapped-value="{value}"/>'
    return f"<qti-mapping {more}>{made}</qti-mapping>"


def body(text: str) -> str:
    return f"<qti-item-body>{text}</qti-item-body>"


def asks(kind: str, within: str = "", more: str = "", name: str = "RESPONSE") -> str:
    tag = f"qti-{kind}-interaction"
    return f'<{tag} response-identifier="{name}" {more}>{within}</{tag}>'


def options(tag: str, names: str, more: str = "") -> str:
    return "".join(f'<qti-{tag} identifier="{one}" {more}>说{one}</qti-{tag}>' for one in names)


def package(files: Mapping[str, str | bytes], keywords: Mapping[str, str] = {}) -> bytes:
    """With a manifest of all its XML; `keywords`: path -> one."""
    listed = ""
    for path in files:
        metadata = ""
        if path in keywords:
            said = f"<keyword><string>{keywords[path]}</string></keyword>"
            metadata = f"<metadata><lom><general>{said}</general></lom></metadata>"
        if path.endswith(".xml"):
            listed += f'<resource type="imsqti_item_xmlv3p0" href="{path}">{metadata}</resource>'
    manifest = f"<manifest><resources>{listed}</resources></manifest>"
    return zipped({"imsmanifest.xml": manifest, **files})


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return out.getvalue()


def read(content: str | bytes) -> tuple[list[Item], Lines]:
    filing = a_filing()
    read_qti(content.encode() if isinstance(content, str) else content, filing)
    filing.finish()
    return filing.items, [(element, outcome) for _, element, outcome in told(filing.report)]
