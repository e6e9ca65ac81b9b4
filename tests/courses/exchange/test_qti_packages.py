"""Packages of QTI: manifests, stimuli, tests, images; and what means harm."""

import hashlib
import io
import zipfile

import msgspec
import pytest
from lxml import etree

from courses.exchange.formats import Format, recognised, write
from courses.exchange.qti.names import QTI_3
from courses.exchange.report import Outcome, Refused, Report
from courses.items.interactions import Case
from courses.items.item import Item
from courses.items.rich_text import Image, MediaType, Paragraph, Run, images, plain
from tests.courses.exchange.banks import renamed
from tests.courses.exchange.qti_samples import (
    BAD,
    GOOD,
    MATCH,
    NEW,
    as_2_2,
    asks,
    body,
    counted,
    item,
    options,
    package,
    read,
    response,
    zipped,
)
from tests.courses.items.samples import EVERY, SINGLE, an_item

CHOICE = asks("choice", options("simple-choice", "ABC"), 'shuffle="true" max-choices="1"')
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


def question(name: str, before: str = "", more: str = "") -> str:
    return item(more + response("B") + body(f"<p>{name}</p>{before}{CHOICE}") + MATCH, name)


def stimulus(text: str) -> str:
    within = f"<qti-stimulus-body>{text}</qti-stimulus-body><qti-stylesheet/>"
    tag = "qti-assessment-stimulus"
    return f'<{tag} xmlns="{QTI_3}" identifier="S1" title="S">{within}</{tag}>'


REFERS = '<qti-assessment-stimulus-ref identifier="S1" href="../s/a%20b.xml"/>'


def test_questions_about_one_stimulus_are_a_case_where_the_first_stood() -> None:
    files: dict[str, str | bytes] = {
        "i/1.xml": question("Q-1"),
        "i/2.xml": question("Q-2", more=REFERS),
        "i/3.xml": question("Q-3"),
        "i/4.xml": question("Q-4", more=REFERS),
        "s/a b.xml": stimulus('<p>故事</p><img src="../图.png" alt="图"/>'),
        "s/unused.xml": stimulus("没人看"),
        "图.png": PNG,
    }
    items, lines = read(package(files, {"i/2.xml": "guanbiao:weight=3"}))
    assert [plain(one.stem).split("\n")[0] for one in items] == ["Q-1", "故事", "Q-3"]
    case = items[1].interaction
    assert isinstance(case, Case)
    assert [(part.id, part.weight, part.stem) for part in case.parts] == [
        *[("Q-2", 3, "Q-2"), ("Q-4", 1, "Q-4")]
    ]
    (image,) = images(items[1].stem)
    assert image.sha256 == hashlib.sha256(PNG).hexdigest()
    assert lines.count(("stimulus reference", GOOD)) == lines.count(("part", GOOD)) == 2
    assert {("stimulus", NEW), ("stimulus", GOOD), ("<qti-stylesheet>", NEW)} <= {*lines}


@pytest.mark.parametrize("older", [False, True], ids=["as 3.0", "as 2.2"])
def test_a_test_orders_its_items_and_all_else_of_it_is_told(older: bool) -> None:
    def reference(href: str) -> str:
        within = '<qti-weight identifier="W" value="2"/>' if href == "3.xml" else ""
        tag = "qti-assessment-item-ref"
        return f'<{tag} identifier="R" href="{href}">{within}</{tag}>'

    sections = "".join(
        f'<qti-assessment-section identifier="S" title="第{at}节"><qti-selection select="1"/>'
        f"{''.join(map(reference, hrefs))}</qti-assessment-section>"
        for at, hrefs in (("一", ["3.xml", "gone.xml"]), ("二", ["1.xml"]))
    )
    test = (
        f'<qti-assessment-test xmlns="{QTI_3}" identifier="T"><qti-time-limits max-time="9"/>'
        f'<qti-test-part identifier="P">{sections}</qti-test-part></qti-assessment-test>'
    )
    files: dict[str, str | bytes] = {f"{n}.xml": question(f"Q-{n}") for n in (1, 2, 3)}
    files["test.xml"] = test
    if older:
        files = {name: as_2_2(str(text)) for name, text in files.items()}
    items, lines = read(package(files))
    assert [plain(one.stem) for one in items] == ["Q-3", "Q-1", "Q-2"]
    told = [line for line in lines if line[0].startswith(("<qti", "item ref"))]
    assert told == counted(
        "~<qti-time-limits>, ~<qti-test-part>, ~<qti-assessment-section>, ~<qti-selection>, "
        "+item reference, ~<qti-weight>, +item reference, -item reference, "
        "~<qti-assessment-section>, ~<qti-selection>, +item reference"
    )


def test_images_come_from_the_package_alone() -> None:
    shown = (
        '<img src="../图/a.png" alt="甲"/><object data="../图/a.png" type="image/png">乙</object>'
        '<img src="../../out.png" alt="x"/><img src="http://a.b/c.png" alt="x"/>'
        '<img src="b.svg" alt="x"/>'
    )
    files: dict[str, str | bytes] = {"i/1.xml": question("Q-1", shown), "图/a.png": PNG}
    files |= {"i/b.svg": "<svg/>", "z.pdf": "x"}
    (made,), lines = read(package(files))
    assert [one.alt for one in images(made.stem)] == ["甲", "乙"]
    pictured = [line for line in lines if line[0] in {"image", "file"}]
    assert pictured == counted("+image ×2, -image ×3, ~file")


