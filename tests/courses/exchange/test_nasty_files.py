"""Files as they really come: broken, doubled, in other encodings, far too many."""

import codecs
import zipfile
from io import BytesIO

import pytest
from msgspec.structs import replace

from courses.exchange.formats import Format, read, recognised, write
from courses.exchange.report import Outcome, Refused, Report
from courses.items.item import Item
from courses.items.rich_text import plain
from tests.courses.exchange.banks import PLACE
from tests.courses.exchange.qti_samples import MATCH, as_2_2, asks, body, item, options, response
from tests.courses.items.samples import SINGLE, an_item

TRUE = (
    '<answer fraction="100"><text>true</text></answer>'
    '<answer fraction="0"><text>false</text></answer>'
)
CHOICE = asks("choice", options("simple-choice", "ABC"), 'shuffle="true" max-choices="1"')


def moodle(stem: str, name: str = "Q", more: str = "") -> str:
    return (
        f'<question type="truefalse"><name><text>{name}</text></name><questiontext format="html">'
        f"<text>{stem}</text></questiontext>{TRUE}{more}</question>"
    )


def quiz(*questions: str, declared: str = "") -> str:
    return f"{declared}<quiz>{''.join(questions)}</quiz>"


def qti(stem: str) -> str:
    return item(response("B") + body(f"<p>{stem}</p>{CHOICE}") + MATCH)


def came(content: str | bytes, form: Format) -> tuple[list[Item], Report]:
    filing = read(content.encode() if isinstance(content, str) else content, form, PLACE)
    return filing.items, filing.report


XML = '<?xml version="1.0" encoding="{}"?>'
GBK, LATIN = XML.format("GB18030"), XML.format("ISO-8859-1")
READ = {
    "CDATA in CDATA": (
        quiz(moodle("<![CDATA[<p>a]]]]><![CDATA[>b</p>]]>")),
        Format.MOODLE,
        "a]]>b",
    ),
    "entities of entities": (
        quiz(moodle("&amp;lt;b&amp;gt; &amp;amp;amp;")),
        Format.MOODLE,
        "<b> &amp;",
    ),
    "numbers of characters": (quiz(moodle("&#x8BA4;&#35777;")), Format.MOODLE, "认证"),
    "a comment and an instruction in words": (
        quiz(moodle("认<!-- 不 --><?php echo 1 ?>证")),
        Format.MOODLE,
        "认证",
    ),
    "GB 18030, declared": (
        quiz(moodle("认证"), declared=GBK).encode("gb18030"),
        Format.MOODLE,
        "认证",
    ),
    "another encoding, declared": (
        quiz(moodle("caf\xe9"), declared=LATIN).encode("latin-1"),
        Format.MOODLE,
        "café",
    ),
    "a mark of order": (codecs.BOM_UTF8 + quiz(moodle("认证")).encode(), Format.MOODLE, "认证"),
    "two bytes a character": (quiz(moodle("认证")).encode("utf-16"), Format.MOODLE, "认证"),
    "QTI in two bytes a character": (qti("认证").encode("utf-16"), Format.QTI, "认证"),
    "QTI with a prefix": (
        as_2_2(qti("认证"))
        .replace("xmlns=", "xmlns:q=")
        .replace("</", "</q:")
        .replace("<", "<q:")
        .replace("<q:/q:", "</q:"),
        Format.QTI,
        "认证",
    ),
    "GIFT in GBK": ("认证{T}".encode("gbk"), Format.GIFT, "认证"),
    "GIFT with a mark of order and old line ends": (
        codecs.BOM_UTF8 + "::题::认证{T}\r\n\r\n".encode(),
        Format.GIFT,
        "认证",
    ),
    "GIFT with every mark escaped": (r"\{\}\~\=\#\: \\{T}", Format.GIFT, r"{}~=#: \ "[:-1]),
}


@pytest.mark.parametrize(("content", "form", "stem"), READ.values(), ids=READ.keys())
def test_words_come_whichever_way_they_are_written(
    content: str | bytes, form: Format, stem: str
) -> None:
    (made,), report = came(content, form)
    assert plain(made.stem) == stem
    assert report.refusals == ()


LAUGHS = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
REFUSED: dict[str, tuple[str | bytes, Format]] = {
    "an entity of HTML that XML lacks": (quiz(moodle("认&nbsp;证")), Format.MOODLE),
    "laughs": (f'<!DOCTYPE q [<!ENTITY a0 "ha">{LAUGHS}]><quiz>&a11;</quiz>', Format.MOODLE),
    "laughs in QTI": (f'<!DOCTYPE q [<!ENTITY a0 "ha">{LAUGHS}]>{qti("&a11;")}', Format.QTI),
    "an entity of the network": (
        f'<!DOCTYPE q [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>{qti("x")}',
        Format.QTI,
    ),
    "a broken character": (quiz(moodle("认证")).encode()[:-40] + b"\xff</quiz>", Format.MOODLE),
    "another encoding than declared": (quiz(moodle("认证")).encode("gbk"), Format.MOODLE),
    "a character that XML forbids": (quiz(moodle("\x07")), Format.MOODLE),
    "words without any encoding": (b"\x81\xff\xff{T}", Format.GIFT),
    "a workbook under another name": (b"PK\x03\x04rest", Format.QTI),
}


