"""What is refused before anything opens it."""

import io
import struct
import tracemalloc
import zipfile

import pytest

from backend.organisations.imports.archive import refuse_unsafe, refuse_unsafe_directory
from backend.organisations.imports.domain import FileRefused, Format
from backend.organisations.imports.reading import StaffFile
from backend.organisations.imports.template import template
from tests.backend.organisations.staff import workbook

SHEET = "xl/worksheets/sheet1.xml"
RELS = "xl/_rels/workbook.xml.rels"


def rewritten(content: bytes, **members: bytes | None) -> bytes:
    """The workbook with members replaced or added; `None` removes one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        names = {m.filename for m in old.infolist()}
        for name in names - members.keys():
            new.writestr(name, old.read(name))
        for name, data in members.items():
            if data is not None:
                new.writestr(name, data)
    return out.getvalue()


def because(content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        refuse_unsafe(content)
    return refused.value.because


def sheet(rows: bytes) -> bytes:
    return b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"


@pytest.mark.parametrize("content", [workbook([["张三", 13800138000]]), template()])
def test_an_ordinary_workbook_and_the_template_pass(content: bytes) -> None:
    refuse_unsafe(content)


def test_a_zip_bomb_is_refused_by_its_directory_without_being_unpacked() -> None:
    bomb = rewritten(workbook([]), **{SHEET: b"<a>" + bytes(250 << 20)})
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    with pytest.raises(FileRefused) as refused:
        refuse_unsafe_directory(bomb)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()
    assert refused.value.because == "packed-too-tight"


def test_a_directory_that_lies_about_the_size_is_found_out() -> None:
    content = rewritten(workbook([]), **{SHEET: sheet(b" " * (8 << 20))})
    at = content.index(b"PK\x01\x02", content.rindex(SHEET.encode()) - 60)
    lying = bytearray(content)
    struct.pack_into("<I", lying, at + 24, 1000)  # the directory's uncompressed size
    assert because(bytes(lying)) == "packed-too-tight"


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row><c r='AB1'/></row>",
        b'<row r="1048576"><c><v>1</v></c></row>',
        b"<row>" + b"<c/>" * 27 + b"</row>",
        b'<x:row xmlns:x="y"><x:c r="A999999"/></x:row>',
        b'<row r="1"><c r="&#88;FD1"/></row>',
    ],
    ids=["the far corner", "column AB", "a row far down", "27 in a row", "prefixed", "an entity"],
)
def test_a_small_sheet_that_would_be_huge_in_memory_is_refused(rows: bytes) -> None:
    assert because(rewritten(workbook([]), **{SHEET: sheet(rows)})) == "too-wide-or-long"


def test_nesting_and_endless_tokens_are_refused() -> None:
    deep = rewritten(workbook([]), **{SHEET: b"<a>" * 100_000})
    assert because(deep) in {"packed-too-tight", "not-a-workbook"}
    endless = rewritten(
        workbook([]),
        **{
            SHEET: b'<a b="'
            + bytes(range(32, 126)).replace(b'"', b"").replace(b"<", b"").replace(b"&", b"")
            * 90_000
        },
    )
    assert because(endless) in {"packed-too-tight", "not-a-workbook"}


@pytest.mark.parametrize(
    "extra",
    ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/embeddings/oleObject1.bin"],
)
def test_macros_links_and_embedded_objects_are_refused(extra: str) -> None:
    assert because(rewritten(workbook([]), **{extra: b"<a/>"})) == "macros-or-links"


def test_an_external_relationship_and_a_document_type_are_refused() -> None:
    link = (
        b'<Relationships><Relationship Id="r1" Type="x/oleObject" TargetMode="External"'
        b' Target="http://example.org/a.xml"/></Relationships>'
    )
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    assert because(rewritten(workbook([]), **{rels: link})) == "macros-or-links"
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha">]><worksheet>&b;</worksheet>'
    assert because(rewritten(workbook([]), **{SHEET: laughs})) == "macros-or-links"


def test_a_sheet_cannot_hide_under_another_name() -> None:
    hidden = (
        b'<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="media/a.png"/>'
        b"</Relationships>"
    )
    assert because(rewritten(workbook([]), **{RELS: hidden})) == "not-a-workbook"


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"PK\x03\x04" + bytes(100), workbook([])[:400], workbook([])[:-30]],
    ids=["nothing", "a mark alone", "noughts", "cut off early", "cut off late"],
)
def test_what_is_no_workbook_is_said_to_be_none(content: bytes) -> None:
    assert because(content) == "not-a-workbook"


def test_one_bad_byte_anywhere_breaks_nothing() -> None:
    good = workbook([["张三", "13800138000"]])
    for place in range(0, len(good), 97):
        broken = bytearray(good)
        broken[place] ^= 0xFF
        try:
            refuse_unsafe(bytes(broken))
            list(StaffFile(bytes(broken), Format.XLSX).rows())
        except FileRefused:
            pass
