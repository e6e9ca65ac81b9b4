from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from courses.blueprint import (
    BankTooSmall,
    apportion,
    blueprint_of,
    cells,
    draw,
    shortages,
)
from courses.format import Edition, Item, Kind, Level
from courses.programmes import bank_of, lessons_of, required_seconds
from tests.courses.items.samples import key_of, options_of

SEEDS = st.integers(0, 2**256 - 1)
WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=40)


@given(total=st.integers(0, 500), weights=WEIGHTS)
def test_apportioned_counts_sum_and_stay_within_one_of_the_quota(
    total: int, weights: list[int]
) -> None:
    assume(sum(weights))
    counts = apportion(total, weights)
    assert sum(counts) == total
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count * sum(weights) - total * weight) < sum(weights)


@given(total=st.integers(0, 100), weights=WEIGHTS)
def test_a_greater_weight_never_gets_less(total: int, weights: list[int]) -> None:
    assume(sum(weights))
    pairs = sorted(zip(weights, apportion(total, weights), strict=True))
    for (weight, count), (next_weight, next_count) in pairwise(pairs):
        assert weight == next_weight or count <= next_count


def test_weights_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        apportion(3, [0, 0])


def paper(edition: Edition, seed: int, bank: tuple[Item, ...] | None = None) -> list[Item]:
    demo = edition.programme("DEMO")
    items = bank_of(edition, demo) if bank is None else bank
    return draw(items, edition.exam("E1"), blueprint_of(edition, demo), seed)


def test_the_short_exam_weighs_levels_as_the_blueprint_says(edition: Edition) -> None:
    blueprint = blueprint_of(edition, edition.programme("DEMO"))
    counts = cells(edition.exam("E1").sections[0], blueprint)
    assert {level: count for (_, level), count in counts.items()} == {
        Level.RECALL: 3,
        Level.UNDERSTAND: 4,
        Level.APPLY: 2,
        Level.ANALYSE: 1,
    }


@given(seed=SEEDS)
def test_a_paper_follows_the_blueprint_and_repeats_no_item(edition: Edition, seed: int) -> None:
    drawn = paper(edition, seed)
    assert len({item.id for item in drawn}) == len(drawn) == 10
    assert {item.kind for item in drawn} <= {Kind.SINGLE, Kind.TRUE_FALSE}
    assert Counter(item.level for item in drawn) == Counter(
        {Level.RECALL: 3, Level.UNDERSTAND: 4, Level.APPLY: 2, Level.ANALYSE: 1}
    )


@given(seed=SEEDS)
def test_a_seed_gives_one_paper_whatever_the_order_of_the_bank(edition: Edition, seed: int) -> None:
    bank = bank_of(edition, edition.programme("DEMO"))
    assert paper(edition, seed, bank) == paper(edition, seed, bank[::-1])


@given(seed=SEEDS)
def test_shuffled_options_keep_their_letters_and_keys(edition: Edition, seed: int) -> None:
    in_bank = {item.id: item for item in edition.items}
    for item in paper(edition, seed):
        written = in_bank[item.id]
        assert key_of(item) == key_of(written)
        assert len(options_of(item)) == len(options_of(written))
        assert set(map(str, options_of(item))) == set(map(str, options_of(written)))


def test_different_seeds_give_different_papers(edition: Edition) -> None:
    papers = {tuple(item.id for item in paper(edition, seed)) for seed in range(20)}
    assert len(papers) == 20


def test_true_and_false_keep_their_order(edition: Edition) -> None:
    drawn = [item for seed in range(10) for item in paper(edition, seed)]
    orders = {tuple(o.id for o in options_of(i)) for i in drawn if i.kind is Kind.TRUE_FALSE}
    assert orders == {("T", "F")}


def test_a_bank_without_items_for_a_cell_is_refused_by_name(edition: Edition) -> None:
    bank = tuple(item for item in edition.items if item.level is not Level.ANALYSE)
    with pytest.raises(BankTooSmall, match="分析"):
        paper(edition, 1, bank)


def test_an_exam_of_several_sections_draws_no_item_twice(edition: Edition) -> None:
    exam = edition.exam("E1")
    one = replace(exam.sections[0], count=5)
    twice = replace(exam, sections=(one, one))
    demo = edition.programme("DEMO")
    drawn = draw(edition.items, twice, blueprint_of(edition, demo), 3)
    assert len({item.id for item in drawn}) == 10


def test_a_bank_of_less_than_five_papers_is_short(edition: Edition) -> None:
    demo = edition.programme("DEMO")
    kept = [item for item in edition.items if item.level is not Level.ANALYSE]
    short = shortages(kept, edition.exam("E1"), blueprint_of(edition, demo))
    assert [(s.topic, s.level, s.held, s.needed) for s in short] == [("诚信", Level.ANALYSE, 0, 5)]


def test_rows_without_a_module_in_the_programme_fall_away(edition: Edition) -> None:
    rows = {row.name for row in blueprint_of(edition, edition.programme("IA-U")).topics}
    assert rows == {"法规诚信", "条款", "审核"}


def test_exams_without_rows_weigh_topics_by_class_hours(edition: Edition) -> None:
    rows = blueprint_of(edition, edition.programme("MGR")).topics
    assert {row.name: row.share for row in rows} == {"诚信": 2, "条款": 12, "合规": 2}


@pytest.mark.parametrize("code", ["LEAD", "MGR", "IA-E", "IA-U", "AUD", "TECH", "CE-AUD"])
def test_each_section_of_each_exam_is_filled_to_its_count(edition: Edition, code: str) -> None:
    programme = edition.programme(code)
    blueprint = blueprint_of(edition, programme)
    for section in edition.exam(programme.exam).sections:
        assert sum(cells(section, blueprint).values()) == section.count


def test_a_programme_asks_for_its_class_hours_and_a_demonstration_for_its_worth(
    edition: Edition,
) -> None:
    demo = edition.programme("DEMO")
    assert required_seconds(edition, edition.programme("MGR"), {}) == 16 * 2700
    assert [lesson.code for lesson in lessons_of(edition, demo)] == ["M02-L01"]
    worth = required_seconds(edition, demo, {"M02-L01": 30})
    assert required_seconds(edition, demo, {}) == worth - 30
    assert 0 < worth < 900