def test_one_broken_file_is_refused_and_the_others_come() -> None:
    bomb = '<!DOCTYPE q [<!ENTITY a "b">]><qti-assessment-item>&a;</qti-assessment-item>'
    files = {
        "1.xml": question("Q-1"),
        "2.xml": "<qti-assessment-item>",
        "3.xml": bomb,
        "4.xml": question("Q-4", more=REFERS),
        "5.xml": question("Q-1"),
    }
    items, lines = read(package(files))
    assert [item.id for item in items] == ["M02-001", "M02-002"]
    assert [line for line in lines if line[1] is BAD and line[0] == "question"] == [
        ("question", BAD)
    ] * 3


def test_a_package_without_a_manifest_is_read_file_by_file() -> None:
    items, lines = read(zipped({"a/1.xml": question("Q-1"), "b.xml": "<html/>"}))
    assert len(items) == 1
    assert lines[0] == ("manifest", NEW)
    assert lines[-1] == ("file", NEW)


HARMFUL: dict[str, str | bytes] = {
    "a test alone": f'<qti-assessment-test xmlns="{QTI_3}"/>',
    "QTI of the first edition": "<questestinterop><item/></questestinterop>",
    "a file of the machine": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a package of nothing": zipped({"a.txt": "x"}),
    "a package that leaves its folder": zipped({"../1.xml": question("Q-1")}),
    "a package that grows": zipped({"1.xml": question("Q-1") + " " * (8 << 20)}),
    "half a package": package({"1.xml": question("Q-1")})[:200],
    "elements too deep": question("Q-1", "<div>" * 120 + "</div>" * 120),
    "nothing": "",
}


@pytest.mark.parametrize("content", HARMFUL.values(), ids=HARMFUL.keys())
def test_a_file_that_is_unsafe_or_no_qti_is_refused_whole(content: str | bytes) -> None:
    with pytest.raises(Refused):
        read(content)


def sent(items: list[Item], pictures: dict[str, bytes]) -> tuple[dict[str, Item], Report]:
    out = Report()
    back, lines = read(write(items, pictures, Format.QTI, out))
    assert {outcome for _, outcome in lines} == {Outcome.IMPORTED}
    return {item.id: item for item in back}, out


def test_a_bank_of_every_kind_comes_back_as_it_went() -> None:
    items = [an_item(asked, f"M02-{at:03}") for at, asked in enumerate(EVERY.values())]
    back, out = sent(items, {})
    assert [renamed(back[one.id]) for one in items] == [renamed(one) for one in items]
    assert list(back) == [one.id for one in items]
    assert [one.element for one in out.told if one.outcome is not GOOD] == ["unit"]


def test_elements_have_bare_names_as_players_in_browsers_want_them() -> None:
    items = [an_item(asked, f"M02-{at:03}") for at, asked in enumerate(EVERY.values())]
    content = write(items, {}, Format.QTI, Report())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = [archive.read(name) for name in archive.namelist() if name.endswith(".xml")]
    assert len(files) > len(items)
    for one in files:
        assert {element.prefix for element in etree.fromstring(one).iter(etree.Element)} == {None}


def test_texts_full_of_marks_and_images_come_back() -> None:
    image = Image(
        sha256=hashlib.sha256(PNG).hexdigest(), media_type=MediaType.PNG, alt='"引号" <b>\n尾'
    )
    nasty = "]]> & <b> <qti-gap/> [[a]] \\(x\\) $$y$$ \ue000a\n尾"
    stem = (Paragraph(content=(Run(text=nasty, strong=True),)), image)
    one = msgspec.structs.replace(an_item(SINGLE, "M02-001"), stem=stem)
    back, out = sent([one], {f"{image.sha256}.png": PNG})
    wanted = (Paragraph(content=(Run(text=nasty.replace("\ue000", "\ufffd"), strong=True),)), image)
    assert back["M02-001"].stem == wanted
    assert [told.outcome for told in out.told] == [GOOD]
    _, out = sent([one], {})
    assert ("image", NEW) in [(told.element, told.outcome) for told in out.told]


def test_what_xml_cannot_say_is_refused_and_the_others_go() -> None:
    bad = msgspec.structs.replace(an_item(SINGLE, "M02-001"), stem="响\x07铃")
    back, out = sent([bad, an_item(SINGLE, "M02-002")], {})
    assert list(back) == ["M02-002"]
    assert [one.where for one in out.refusals] == ["M02-001"]


def test_xml_is_told_apart_by_its_beginning() -> None:
    assert recognised("a.xml", question("Q").encode()) is Format.QTI
    assert recognised("a.xml", as_2_2(question("Q")).encode("utf-16")) is Format.QTI
    assert recognised("a.xml", b"<quiz/>") is Format.MOODLE
    assert recognised("A.ZIP") is Format.QTI
