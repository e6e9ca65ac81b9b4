"""States of complaints, tracking codes and the draw."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.oversight.domain import (
    TRACKING_ALPHABET,
    TRACKING_LENGTH,
    ComplaintState,
    OutOfTurn,
    SecondPersonNeeded,
    Step,
    after,
    check_second,
    drawn,
    oversees,
    population_text,
    tracking_code,
    typed_code,
)

SEED = bytes(range(32))
numbers = st.sets(st.from_regex(r"GB-[0-9]{4}-[A-Z0-9]{6}", fullmatch=True), max_size=60)


@given(numbers, st.integers(1, 80), st.randoms())
def test_whoever_has_seed_and_list_draws_the_same_in_whatever_order(
    population: set[str], size: int, random: object
) -> None:
    shuffled = list(population)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    sample = drawn(SEED, shuffled, size)
    assert sample == drawn(SEED, population, size)
    assert len(sample) == len(set(sample)) == min(size, len(population))
    assert set(sample) <= population


@given(numbers, st.integers(1, 40))
def test_a_larger_sample_only_adds_to_a_smaller_one(population: set[str], size: int) -> None:
    assert drawn(SEED, population, size + 20)[:size] == drawn(SEED, population, size)


def test_the_draw_is_what_the_page_on_oversight_says() -> None:
    """By hand: the smallest SHA-256 of the seed followed by the number."""
    population = [f"GB-2026-{n:06}" for n in range(50)]
    lots = {n: hashlib.sha256(SEED + n.encode()).hexdigest() for n in population}
    assert drawn(SEED, population, 5) == sorted(population, key=lots.__getitem__)[:5]


@given(st.lists(st.sampled_from(["a", "b", "c", "d"])))
def test_the_population_is_written_one_way(listed: list[str]) -> None:
    assert population_text(listed) == population_text(sorted(set(listed), reverse=True))


@given(st.binary(min_size=13, max_size=13))
def test_a_tracking_code_reads_back_however_it_is_typed(noise: bytes) -> None:
    code = tracking_code(noise)
    assert len(code) == TRACKING_LENGTH
    assert set(code) <= set(TRACKING_ALPHABET)
    assert typed_code(f" {code[:5].lower()}-{code[5:10]} {code[10:]}\n") == code


@pytest.mark.parametrize("step", [Step.INVESTIGATED, Step.PROPOSED, Step.REJECTED, Step.DECIDED])
def test_nothing_follows_a_decision(step: Step) -> None:
    with pytest.raises(OutOfTurn):
        after(step, ComplaintState.DECIDED)


def test_who_proposed_does_not_decide() -> None:
    check_second(UUID(int=1), UUID(int=2))
    with pytest.raises(SecondPersonNeeded):
        check_second(UUID(int=1), UUID(int=1))


def test_an_inspector_sees_his_units_and_an_administrator_all() -> None:
    assert oversees(["BJ"], "BJ", administrator=False)
    assert not oversees(["BJ"], "SH", administrator=False)
    assert not oversees(["BJ"], None, administrator=False)
    assert oversees([], None, administrator=True)
