"""What a bank holds, counted by every word it is sorted by."""

from typing import Any

import msgspec

from courses.bank_report import bank_report
from courses.items.kinds import Citation, Difficulty, Level, Status
from tests.courses import current_edition
from tests.courses.items.samples import EVERY, an_item


def test_items_are_counted_by_every_word_they_are_sorted_by() -> None:
    items = [an_item(asked, f"M02-{at:03}") for at, asked in enumerate(EVERY.values())]
    changed: dict[int, dict[str, Any]] = {
        0: {"status": Status.DRAFT, "difficulty": Difficulty.HARD, "level": Level.RECALL},
        1: {"anchor": True, "twin_group": "甲", "topic": "审核"},
        2: {"citation": Citation(standard="", edition=""), "twin_group": "甲"},
    }
    for at, fields in changed.items():
        items[at] = msgspec.structs.replace(items[at], **fields)
    found = bank_report(items, None)
    assert found.items == sum(found.kinds.values()) == len(EVERY)
    assert found.statuses == {"draft": 1, "in-use": 9}
    assert found.difficulties == {"难": 1, "": 9}
    assert found.levels_by_topic == {"审核": {"应用": 1}, "诚信": {"识记": 1, "应用": 8}}
    assert (found.anchors, found.twins, found.papers) == (1, 2, ())
    assert [(one.item, one.what) for one in found.faults if "citation" in one.what] == [
        ("M02-002", "the citation is empty")
    ]
    lines = list(found.lines())
    assert "  诚信: 识记 1，应用 8" in lines
    assert "难度 difficulties: 难 1，未标 none 9" in lines


def test_an_edition_says_for_how_many_papers_its_banks_are_enough() -> None:
    edition = current_edition()
    papers = {one.programme: one for one in bank_report(edition.items, edition).papers}
    assert set(papers) == {programme.code for programme in edition.programmes}
    demo = papers["DEMO"]
    assert demo.papers >= 5  # the bank holds five times a paper
    assert demo.lacking == 0
    assert papers["LEAD"].lacking > 0
