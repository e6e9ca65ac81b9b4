"""Moodle XML: what each construct of its documentation becomes, element by element."""

import base64
import hashlib

import msgspec
import pytest

from courses.exchange.moodle_reading import read_moodle
from courses.exchange.moodle_writing import write_moodle
from courses.exchange.report import Outcome, Refused, Report
from courses.items.interactions import (
    Case,
    Cloze,
    Essay,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.item import Item
from courses.items.rich_text import GapMark, Image, MediaType, Paragraph, Run
from tests.courses.exchange.banks import a_filing, renamed, told
from tests.courses.items.samples import CASE, EVERY, SINGLE, an_item

GOOD, NEW, BAD = Outcome.IMPORTED, Outcome.CHANGED, Outcome.REFUSED
Lines = list[tuple[str, Outcome]]
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"


def question(kind: str, within: str, stem: str = "题干", files: str = "") -> str:
    return (
        f'<question type="{kind}"><name><text></text></name><questiontext format="html">'
        f"<text><![CDATA[{stem}]]></text>{files}</questiontext>{within}</question>"
    )


def answer(fraction: str, text: str, feedback: str = "", more: str = "") -> str:
    said = f"<feedback><text>{feedback}</text></feedback>" if feedback else ""
    return f'<answer fraction="{fraction}"><text>{text}</text>{more}{said}</answer>'


def box(name: str, text: str, group: int) -> str:
    return f"<{name}><text>{text}</text><group>{group}</group></{name}>"


def pair(left: str, right: str) -> str:
    said = f"<text>{left}</text><answer><text>{right}</text></answer>"
    return f"<subquestion>{said}</subquestion>"


def read(*questions: str) -> tuple[list[Item], Lines]:
    filing = a_filing()
    read_moodle(f"<quiz>{''.join(questions)}</quiz>".encode(), filing)
    return filing.items, [(element, outcome) for _, element, outcome in told(filing.report)]


THREE = answer("100", "甲", "对") + answer("0", "乙") + answer("0", "丙")
OPTIONS: Lines = [*[("option", GOOD)] * 3]
CASES: dict[str, tuple[str, type[Interaction], Lines, Lines]] = {
    "a single choice, settings as they are here": (
        question(
            "multichoice",
            "<single>true</single><shuffleanswers>1</shuffleanswers><penalty>0.000</penalty>"
            f"<hidden>0</hidden><correctfeedback><text/></correctfeedback>{THREE}",
        ),
        Single,
        [("single", GOOD), *OPTIONS, ("feedback", GOOD), ("key", GOOD)],
        [(n, GOOD) for n in ("shuffleanswers", "penalty", "hidden", "correctfeedback")],
    ),
    "settings and hints that have no place": (
        question(
            "multichoice",
            f"{THREE}<penalty>0.3333333</penalty><hidden>1</hidden><idnumber>7</idnumber>"
            "<hint><text>想想</text></hint><correctfeedback><text>好</text></correctfeedback>",
        ),
        Single,
        [*OPTIONS, ("feedback", GOOD), ("key", GOOD)],
        [(n, NEW) for n in ("penalty", "hidden", "idnumber", "hint", "correctfeedback")],
    ),
    "several answers with unequal weights": (
        question(
            "multichoice",
            "<single>false</single>"
            + answer("70", "甲")
            + answer("30", "乙")
            + answer("-100", "丙"),
        ),
        Multiple,
        [("single", GOOD), ("weight", NEW), ("weight", NEW), ("weight", GOOD), *OPTIONS]
        + [("key", GOOD)] * 2,
        [],
    ),
    "true or false": (
        question("truefalse", answer("0", "true", "错") + answer("100", "false")),
        TrueFalse,
        [("feedback", GOOD), ("key", GOOD)],
        [],
    ),
    "a short answer with a pattern beside it": (
        question(
            "shortanswer",
            "<usecase>1</usecase>" + answer("100", "认证") + answer("50", "认*", "近了"),
        ),
        ShortText,
        [("usecase", GOOD), ("answer", GOOD), ("answer", BAD)],
        [],
    ),
    "a number with tolerance, units and feedback for all others": (
        question(
            "numerical",
            answer("100", "23.4", "", "<tolerance>0.1</tolerance>")
            + answer("0", "*", "再算")
            + "<units><unit><multiplier>1000</multiplier><unit_name>g</unit_name></unit>"
            "<unit><multiplier>3</multiplier><unit_name>x</unit_name></unit></units>"
            "<unitgradingtype>1</unitgradingtype><unitpenalty>0.1</unitpenalty>",
        ),
        Numeric,
        [
            *[("answer", GOOD), ("answer", NEW), ("unit", GOOD), ("unit", NEW)],
            ("unitgradingtype", GOOD),
        ],
        [("unitpenalty", NEW)],
    ),
    "pairs and a right side too many": (
        question("matching", pair("一", "甲") + pair("二", "乙") + pair("", "丙")),
        Matching,
        [("pair", GOOD), ("pair", GOOD), ("extra right side", GOOD)],
        [],
    ),
    "an order": (
        question("ordering", answer("1", "一") + answer("2", "二") + answer("3", "三")),
        Ordering,
        [*OPTIONS],
        [],
    ),
    "an essay with words for graders and a limit": (
        question(
            "essay",
            "<graderinfo><text>看条款</text></graderinfo><maxwordlimit>100</maxwordlimit>"
            + answer("0", ""),
        ),
        Essay,
        [("answer", NEW), ("graderinfo", NEW)],
        [("maxwordlimit", NEW)],
    ),
    "embedded answers of three types": (
        question(
            "cloze",
            "",
            "<p>由{2:MULTICHOICE_V:=认证机构#对~法院~%50%学校}发，{:SA:=认证~%50%认\\}可}，"
            "{1:NUMERICAL:=3:0.5}年。</p>",
        ),
        Cloze,
        [
            *[("layout", NEW), ("weight", NEW), *OPTIONS, ("feedback", GOOD), ("key", GOOD)],
            *[("gap", GOOD), ("answer", GOOD), ("answer", GOOD), ("gap", GOOD)],
            *[("answer", GOOD), ("gap", GOOD)],
        ],
        [],
    ),
    "words to drag into a text": (
        question(
            "ddwtos",
            box("dragbox", "甲", 1) + box("dragbox", "乙", 1) + box("dragbox", "丙", 2),
            "[[2]]和[[3]]",
        ),
        Cloze,
        [*OPTIONS, ("gap", GOOD), ("gap", GOOD)],
        [],
    ),
}


@pytest.mark.parametrize(("text", "kind", "asked", "settings"), CASES.values(), ids=CASES.keys())
def test_each_construct_is_counted(
    text: str, kind: type[Interaction], asked: Lines, settings: Lines
) -> None:
    (item,), lines = read(text)
    assert type(item.interaction) is kind
    # Without explanation, citation and level, what comes is a draft.
    assert lines == [*asked, ("stem", GOOD), *settings, ("question", NEW)]


REFUSED = {
    "a description": question("description", ""),
    "a calculated question": question("calculatedmulti", THREE),
    "a drag onto an image": question("ddmarker", ""),
    "a random question": question("random", ""),
    "a cloze without a gap": question("cloze", ""),
    "beginnings of gaps without end": question("cloze", "", "{1:SA:" * 40_000),
    "a gap of an unknown type": question("cloze", "", "{1:REGEXP:=a}"),
    "a gap of two right options": question("cloze", "", "{1:MULTICHOICE:=甲~=乙~丙}"),
    "a gap without its box": question("gapselect", box("selectoption", "甲", 1), "[[4]]"),
    "no right option": question("multichoice", answer("0", "甲") + answer("0", "乙")),
    "a number that is none": question("numerical", answer("100", "三")),
    "a fraction that is none": question("multichoice", answer("全部", "甲")),
    "true and false both right": question("truefalse", answer("100", "true") * 2),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_come_is_refused_with_all_that_was_read_of_it(text: str) -> None:
    items, lines = read(question("truefalse", answer("100", "true") + answer("0", "false")), text)
    assert len(items) == 1
    assert lines[-1] == ("question", BAD)
    assert {outcome for _, outcome in lines[3:]} == {BAD}


def test_categories_tags_and_names_are_told() -> None:
    filing = a_filing()
    tags = "<tags><tag><text>期末</text></tag><tag><text>guanbiao:level=应用</text></tag></tags>"
    options = answer("100", "true") + answer("0", "false")
    named = question("truefalse", options + tags).replace("<text></text>", "<text>T9</text>", 1)
    category = question("category", "<category><text>top/一</text></category>")
    read_moodle(f"<quiz>\n{category}\n{named}\n<other/></quiz>".encode(), filing)
    found = told(filing.report)
    assert found[0] == ("line 2", "category", NEW)
    assert [line[1:] for line in found[1:]] == [
        *[("key", GOOD), ("stem", GOOD), ("tag", NEW), ("tag", GOOD), ("question", NEW)],
        *[("name", NEW), ("other", NEW)],
    ]
    assert found[1][0] == "line 3 (T9)"


def a_file(name: str, content: bytes) -> str:
    said = base64.b64encode(content).decode()
    return f'<file name="{name}" path="/" encoding="base64">{said}</file>'


def test_images_come_with_their_bytes_and_what_is_none_is_refused() -> None:
    filing = a_filing()
    stem = (
        '<p>看<img src="@@PLUGINFILE@@/%E5%9B%BE.png" alt="流程">'
        '<img src="@@PLUGINFILE@@/b.svg" alt="x"><img src="http://a.b/c.png"></p>'
    )
    files = a_file("图.png", PNG) + a_file("b.svg", b"<svg/>") + a_file("c.pdf", b"%PDF")
    options = answer("100", "true") + answer("0", "false")
    text = question("truefalse", options, stem, files)
    read_moodle(f"<quiz>{text}</quiz>".encode(), filing)
    digest = hashlib.sha256(PNG).hexdigest()
    image = Image(sha256=digest, media_type=MediaType.PNG, alt="流程")
    assert filing.items[0].stem == (Paragraph(content=(Run(text="看"),)), image)
    assert filing.images == {f"{digest}.png": PNG}
    assert [line[1:] for line in told(filing.report)][:4] == [
        *[("image", GOOD), ("image", BAD), ("image", BAD), ("file", NEW)]
    ]


HARMFUL = {
    "entities that grow": b'<!DOCTYPE q [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><quiz>&c;</quiz>',
    "a file of the machine": b'<!DOCTYPE q [<!ENTITY a SYSTEM "file:///etc/passwd">]><quiz>&a;</quiz>',
    "a document type alone": b"<!DOCTYPE quiz><quiz/>",
    "elements too deep": b"<quiz>" * 5000 + b"</quiz>" * 5000,
    "not well formed": b"<quiz>",
    "nothing": b"",
    "another kind of XML": b"<html/>",
}


@pytest.mark.parametrize("content", HARMFUL.values(), ids=HARMFUL.keys())
def test_a_file_that_is_unsafe_or_no_moodle_xml_is_refused_whole(content: bytes) -> None:
    with pytest.raises(Refused):
        read_moodle(content, a_filing())


def sent(items: list[Item], pictures: dict[str, bytes]) -> tuple[dict[str, Item], Report, Report]:
    out, filing = Report(), a_filing()
    read_moodle(write_moodle(items, pictures, out), filing)
    filing.finish()
    return {item.id: item for item in filing.items}, out, filing.report


def test_a_bank_comes_back_as_it_went_and_losses_are_told() -> None:
    items = [an_item(asked, f"M02-{at:03}") for at, asked in enumerate(EVERY.values())]
    back, out, reading = sent(items, {})
    assert out.refusals == ()
    assert reading.refusals == ()
    changed = {one.where for one in out.told if one.outcome is NEW}
    lossy = {"true-false", "ordering", "matching", "essay", "case"}
    assert {item.kind.value for item in items if item.id in changed} == lossy
    for item in items:
        if item.id not in changed:
            assert renamed(back[item.id]) == renamed(item)


def test_a_case_goes_as_a_description_and_tagged_questions_and_comes_back() -> None:
    asked = Case(parts=CASE.parts[:3])
    case = an_item(asked, "M02-007")
    items = [an_item(SINGLE, "M02-001"), case, an_item(SINGLE, "M02-002")]
    back, out, reading = sent(items, {})
    assert list(back) == ["M02-001", "M02-007", "M02-002"]
    assert renamed(back["M02-007"]) == renamed(case)
    told_of = [(one.where, one.element) for one in out.told if one.outcome is NEW]
    assert told_of == [("M02-007", "case")]
    assert [one.element for one in reading.told].count("part") == len(asked.parts)


def test_texts_full_of_marks_and_images_come_back() -> None:
    image = Image(
        sha256=hashlib.sha256(PNG).hexdigest(), media_type=MediaType.PNG, alt='"引号" <b>'
    )
    nasty = "]]> & <b> {1:SA:=x} [[a]] \\( @@PLUGINFILE@@/\n尾"
    stem = (Paragraph(content=(Run(text=nasty, strong=True),)), image)
    item = msgspec.structs.replace(an_item(SINGLE, "M02-001"), stem=stem)
    back, out, _ = sent([item], {f"{image.sha256}.png": PNG})
    assert back["M02-001"].stem == stem
    assert [one.outcome for one in out.told] == [GOOD]
    back, out, _ = sent([item], {})
    assert ("image", NEW) in [(one.element, one.outcome) for one in out.told]


def test_a_gap_stays_in_its_table_cell_or_strong_words() -> None:
    (item,), _ = read(question("cloze", "", "<p><b>由{1:SA:=甲}发</b></p>"))
    assert item.stem == (
        Paragraph(
            content=(Run(text="由", strong=True), GapMark(id="g1"), Run(text="发", strong=True))
        ),
    )
