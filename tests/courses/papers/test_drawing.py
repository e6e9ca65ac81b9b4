"""Papers from any bank: right to the last cell, or not at all."""

import hashlib
import random
import struct

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from courses.blueprint import blueprint_of
from courses.format import (
    Band,
    Bilingual,
    Blueprint,
    Edition,
    Exam,
    Exposure,
    Item,
    Kind,
    Level,
    MultipleRule,
    Section,
    TopicShare,
)
from courses.items.interactions import Case, Matching, Multiple, Ordering
from courses.items.kinds import Difficulty, Status
from courses.items.shuffling import shuffled
from courses.papers.balance import BandMissed, bounds
from courses.papers.chance import Chance
from courses.papers.drawing import METHOD, Paper, draw, paper_of
from courses.papers.exposure import Seen
from courses.papers.matching import BankTooSmall
from courses.papers.pool import Pool, pool_of, rested
from courses.programmes import bank_of
from tests.courses.banks import SECTIONED, bank_for, empty_pool, item
from tests.courses.items.samples import MATCHING, ORDERING, choices, key_of, options_of
from tests.courses.papers.judging import can_be_filled, faults, reachable, shown_together

SEEDS = st.binary(min_size=32, max_size=32)
KINDS = (Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE)
TOPICS = ("法规", "诚信", "审核")
SECTION = st.builds(
    Section,
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=2, unique=True).map(tuple),
    count=st.integers(1, 6),
    points=st.just(1.0),
    difficulty=st.sampled_from((UNSET, Band(lowest=2.5, highest=3.5), Band(lowest=1, highest=2.2))),
)


def a_bank(chance: random.Random, size: int, twins: int) -> list[Item]:
    """`twins`: of a hundred items."""
    made = []
    for n in range(size):
        one = item(chance.choice(KINDS), chance.choice(TOPICS), chance.choice(list(Level)), n)
        twin = chance.choice("abcdefgh") if chance.randrange(100) < twins else UNSET
        made.append(
            replace(
                one,
                id=f"M02-{n:03}",
                difficulty=chance.choice((UNSET, *Difficulty)),
                twin_group=twin,
                anchor=chance.choice((UNSET, True)),
                status=chance.choice((UNSET, UNSET, UNSET, Status.RETIRED)),
            )
        )
    return made


BANK = st.builds(
    a_bank,
    st.integers(0, 10**9).map(random.Random),
    st.integers(20, 250),
    st.sampled_from((0, 0, 5, 30, 70)),
)
EXAM = st.lists(SECTION, min_size=1, max_size=3).map(
    lambda sections: Exam(
        code="E1",
        title=Bilingual(zh="考试", en="Exam"),
        sections=tuple(sections),
        pass_mark=60,
        minutes=20,
    )
)
BLUEPRINT = st.builds(
    Blueprint,
    exam=st.just("E1"),
    levels=st.sampled_from(
        [
            dict(zip(Level, shares, strict=True))
            for shares in ((3, 4, 2, 1), (1, 0, 0, 0), (0, 1, 2, 1))
        ]
    ),
    multiple_rule=st.just(MultipleRule.ALL_OR_NOTHING),
    bank_multiple=st.just(1),
    topics=st.just(
        (
            TopicShare(name="法规诚信", share=2, topics=TOPICS[:2]),
            TopicShare(name="审核", share=1, topics=TOPICS[2:]),
        )
    ),
    anchor_percent=st.sampled_from((UNSET, 20, 50)),
    exposure=st.just(Exposure(resting_percent=40)),
)


@pytest.fixture(scope="module")
def large(edition: Edition) -> dict[str, tuple[Pool, list[Item]]]:
    """The real exams with anchors and bands, each on a bank of five papers, a few of them twins."""
    made = {}
    for code, programme in SECTIONED.items():
        exam, blueprint = edition.exam(code), blueprint_of(edition, edition.programme(programme))
        band = Band(lowest=2.3, highest=2.7)
        sections = (replace(s, difficulty=band if s.count > 9 else UNSET) for s in exam.sections)
        exam, blueprint = (
            replace(exam, sections=tuple(sections)),
            replace(blueprint, anchor_percent=20),
        )
        bank = bank_for(empty_pool(exam, blueprint), 5)
        bank = [replace(one, twin_group=f"{n % 40}") if n % 9 == 0 else one
                for n, one in enumerate(bank)]  # fmt: skip
        made[code] = (pool_of(bank, exam, blueprint), bank)
    return made


def seed_of(number: int) -> bytes:
    return number.to_bytes(32, "big")