@pytest.mark.parametrize(("content", "form"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_cannot_be_trusted_is_refused_whole(content: str | bytes, form: Format) -> None:
    with pytest.raises(Refused):
        came(content, form)


NO_NUMBERS: dict[str, tuple[str, Format]] = {
    f"{said} in {form}": (text.replace("9", said), form)
    for said in ("NaN", "Infinity", "1e400", "-sNaN")
    for text, form in (
        ("几？{#9}", Format.GIFT),
        ("几？{#1..9}", Format.GIFT),
        (quiz(moodle("甲").replace("100", "9")), Format.MOODLE),
        (item(response("9", "float") + body(f"<p>{asks('text-entry')}</p>") + MATCH), Format.QTI),
    )
}


@pytest.mark.parametrize(("text", "form"), NO_NUMBERS.values(), ids=NO_NUMBERS.keys())
def test_what_is_no_number_to_mark_by_refuses_its_question(text: str, form: Format) -> None:
    items, report = came(text, form)
    assert items == []
    assert report.told[-1].outcome is Outcome.REFUSED


def test_an_inclusion_is_left_out_and_told() -> None:
    space = "http://www.w3.org/2001/XInclude"
    included = f'<xi:include xmlns:xi="{space}" href="file:///etc/passwd" parse="text"/>'
    (made,), report = came(qti(f"前{included}后"), Format.QTI)
    assert plain(made.stem) == "前后"
    assert "<foreign-include>" in {one.element for one in report.told}


def test_ten_thousand_elements_are_counted_one_by_one() -> None:
    tags = "".join(f"<tag><text>第{at}</text></tag>" for at in range(10_000))
    (_,), report = came(quiz(moodle("认证", more=f"<tags>{tags}</tags>")), Format.MOODLE)
    assert report.counts["tag"] == {Outcome.CHANGED: 10_000}
    entries = "".join(f'<qti-simple-choice identifier="C{at}"/>' for at in range(10_000))
    many = item(response("C1") + body(asks("choice", entries)) + MATCH)
    items, report = came(many, Format.QTI)
    assert (items, report.counts["question"]) == ([], {Outcome.REFUSED: 1})


def test_items_of_one_name_get_codes_of_their_own_and_it_is_told() -> None:
    twice = quiz(moodle("甲", "M02-005"), moodle("乙", "M02-005"), moodle("丙", "M02-001"))
    items, report = came(twice, Format.MOODLE)
    assert [one.id for one in items] == ["M02-005", "M02-001", "M02-002"]
    names = [one.outcome for one in report.told if one.element == "name"]
    assert names == [Outcome.IMPORTED, Outcome.CHANGED, Outcome.CHANGED]


def test_a_name_says_the_format_and_xml_its_beginning() -> None:
    assert recognised("题.GIFT.TXT") is Format.GIFT
    assert recognised("题.xml", codecs.BOM_UTF8 + qti("甲").encode()) is Format.QTI
    with pytest.raises(Refused):
        recognised("题.docx")


@pytest.mark.parametrize("form", [one for one in Format if one is not Format.AIKEN])
def test_a_control_character_is_refused_in_words_by_every_format(form: Format) -> None:
    """It used to end a whole package of QTI with a stack, and became `_x0001_` in a workbook."""
    good, report = an_item(SINGLE, "M02-001"), Report()
    bad = [
        replace(good, id="M02-002", stem="a\x01b"),
        replace(good, id="M02-003", topic="a\x01b"),
        replace(good, id="M02-004", citation=replace(good.citation, clause="\ufffe")),
    ]
    content = write([good, *bad], {}, form, report)
    assert [one.where for one in report.refusals] == ["M02-002", "M02-003", "M02-004"]
    assert [one.id for one in came(content, form)[0]] == ["M02-001"]


def test_a_workbook_in_an_encoding_that_nobody_knows_is_no_workbook() -> None:
    before = zipfile.ZipFile(BytesIO(write([an_item(SINGLE)], {}, Format.EXCEL, Report())))
    after = BytesIO()
    with zipfile.ZipFile(after, "w") as changed:
        for name in before.namelist():
            content = before.read(name).replace(b'encoding="UTF-8"', b'encoding="UF-8"')
            changed.writestr(name, content)
    with pytest.raises(Refused, match="no workbook"):
        came(after.getvalue(), Format.EXCEL)
