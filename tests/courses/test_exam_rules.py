"""Whether a bank is large enough: for one paper, for as many as it must last, and for a band."""

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from courses.blueprint import blueprint_of
from courses.exam_rules import bank_problems, shortages, warnings, worn
from courses.format import Edition, Exposure, Kind, Level
from courses.papers.pool import pool_of
from tests.courses.banks import SECTIONED, bank_for, empty_pool


def with_blueprint(edition: Edition, **changes: object) -> Edition:
    """Of E1."""
    blueprints = (replace(edition.blueprints[0], **changes), *edition.blueprints[1:])
    return replace(edition, blueprints=blueprints)


def test_a_bank_of_less_than_five_papers_is_short_cell_by_cell(edition: Edition) -> None:
    demo = edition.programme("DEMO")
    kept = [item for item in edition.items if item.level is not Level.ANALYSE]
    pool = pool_of(kept, edition.exam("E1"), blueprint_of(edition, demo))
    short = shortages(pool, 5)
    assert [(s.exam, s.section, s.topic, s.level, s.held, s.needed) for s in short] == [
        ("E1", 1, "诚信", Level.ANALYSE, 0, 5)
    ]
    assert short[0].kinds == (Kind.SINGLE, Kind.TRUE_FALSE)
    assert short[0].en == "E1 section 1 (single/true-false), 诚信 × 分析: 0 items, 5 needed"
    assert short[0].zh == "E1 第 1 部分（单选题、判断题）诚信 × 分析：现有试题 0 题，需要 5 题"


@pytest.mark.parametrize(("code", "programme"), SECTIONED.items())
def test_an_empty_bank_lacks_every_cell_of_every_exam(
    edition: Edition, code: str, programme: str
) -> None:
    blueprint = replace(blueprint_of(edition, edition.programme(programme)), anchor_percent=20)
    exam = edition.exam(code)
    empty = empty_pool(exam, blueprint)
    short = shortages(empty, 5)
    assert sum(one.needed for one in short) == 5 * sum(s.count for s in exam.sections)
    assert any(one.anchor for one in short)
    assert shortages(pool_of(bank_for(empty, 5), exam, blueprint), 5) == []


def test_twins_count_once(edition: Edition) -> None:
    demo = edition.programme("DEMO")
    exam, blueprint = edition.exam("E1"), blueprint_of(edition, demo)
    items = bank_for(empty_pool(exam, blueprint), 5)
    alike = {one.id for one in items if one.level is Level.APPLY}
    twins = [replace(one, twin_group="甲") if one.id in alike else one for one in items]
    (short,) = shortages(pool_of(twins, exam, blueprint), 5)
    assert (short.level, short.held, short.needed) == (Level.APPLY, 1, 10)


def test_a_bank_that_wears_out_is_a_warning_and_no_fault(edition: Edition) -> None:
    """E1 draws three items of 识记 of twenty: over 100 papers each stands on 15."""
    demo = edition.programme("DEMO")
    strict = with_blueprint(edition, exposure=Exposure(papers=100, most_percent=10))
    assert [*bank_problems(strict, demo)] == []
    told = [str(warning) for warning in warnings(strict, demo)]
    assert any("识记：现有试题 20 题，需要 30 题" in line for line in told), told
    assert any("of 100 papers an item is on 10% at most" in line for line in told), told
    lax = with_blueprint(edition, exposure=Exposure(papers=100, most_percent=20))
    assert [*warnings(lax, demo)] == []
    unsaid = with_blueprint(edition, exposure=UNSET)
    assert [*warnings(unsaid, edition.programme("LEAD"))] == []


def test_needs_are_rounded_so_that_no_paper_too_many_shows_an_item(edition: Edition) -> None:
    """Seven papers, a third at most: an item may be on two of them, so three items lead to four."""
    demo = edition.programme("DEMO")
    blueprint = replace(blueprint_of(edition, demo), exposure=Exposure(papers=7, most_percent=33))
    needed = {one.level: one.needed for one in worn(empty_pool(edition.exam("E1"), blueprint))}
    assert needed == {
        Level.RECALL: 11,
        Level.UNDERSTAND: 14,
        Level.APPLY: 7,
        Level.ANALYSE: 4,
    }