@settings(max_examples=100)
@given(bank=BANK, exam=EXAM, blueprint=BLUEPRINT, seed=SEEDS)
def test_a_paper_fulfils_its_blueprint_exactly_or_there_is_none(
    bank: list[Item], exam: Exam, blueprint: Blueprint, seed: bytes
) -> None:
    pool = pool_of(bank, exam, blueprint)
    paper = drawn_or_why_not(pool, seed)
    event(type(paper).__name__)
    if isinstance(paper, Paper):
        assert [*faults(paper.items, exam, blueprint)] == []
        assert all(one.in_use for one in paper.items)
        assert paper == paper_of(bank[::-1], exam, blueprint, seed)
    else:
        assert can_be_filled(pool) is isinstance(paper, BandMissed)
    if isinstance(paper, BankTooSmall):
        assert paper.placed < paper.cell.count
    twins = any(one.twin_group for one in bank)
    if isinstance(paper, BandMissed) and not twins and len(exam.sections) == 1:
        lowest, highest = bounds(exam.sections[0])
        least, most = reachable(pool, 0)
        assert most < lowest or least > highest or highest - lowest < 3


def drawn_or_why_not(pool: Pool, seed: bytes) -> Paper | BankTooSmall | BandMissed:
    try:
        return draw(pool, seed)
    except (BankTooSmall, BandMissed) as error:
        return error


@pytest.mark.parametrize("code", SECTIONED)
@settings(max_examples=15)
@given(seed=SEEDS)
def test_papers_of_every_exam_are_drawn_as_their_blueprint_says(
    large: dict[str, tuple[Pool, list[Item]]], code: str, seed: bytes
) -> None:
    pool, _ = large[code]
    paper = draw(pool, seed)
    assert [*faults(paper.items, pool.exam, pool.blueprint)] == []
    assert draw(pool, seed) == paper
    assert paper.method == METHOD


@settings(max_examples=30)
@given(number=st.integers(0, 10_000), seed=SEEDS)
def test_a_bank_short_of_one_item_is_refused_by_the_name_of_its_cell(
    large: dict[str, tuple[Pool, list[Item]]], number: int, seed: bytes
) -> None:
    exam, blueprint = large["E3"][0].exam, large["E3"][0].blueprint
    bank = bank_for(empty_pool(exam, blueprint))
    lost = bank.pop(number % len(bank))
    with pytest.raises(BankTooSmall) as refused:
        paper_of(bank, exam, blueprint, seed)
    cell = refused.value.cell
    assert (cell.level, cell.anchor) == (lost.level, lost.is_anchor)
    assert lost.kind in cell.kinds
    assert f"× {lost.level}: {cell.count - 1} items, {cell.count} are drawn" in str(refused.value)


def test_twins_that_stand_in_each_others_way_are_led_around() -> None:
    """A chain: each cell must give up its first choice for the last one to be filled at all."""
    levels = list(Level)
    chain = [item(Kind.SINGLE, "审核", level, n) for level in levels for n in range(2)]
    groups = [*"abbccdd", UNSET]
    bank = [replace(one, twin_group=group) for one, group in zip(chain, groups, strict=True)]
    bank[0] = replace(bank[0], twin_group="d")
    blueprint = Blueprint(
        exam="E1",
        levels=dict.fromkeys(levels, 1),
        multiple_rule=MultipleRule.ALL_OR_NOTHING,
        bank_multiple=1,
        topics=(TopicShare(name="审核", share=1, topics=("审核",)),),
    )
    section = Section(kinds=(Kind.SINGLE,), count=4, points=25)
    title = Bilingual(zh="考试", en="Exam")
    exam = Exam(code="E1", title=title, sections=(section,), pass_mark=60, minutes=20)
    for number in range(20):
        paper = paper_of(bank, exam, blueprint, seed_of(number))
        assert [*faults(paper.items, exam, blueprint)] == []
    alike = [replace(one, twin_group="a") for one in bank[:4]]
    with pytest.raises(BankTooSmall, match="理解"):
        paper_of([*alike, *bank[4:]], exam, blueprint, seed_of(1))


def test_different_seeds_spread_the_exposure_over_the_whole_bank(
    large: dict[str, tuple[Pool, list[Item]]],
) -> None:
    """Each item is due on a fifth of 300 papers: none is spared, none on more than a third."""
    pool, bank = large["E1"]
    times = shown_together(draw(pool, seed_of(n)).items for n in range(300))
    assert set(times) == {one.id for one in bank}
    assert max(times.values()) < 100


def test_what_was_seen_most_rests_while_there_is_enough_else(
    large: dict[str, tuple[Pool, list[Item]]],
) -> None:
    pool, bank = large["E1"]
    worn = {one.id for n, one in enumerate(bank) if n % 5 == 0}
    seen = rested(pool, {one.id: 50 if one.id in worn else n % 2 for n, one in enumerate(bank)})
    papers = [draw(seen, seed_of(n)).items for n in range(30)]
    assert not worn & set(shown_together(papers))
    only = pool_of([one for one in bank if one.id in worn], pool.exam, pool.blueprint)
    assert len(draw(rested(only, dict.fromkeys(worn, 50)), seed_of(1)).items) == 10


def test_equal_counts_let_nothing_rest(large: dict[str, tuple[Pool, list[Item]]]) -> None:
    pool, bank = large["E1"]
    assert rested(pool, {one.id: 7 for one in bank}) == pool


