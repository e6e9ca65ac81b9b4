"""What comes off the press: the archive form, the words as they were given, the same each time."""

import io
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from backend.records.domain import Title
from backend.records.printing.domain import file_name, half_of, settable
from backend.records.printing.press import has_type, press
from courses.record_kinds import kinds
from tests.backend.records.making import START
from tests.backend.records.printing.sheets import CODE, NUMBER, PLATFORM, a_sheet, all_of

HOSTILE = r'#let x = 1; $a_1$ \u{41} *粗* _斜_ `raw` "引" // 注 <b> @x [=] ~ 𠮷䶮㐂'
NAMES = [
    "𠮷田䶮",
    "买买提·艾力江",
    "O’Neill-Łukasz",
    "#panic()$\\",
    "欧" * 60,
    "Wolfeschlegel " * 4,
]


def read(sheet: Any) -> PdfReader:
    return PdfReader(io.BytesIO(press().set_now(sheet)))


def words(reader: PdfReader) -> str:
    return all_of([page.extract_text() for page in reader.pages])


@pytest.fixture(scope="module")
def reader() -> PdfReader:
    return read(a_sheet(bundle=b"PK-a-bundle", credential=b"a.b.c"))


def opened(of: Any) -> Any:
    return of.get_object() if isinstance(of, IndirectObject) else of


def test_it_is_tagged_titled_pdf_a_3b_with_its_fonts_inside(reader: PdfReader) -> None:
    root: Any = reader.root_object
    xmp = opened(root["/Metadata"]).get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    intents = [opened(one) for one in root["/OutputIntents"]]
    assert [one["/S"] for one in intents] == ["/GTS_PDFA1"]
    assert opened(intents[0]["/DestOutputProfile"]).get_data()[36:40] == b"acsp"
    assert opened(root["/MarkInfo"])["/Marked"]
    assert root["/Lang"] == "zh-CN"
    assert opened(root["/ViewerPreferences"])["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == f"内审员培训合格证明 {NUMBER}"
    fonts = opened(opened(reader.pages[0]["/Resources"])["/Font"]).values()
    below = [opened(opened(opened(font)["/DescendantFonts"])[0]) for font in fonts]
    assert below
    assert all({"/FontFile3", "/FontFile2"} & {*opened(one["/FontDescriptor"])} for one in below)


@pytest.mark.parametrize(
    ("language", "face"), [("zh", "NotoSansCJKjp-Bold"), ("en", "LibertinusSerif-Semibold")]
)
def test_the_title_is_set_in_a_bold_face(language: Any, face: str) -> None:
    page = read(a_sheet(language=language)).pages[0]
    fonts = opened(opened(page["/Resources"])["/Font"]).values()
    assert any(face in opened(font)["/BaseFont"] for font in fonts)


def test_the_bundle_and_the_credential_are_associated_files(reader: PdfReader) -> None:
    assert reader.attachments[f"{NUMBER}.zip"] == [b"PK-a-bundle"]
    assert reader.attachments[f"{NUMBER}.jwt"] == [b"a.b.c"]
    root: Any = reader.root_object
    files = [opened(one) for one in root["/AF"]]
    assert sorted(one["/AFRelationship"] for one in files) == ["/Alternative", "/Source"]
    kinds_ = {opened(opened(one["/EF"])["/F"])["/Subtype"] for one in files}
    assert kinds_ == {"/application/zip", "/application/jwt"}


def test_the_same_page_has_the_same_bytes_and_its_date_is_that_of_issue() -> None:
    one, other = press().set_now(a_sheet()), press().set_now(a_sheet())
    assert one == other
    metadata = PdfReader(io.BytesIO(one)).metadata
    assert metadata is not None
    assert metadata.creation_date == START
    assert press().set_now(a_sheet(holder="李雷")) != one


def test_texts_are_words_and_never_markup() -> None:
    title = Title(zh=HOSTILE, en=HOSTILE)
    found = words(read(a_sheet(holder=HOSTILE, programme_title=title)))
    assert found.count("".join(HOSTILE.split())) == 3  # the holder, the sentence, the line


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_record_fits_on_one_page_with_all_its_lines(language: Any) -> None:
    long = Title(zh="知识产权管理体系" * 5, en="Intellectual property management " * 4)
    hours = {f"M{n:02d}": 2700 * n for n in range(1, 14)}
    for kind in kinds():
        sheet = a_sheet(
            language=language,
            kind=kind.code,
            holder="Wolfeschlegelsteinhausenbergerdorff " * 2,
            programme_title=long,
            hours_by_module=hours,
            period="2026" if kind.code == "continuing-education" else None,
            valid_until=START.replace(year=2029),
        )
        found = read(sheet)
        assert len(found.pages) == 1
        said = words(found)
        wanted = [value for _, value in sheet.lines] + [
            sheet.title,
            sheet.holder,
            *sheet.notices,
            sheet.signed,
        ]
        assert [one for one in wanted if "".join(one.split()) not in said] == []
        assert CODE in said


def test_names_are_set_as_they_are_and_what_has_no_type_is_told_by_its_code_point() -> None:
    for name in NAMES:
        assert "".join(name.split()) in words(read(a_sheet(holder=name)))
    letters = [sign for sign in map(chr, range(0x21, 0x460)) if has_type(sign)]
    assert len(letters) > 500
    assert len(read(a_sheet(holder="".join(letters))).pages) == 1  # or it would be refused
    odd = chr(0x323AF + 1)  # beyond what the font has
    assert settable(f"王{odd}\u202e\x00  明", has_type=has_type) == "王〓(U+323B0) 明"
    assert "〓(U+323B0)" in words(read(a_sheet(holder=f"王{odd}")))


def test_an_empty_line_is_left_out_and_a_demonstration_says_so_twice() -> None:
    labels = [label for label, _ in a_sheet().lines]
    assert "有效期至" not in labels
    assert "公开日志" in labels
    said = words(read(a_sheet(demonstration=True)))
    assert said.count("演示·无任何效力") == 2


def test_a_file_s_name_is_good_on_any_system() -> None:
    assert file_name(NUMBER, "王小明") == f"{NUMBER} 王小明.pdf"
    assert file_name(NUMBER, 'a/b\\c:d*e?"<>|\x07 .') == f"{NUMBER} abcde.pdf"
    assert file_name(NUMBER, "\u202e..") == f"{NUMBER}.pdf"
    assert len(file_name(NUMBER, "欧" * 200).encode()) < 255


def test_an_issuer_is_named_in_the_page_s_language() -> None:
    assert half_of(PLATFORM, "zh") == "全国知识产权贯标培训平台"
    assert half_of(PLATFORM, "en") == "National IP Management System Training"
    assert half_of("Training", "zh") == half_of("Training", "en") == "Training"
    assert half_of("培训（无效力） Training (none)", "en") == "Training (none)"
