"""GIFT: what each construct of its documentation becomes, element by element."""

from decimal import Decimal

import pytest

from courses.exchange.gift_reading import read_gift
from courses.exchange.gift_writing import write_gift
from courses.exchange.report import Outcome, Report
from courses.items.interactions import (
    Cloze,
    Essay,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.item import Item
from courses.items.rich_text import Formula, Listing, Paragraph, Run, Table
from tests.courses.exchange.banks import a_filing, renamed, told
from tests.courses.items.samples import CLOZE, EVERY, an_item

GOOD, NEW, BAD = Outcome.IMPORTED, Outcome.CHANGED, Outcome.REFUSED
Lines = list[tuple[str, Outcome]]


def read(text: str) -> tuple[list[Item], Lines]:
    filing = a_filing()
    read_gift(text, filing)
    return filing.items, [(element, outcome) for _, element, outcome in told(filing.report)]


CASES: dict[str, tuple[str, type[Interaction], Lines]] = {
    "true": ("地球是圆的。{T}", TrueFalse, [("key", GOOD)]),
    "false with feedback for the wrong and the right answer": (
        "认证是强制的。{FALSE#不对#对}",
        TrueFalse,
        [("key", GOOD), ("feedback", GOOD), ("feedback", GOOD)],
    ),
    "a single choice with feedback": (
        "::Q2:: 谁颁发证书？{=认证机构#对 ~申请人#错 ~咨询机构}",
        Single,
        [*[("option", GOOD)] * 3, *[("feedback", GOOD)] * 2, ("key", GOOD)],
    ),
    "a single choice whose wrong option earns a part": (
        "谁？{=甲 ~%50%乙 ~丙}",
        Single,
        [("weight", NEW), *[("option", GOOD)] * 3, ("key", GOOD)],
    ),
    "several answers with equal weights": (
        "哪些？{~%50%甲 ~%50%乙 ~%-100%丙}",
        Multiple,
        [*[("weight", GOOD)] * 3, *[("option", GOOD)] * 3, *[("key", GOOD)] * 2],
    ),
    "several answers with weights of their own": (
        "哪些？{~%70%甲 ~%30%乙 ~%-20%丙}",
        Multiple,
        [*[("weight", NEW)] * 3, *[("option", GOOD)] * 3, *[("key", GOOD)] * 2],
    ),
    "several answers of which one is right": (
        "哪些？{~%100%甲 ~乙 ~丙}",
        Single,
        [("weight", GOOD), *[("option", GOOD)] * 3, ("key", GOOD), ("kind", NEW)],
    ),
    "a short answer with weights and feedback": (
        "叫什么？{=认证#好 =%50%认可#差一点 =%33.3%备案 =%0%注册}",
        ShortText,
        [
            *[("answer", GOOD), ("feedback", GOOD)] * 2,
            *[("weight", NEW), ("answer", GOOD), ("answer", NEW)],
        ],
    ),
    "a short answer with a pattern": (
        "叫什么？{=认证* =认证}",
        ShortText,
        [("answer", BAD), ("answer", GOOD)],
    ),
    "pairs, and a right side too many": (
        "配对。{=一 -> 甲 =二 -> 乙 =三 -> 甲 = -> 丙}",
        Matching,
        [*[("pair", GOOD)] * 3, ("extra right side", GOOD)],
    ),
    "a number with a tolerance": ("几？{#3:2}", Numeric, [("answer", GOOD)]),
    "a range of numbers": ("几？{#1..5}", Numeric, [("answer", GOOD)]),
    "several numbers, and feedback for all others": (
        "几？{#=1822:0#对 =%50%1822:2 ~#再想想}",
        Numeric,
        [("answer", GOOD), ("feedback", GOOD), ("answer", GOOD), ("feedback", NEW)],
    ),
    "an essay": ("论述诚信。{}", Essay, []),
    "general feedback": (
        "一？{T####因为如此}",
        TrueFalse,
        [("general feedback", GOOD), ("key", GOOD)],
    ),
    "a missing word to be chosen": (
        "证书由{=认证机构 ~法院 ~学校}颁发。",
        Cloze,
        [*[("option", GOOD)] * 3, ("key", GOOD), ("missing word", GOOD)],
    ),
    "a missing word with pairs": (
        "连线{=一->甲 =二->乙}完毕。",
        Matching,
        [("pair", GOOD), ("pair", GOOD), ("missing word", NEW)],
    ),
    "HTML with a script, a link and an image": (
        '[html]<p onclick\\="x()"><b>看</b><a href\\="http\\://a.b">此</a><script>alert(1)</script>'
        '<img src\\="@@PLUGINFILE@@/a.png" alt\\="图"></p>{T}',
        TrueFalse,
        [
            *[("format", GOOD), ("p@onclick", NEW), ("link", NEW), ("<script>", NEW)],
            *[("image", BAD), ("key", GOOD)],
        ],
    ),
    "Markdown": ("[markdown]**看**这里{T}", TrueFalse, [("format", GOOD), ("key", GOOD)]),
}


@pytest.mark.parametrize(("text", "kind", "expected"), CASES.values(), ids=CASES.keys())
def test_each_construct_is_counted(text: str, kind: type[Interaction], expected: Lines) -> None:
    (item,), lines = read(text)
    assert type(item.interaction) is kind
    named = [("name", NEW)] if text.startswith("::") else []
    # Without explanation, citation and level, what comes is a draft.
    assert lines == [*expected, ("stem", GOOD), ("question", NEW), *named]
    assert item.status == "draft"


REFUSED = {
    "a description": "下面是三道题。",
    "an answer without a mark": "谁？{甲}",
    "two blocks of answers": "{=甲}和{=乙}",
    "braces the wrong way round": "甲}乙{",
    "no right option": "谁？{~甲 ~乙 ~丙}",
    "two wholly right options of one choice": "谁？{=甲 =乙 ~丙}",
    "no number": "几？{#三}",
    "a pair without its right side": "配。{=甲 -> 乙 =丙 -> }",
    "more options than an item has": "谁？{=甲 " + "~乙 " * 30 + "}",
    "a stem longer than an item's": "长" * 20_000 + "{T}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_question_is_refused_with_all_that_was_read_of_it(text: str) -> None:
    items, lines = read(f"好。{{T}}\n\n{text}\n")
    assert len(items) == 1
    assert lines[-1] == ("question", BAD)
    assert {outcome for _, outcome in lines[3:]} == {BAD}


def test_comments_categories_ids_and_tags_are_told_and_lines_are_named() -> None:
    filing = a_filing()
    read_gift(
        "// 第一章 [id:Q7] [tag:期末] [tag:guanbiao:level=应用]\n$CATEGORY: 诚信/一\n\n\n一？{T}\n",
        filing,
    )
    assert told(filing.report) == [
        ("line 1", "id", NEW),
        ("line 1", "comment", NEW),
        ("line 2", "category", NEW),
        ("line 5", "tag", NEW),
        ("line 5", "tag", GOOD),
        ("line 5", "key", GOOD),
        ("line 5", "stem", GOOD),
        ("line 5", "question", NEW),
    ]
    assert filing.items[0].level == "应用"


def test_escaped_marks_stand_for_themselves() -> None:
    (item,), _ = read("a \\= b\\n\\{c\\} \\\\n \\: \\# \\~{=\\=甲 =乙\\#}")
    assert item.stem == "a = b\n{c} \\n : # ~"
    assert isinstance(item.interaction, ShortText)
    assert [one.text for one in item.interaction.accepted] == ["=甲", "乙#"]


def test_numbers_stay_exact() -> None:
    (item,), _ = read("几？{#0.1..0.4}")
    assert isinstance(item.interaction, Numeric)
    (one,) = item.interaction.accepted
    assert (one.value, one.tolerance) == (Decimal("0.25"), Decimal("0.15"))


LOST = {"ordering", "cloze", "case"}
"""Kinds that GIFT has no form for; a cloze of one gap it has."""


def sent(items: list[Item]) -> tuple[list[Item], Report, Report]:
    out, filing = Report(), a_filing()
    read_gift(write_gift(items, out), filing)
    return filing.items, out, filing.report


def test_a_bank_comes_back_as_it_went_and_losses_are_told() -> None:
    items = [an_item(asked, f"M02-{at:03}") for at, asked in enumerate(EVERY.values())]
    back, out, reading = sent(items)
    assert {one.where for one in out.refusals} == {i.id for i in items if i.kind in LOST}
    assert reading.refusals == ()
    changed = {one.where for one in out.told if one.outcome is Outcome.CHANGED}
    whole = [item for item in items if item.kind not in LOST and item.id not in changed]
    assert {item.kind.value for item in whole} == {"single", "multiple", "short-text"}
    found = {item.id: renamed(item) for item in back}
    assert [found[item.id] for item in whole] == [renamed(item) for item in whole]


def test_texts_full_of_marks_tables_and_formulas_come_back() -> None:
    nasty = "%50% [html] ~=#{}:\\n // -> <b>&amp;</b> [[a]]\n尾"
    stem = (
        Paragraph(content=(Run(text=nasty, strong=True), Formula(latex="\\frac{a}{b}", alt="比"))),
        Listing(entries=((Run(text="一"),), (Run(text="二", emphasis=True),)), numbered=True),
        Table(
            rows=(((Run(text="甲"),), ()), ((Run(text="a<b"),), (Run(text="丁"),))), caption="表"
        ),
    )
    item = an_item(EVERY["single"], "M02-001")
    changed = Item(**{**{f: getattr(item, f) for f in item.__struct_fields__}, "stem": stem})
    back, _, _ = sent([changed])
    assert back[0].stem == stem


def test_a_sentence_with_one_gap_comes_back() -> None:
    gap = Cloze(gaps=(CLOZE.gaps[2],))
    item = an_item(gap, "M02-001")
    item = Item(
        **{**{f: getattr(item, f) for f in item.__struct_fields__}, "stem": "由[[c]]颁发。"}
    )
    (back,), _, _ = sent([item])
    assert back.stem == "由[[a]]颁发。"
    assert isinstance(back.interaction, Cloze)
    assert back.interaction.gaps[0].interaction == CLOZE.gaps[2].interaction
