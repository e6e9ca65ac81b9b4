"""What a learner may see of an item: everything to answer it by, and no byte of its key."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from courses.items.rich_text import GapMark, Paragraph, Run
from courses.items.shown import ShownCase, ShownCloze, ShownItem, shown
from tests.courses.items.samples import EVERY, GAPPED, NUMERIC, an_item

SECRET_NAMES = {
    *("key", "accepted", "pairs", "feedback", "explanation", "citation", "percent", "tolerance"),
    *("rubric", "modelAnswer", "model_answer", "weight", "factor", "caseMatters", "value"),
}


def seen(kind: str) -> ShownItem:
    item = an_item(EVERY[kind])
    return shown(item.id, item.stem, item.interaction, Decimal("10.00"))


@pytest.mark.parametrize("kind", EVERY)
def test_no_byte_of_what_is_shown_tells_the_key(kind: str) -> None:
    text = msgspec.json.encode(seen(kind)).decode()
    assert '"points":10.0' in text
    assert not SECRET_NAMES & names(msgspec.json.decode(text))
    secrets = ("反馈", "秘密解析", "知识产权证", "0.3", "1200", "指出不符合的条款", "因为办法")
    assert [secret for secret in secrets if secret in text] == []


def test_no_type_of_what_is_shown_has_a_place_for_a_key() -> None:
    (schema,), parts = msgspec.json.schema_components([ShownItem])
    assert not SECRET_NAMES & names([schema, parts])
    assert {"ShownCase", "ShownCloze", "ShownOption", "NumericGap"} <= set(parts)


def names(node: Any) -> set[str]:
    return set(_names(node))


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
    for inner in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from _names(inner)


def test_the_points_of_a_case_are_shown_by_question_and_sum_to_its_own() -> None:
    case = seen("case")
    assert isinstance(case, ShownCase)
    assert [part.points for part in case.parts] == [2.73, 2.73, 3.63, 0.91]


def test_a_cloze_is_shown_in_blocks_with_a_mark_for_each_gap() -> None:
    cloze = seen("cloze")
    assert isinstance(cloze, ShownCloze)
    assert isinstance(GAPPED, str)
    paragraph = cloze.stem[0]
    assert isinstance(paragraph, Paragraph)
    assert paragraph.content[:3] == (Run(text="证书叫"), GapMark(id="a"), Run(text="，共"))
    assert [gap.id for gap in cloze.gaps] == ["a", "b", "c"]


def test_a_number_is_shown_with_its_units_and_not_with_what_they_are_worth() -> None:
    text = msgspec.json.encode(shown("x", "?", NUMERIC, Decimal(1)))
    assert b'"units":["kg","g"]' in text
    assert b"0.001" not in text
