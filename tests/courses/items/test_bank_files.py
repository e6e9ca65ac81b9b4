"""Items of every kind as authors write them, and as an edition keeps them."""

import hashlib
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from courses.format import Edition
from courses.item_rules import item_problems
from courses.items.interactions import Case, Cloze, Matching, Numeric, Ordering, ShortText, Single
from courses.items.item import Item, changed_without_version, content_sha256
from courses.items.kinds import Difficulty, Level, Status
from courses.items.marking import mark
from courses.items.marking_rules import EachRule, MarkingRules, MultipleRule, OrderingRule
from courses.items.rich_text import Run, Table
from courses.loader import canonical, from_canonical, load_edition
from courses.problem import ContentUnreadable
from tests.courses.items.samples import EVERY, an_item, full

WRITTEN = """
[[items]]
id = "M02-901"
kind = "ordering"
level = "应用"
difficulty = "较难"
author = "王老师"
status = "draft"
version = 3
stem = "按先后排列。"
options.A = "申请"
options.B = { text = "审核", feedback = "审核在申请之后。" }
options.C = "决定"
key = "ABC"
explanation = "先申请，后审核，再决定。"
citation = { standard = "GB/T 27021.1", edition = "2017", clause = "9" }

[[items]]
id = "M02-902"
kind = "matching"
level = "识记"
stem = "把机构与其职责对应起来。"
left.1 = "认证机构"
left.2 = "认可机构"
right.a = "证明体系符合标准"
right.b = "承认机构的能力"
right.c = "颁发营业执照"
pairs = { 1 = "a", 2 = "b" }
explanation = "认证和认可不同。"
citation = { standard = "中华人民共和国认证认可条例", edition = "2023" }

[[items]]
id = "M02-903"
kind = "numeric"
level = "识记"
stem = "监督审核最长相隔多久？"
accepted = [12, { value = 11.5, tolerance = 0.5, percent = 50 }]
units = { "个月" = 1, "年" = 12 }
explanation = "不超过 12 个月。"
citation = { standard = "知识产权认证管理办法", edition = "2018" }

[[items]]
id = "M02-904"
kind = "cloze"
level = "理解"
stem = "认证由[[who]]进行，结论由[[how]]作出。"
explanation = "见办法。"
citation = { standard = "知识产权认证管理办法", edition = "2018" }

[[items.gaps]]
id = "who"
kind = "short-text"
accepted = ["认证机构", { text = "机构", percent = 50 }]

[[items.gaps]]
id = "how"
kind = "single"
options = { A = "一个人", B = "未参加审核的人", C = "咨询机构" }
key = "B"

[[items]]
id = "M02-905"
kind = "case"
level = "分析"
explanation = "逐题说明。"
citation = { standard = "GB/T 29490", edition = "2023", clause = "9.2" }

[[items.stem]]
type = "paragraph"
content = [{ type = "text", text = "某公司内审记录如下：" }]

[[items.stem]]
type = "table"
rows = [[[{ type = "text", text = "条款" }], [{ type = "text", text = "发现" }]],
        [[{ type = "text", text = "9.2" }], [{ type = "text", text = "无计划" }]]]

[[items.parts]]
id = "1"
kind = "true-false"
stem = "这符合标准。"
key = "F"

[[items.parts]]
id = "2"
kind = "multiple"
weight = 3
stem = "应当补充哪些？"
options = { A = "审核方案", B = "审核计划", C = "营业执照" }
key = "AB"
"""


@pytest.fixture
def written(draft: Path) -> dict[str, Item]:
    path = draft / "M02" / "bank.toml"
    path.write_text(path.read_text(encoding="utf-8") + WRITTEN, encoding="utf-8")
    edition = load_edition(draft)
    assert from_canonical(canonical(edition)) == edition
    return {item.id: item for item in edition.items if item.id > "M02-900"}


def test_authors_write_every_kind_in_short(written: dict[str, Item]) -> None:
    ordering, matching, numeric, cloze, case = (one.interaction for one in written.values())
    assert isinstance(ordering, Ordering)
    assert ordering.key == ("A", "B", "C")
    assert ordering.options[1].feedback == "审核在申请之后。"
    assert isinstance(matching, Matching)
    assert matching.pairs == {"1": "a", "2": "b"}
    assert isinstance(numeric, Numeric)
    assert [(one.value, one.tolerance) for one in numeric.accepted] == [
        (Decimal(12), Decimal(0)),
        (Decimal("11.5"), Decimal("0.5")),
    ]
    assert isinstance(cloze, Cloze)
    assert isinstance(cloze.gaps[0].interaction, ShortText)
    assert isinstance(cloze.gaps[1].interaction, Single)
    assert isinstance(case, Case)
    assert [part.weight for part in case.parts] == [1, 3]
    table = written["M02-905"].stem[1]
    assert isinstance(table, Table)
    assert table.rows[1][1] == (Run(text="无计划"),)
    for item in written.values():
        assert list(item_problems(item)) == []
        marked = mark(item.interaction, full(item.interaction), Decimal(4), MarkingRules())
        assert marked.points == 4


