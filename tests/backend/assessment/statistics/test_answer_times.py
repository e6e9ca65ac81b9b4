"""Answer times of honest people and of people who knew the answers before."""

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from backend.assessment.statistics.answer_times import Timed, too_fast
from backend.assessment.statistics.foreknowledge import foreknowledge
from tests.backend.assessment.statistics.simulated import OPTIONS, answered, drawn

PEOPLE, BANK, PAPER, CHEATS = 1500, 120, 40, 30
EXPOSED = np.arange(BANK) < 40


@pytest.fixture(scope="module")
def honest() -> Timed:
    """People read 300 characters a minute, each at a pace of their own, nobody above 600; and
    they think."""
    responses = answered(40, drawn(40, PEOPLE, BANK, PAPER), BANK)
    rng = np.random.default_rng(41)
    characters = rng.integers(60, 220, BANK)
    pace = rng.normal(0.2, 0.3, PEOPLE)[responses.attempt]
    logs = np.log(characters[responses.item] / 300 * 60) + pace
    seconds = np.exp(logs + rng.normal(0, 0.4, len(logs)))
    seconds = np.maximum(seconds, characters[responses.item] / 600 * 60)
    seconds[::97] = np.nan
    return Timed(responses=responses, seconds=seconds, characters=characters)


def knowing(honest: Timed, rows: NDArray[np.bool_], seconds: NDArray[np.float64]) -> Timed:
    """In these rows the answer is the key, given after so long."""
    responses = honest.responses
    keys = np.array([1 << OPTIONS.index(min(item.key)) for item in responses.items])
    answers = msgspec.structs.replace(
        responses,
        points=np.where(rows, 100, responses.points).astype(np.int32),
        picked=np.where(rows, keys[responses.item], responses.picked),
    )
    after = np.where(rows, seconds, honest.seconds)
    return Timed(responses=answers, seconds=after, characters=honest.characters)


def of_cheats(timed: Timed, seed: int, share: float) -> NDArray[np.bool_]:
    """Rows of the first attempts, so large a share of them."""
    rows = timed.responses.attempt
    return np.asarray((rows < CHEATS) & (np.random.default_rng(seed).random(len(rows)) < share))


def test_honest_people_give_no_signal(honest: Timed) -> None:
    assert too_fast(honest) == []
    assert foreknowledge(honest, EXPOSED) == []


def test_who_clicks_known_answers_without_reading_is_found(honest: Timed) -> None:
    timed = knowing(honest, of_cheats(honest, 42, 0.7), np.full(len(honest.seconds), 2.0))
    found = too_fast(timed)
    assert {signal.attempts[0] for signal in found} == set(range(CHEATS))
    assert "来不及读完题目" in found[0].zh
    assert "sooner than the questions can be read" in found[0].en


def test_haste_without_knowledge_is_no_signal(honest: Timed) -> None:
    """As fast, but by lot: one in four is right."""
    rows = of_cheats(honest, 43, 0.7)
    lucky = np.random.default_rng(44).random(len(rows)) < 0.25
    points = np.where(rows, 100 * lucky, honest.responses.points).astype(np.int32)
    timed = Timed(
        responses=msgspec.structs.replace(honest.responses, points=points),
        seconds=np.where(rows, 2.0, honest.seconds),
        characters=honest.characters,
    )
    assert too_fast(timed) == []


def test_who_knew_exposed_items_is_found_and_nobody_else(honest: Timed) -> None:
    """Nine of ten exposed items known, and answered in a third of the time."""
    rows = of_cheats(honest, 45, 0.9) & EXPOSED[honest.responses.item]
    found = foreknowledge(knowing(honest, rows, honest.seconds / 3), EXPOSED)
    attempts = [signal.attempts[0] for signal in found]
    assert max(attempts) < CHEATS
    assert len(attempts) >= 0.6 * CHEATS
    assert all(signal.expected <= 0.05 for signal in found)
    assert "已外传" in found[0].zh
    assert "seen before" in found[0].en


def test_without_exposed_items_nobody_can_be_compared(honest: Timed) -> None:
    assert foreknowledge(honest, np.zeros(BANK, bool)) == []