def test_a_learner_meets_an_item_again_only_when_all_others_are_used_up(
    large: dict[str, tuple[Pool, list[Item]]],
) -> None:
    pool, bank = large["E5"]
    pool = pool_of([replace(one, twin_group=UNSET) for one in bank], pool.exam, pool.blueprint)
    free = replace(pool.exam, sections=tuple(
        replace(s, difficulty=UNSET) for s in pool.exam.sections
    ))  # fmt: skip
    pool = replace(pool, exam=free)
    seen: dict[str, int] = {}
    for attempt in range(6):
        ids = [one.id for one in draw(pool, seed_of(attempt), seen).items]
        assert {seen.get(id_, 0) for id_ in ids} == {attempt // 5}
        seen |= {id_: seen.get(id_, 0) + 1 for id_ in ids}


def test_counts_are_part_of_what_a_draw_is_repeated_from(edition: Edition) -> None:
    demo = edition.programme("DEMO")
    args = (bank_of(edition, demo), edition.exam("E1"), blueprint_of(edition, demo), seed_of(1))
    before = {one.id for one in paper_of(*args).items}
    seen = Seen(lately={"M02-001": 9}, by_learner=dict.fromkeys(before, 1))
    after = paper_of(*args, seen)
    assert not before & {one.id for one in after.items}
    assert after == paper_of(*args, seen)


@given(seed=SEEDS)
def test_shuffled_options_keep_their_letters_and_keys(edition: Edition, seed: bytes) -> None:
    demo = edition.programme("DEMO")
    in_bank = {one.id: one for one in edition.items}
    paper = paper_of(bank_of(edition, demo), edition.exam("E1"), blueprint_of(edition, demo), seed)
    for one in paper.items:
        written = in_bank[one.id]
        assert key_of(one) == key_of(written)
        assert {*map(str, options_of(one))} == {*map(str, options_of(written))}
        if one.kind is Kind.TRUE_FALSE:
            assert options_of(one) == options_of(written)


def test_a_case_is_drawn_whole(large: dict[str, tuple[Pool, list[Item]]]) -> None:
    pool, _ = large["E3"]
    cases = [one.interaction for one in draw(pool, seed_of(1)).items if one.kind is Kind.CASE]
    assert [[part.id for part in c.parts] for c in cases if isinstance(c, Case)] == [[*"1234"]] * 2


@given(seed=SEEDS)
def test_nothing_to_be_ordered_or_matched_is_shown_in_the_right_order(seed: bytes) -> None:
    ordered = shuffled(ORDERING, Chance(seed, "options"))
    assert isinstance(ordered, Ordering)
    assert ordered.key != tuple("1234")
    straight = replace(MATCHING, pairs=dict(zip("ABC", "wxy", strict=True)))
    paired = shuffled(straight, Chance(seed, "options"))
    assert isinstance(paired, Matching)
    assert paired.pairs != dict(zip("ABC", "123", strict=True))


def test_two_right_sides_come_in_either_order_or_the_order_would_tell() -> None:
    two = Matching(left=choices("AB"), right=choices("xy"), pairs={"A": "x", "B": "y"})
    shown = [shuffled(two, Chance(seed_of(n), "options")) for n in range(20)]
    assert {one.pairs["A"] for one in shown if isinstance(one, Matching)} == {"1", "2"}


def test_the_published_paper_is_drawn_and_as_docs_papers_says(edition: Edition) -> None:
    """Whoever writes another program can compare; here the steps are followed with bare hashes."""
    bank = [
        replace(item(Kind.MULTIPLE, "诚信", level, 0), id=f"{letter}{n}")
        for letter, level in zip("ABCD", Level, strict=True)
        for n in range(1, 10)
    ]
    section = Section(kinds=(Kind.MULTIPLE,), count=10, points=10)
    exam = replace(edition.exam("E1"), sections=(section,))
    blueprint = blueprint_of(edition, edition.programme("DEMO"))
    paper = paper_of(bank, exam, blueprint, bytes(range(32)))
    first = paper.items[0].interaction
    assert isinstance(first, Multiple)
    assert " ".join(one.id for one in paper.items) == "C5 B1 A1 D5 A4 C4 B5 B6 A9 B2"
    assert "".join(option.id for option in first.options) == "ADCBE"

    picked = []
    for cell, (letter, count) in enumerate(zip("ABCD", (3, 4, 2, 1), strict=True)):
        picked += dealt(f"cell/0/{cell}", [f"{letter}{n}" for n in range(1, 10)])[:count]
    assert dealt("order/0", sorted(picked)) == [one.id for one in paper.items]
    assert "".join(dealt("options/C5", [*"ABCDE"])) == "ADCBE"


def dealt(label: str, cards: list[str]) -> list[str]:
    """For seed 00 01 … 1f, without a refused word (there is one in 2**60)."""
    left = list(cards)
    for at in range(len(left)):
        block = hashlib.sha256(bytes(range(32)) + label.encode() + struct.pack(">xQ", at // 4))
        word = struct.unpack(">4Q", block.digest())[at % 4]
        other = at + word % (len(left) - at)
        left[at], left[other] = left[other], left[at]
    return left