def test_an_item_says_how_it_is_filed_and_only_one_in_use_is_drawn(
    written: dict[str, Item],
) -> None:
    item = written["M02-901"]
    assert (item.difficulty, item.author, item.level) == (
        Difficulty.RATHER_HARD,
        "王老师",
        Level.APPLY,
    )
    assert (item.version_or_one, item.in_use) == (3, False)
    assert (written["M02-902"].version_or_one, written["M02-902"].in_use) == (1, True)
    assert replace(item, status=Status.IN_USE).in_use


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        pytest.param('kind = "matching"', 'kind = "pairing"', "kind", "pairing", id="no such kind"),
        pytest.param("pairs = {", "paris = {", "paris", "unknown", id="a misspelt key"),
        pytest.param(
            "percent = 50 }]\nunits",
            "percent = 500 }]\nunits",
            "accepted",
            "100",
            id="too many percent",
        ),
        pytest.param(
            'id = "who"', 'id = "谁 "', "gaps", "regex", id="a gap with a blank in its id"
        ),
        pytest.param("weight = 3", "waight = 3", "parts", "waight", id="a misspelt key of a part"),
        pytest.param('type = "table"', 'type = "script"', "stem", "script", id="no such block"),
    ],
)
def test_a_fault_of_form_is_told_with_its_line(
    draft: Path, old: str, new: str, where: str, what: str
) -> None:
    path = draft / "M02" / "bank.toml"
    assert old in WRITTEN
    text = path.read_text(encoding="utf-8") + WRITTEN.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentUnreadable) as refused:
        load_edition(draft)
    told = [problem for problem in refused.value.problems if f"`{where}`" in problem.where]
    assert any(what in problem.what for problem in told), list(map(str, refused.value.problems))


def test_an_edition_with_every_kind_survives_its_canonical_bytes(edition: Edition) -> None:
    items = tuple(an_item(asked, f"M02-90{n}") for n, asked in enumerate(EVERY.values()))
    blueprint = replace(
        edition.blueprints[0],
        multiple_rule=MultipleRule.RIGHT_LESS_WRONG,
        ordering_rule=OrderingRule.BY_POSITION,
        cloze_rule=EachRule.ALL_OR_NOTHING,
    )
    whole = replace(edition, items=items, blueprints=(blueprint,))
    again = from_canonical(canonical(whole))
    assert again == whole
    assert again.blueprints[0].marking_rules == MarkingRules(
        multiple=MultipleRule.RIGHT_LESS_WRONG,
        ordering=OrderingRule.BY_POSITION,
        matching=EachRule.EACH,
        cloze=EachRule.ALL_OR_NOTHING,
    )


def test_the_fields_of_items_and_of_what_they_ask_never_share_a_name() -> None:
    own = set(Item.__struct_fields__) | {"kind"}
    for asked in EVERY.values():
        assert not own & set(asked.__struct_fields__)


def test_an_items_hash_is_of_what_it_asks_and_not_of_how_it_is_filed() -> None:
    item = an_item(EVERY["single"])
    filed = replace(item, topic="合规", level=Level.RECALL, status=Status.RETIRED, version=2)
    assert content_sha256(filed) == content_sha256(item)
    for changed in (
        replace(item, stem="另一问"),
        replace(item, explanation="另一个理由"),
        replace(item, interaction=replace(EVERY["single"], key=("A",))),
    ):
        assert content_sha256(changed) != content_sha256(item)
        assert changed_without_version([item], [changed]) == (item.id,)
        assert changed_without_version([item], [replace(changed, version=2)]) == ()
    assert changed_without_version([filed], [item]) == (item.id,)
    assert changed_without_version([], [item]) == ()


def test_an_items_hash_is_of_sorted_json_and_can_be_taken_by_anybody() -> None:
    item = an_item(EVERY["matching"])
    fields = msgspec.to_builtins(item)
    asked = {n: fields[n] for n in ("id", "stem", "interaction", "explanation", "citation")}
    text = msgspec.json.encode(asked, order="sorted")
    assert content_sha256(item) == hashlib.sha256(text).hexdigest()
