"""Pairs of papers that agree more than two people of their abilities would.

Whoever copied much has the source's score, and so looks as able; papers that share few items cannot
show much. docs/decisions/0025-statistics-of-drawn-papers.md has measured power and false alarms.
"""

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.agreement import Agreement
from backend.assessment.statistics.answer_shares import Answered, answered_of
from backend.assessment.statistics.responses import Floats, Responses
from backend.assessment.statistics.signals import FALSE_ALARMS, Kind, Signal, one_in

_AT_ONCE = 2048
"""Pairs; with a bank of 500 items a batch takes 60 MB."""
FEWEST_COMMON = 5


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    attempts: tuple[int, int]
    common: int
    """Items that both drew and answered."""
    alike: int
    alike_expected: float
    alike_wrong: int
    alike_wrong_expected: float
    chance: float
    """Of agreeing so much by chance, whichever of the two were the copier."""


class Compared(msgspec.Struct, frozen=True):
    pairs: int
    striking: list[Pair]
    """Those well above expectation, least likely first; the rest are not kept."""


class _Model(msgspec.Struct, frozen=True, eq=False):
    answers: Answered
    alike: Floats
    wrong: Floats


def compared(responses: Responses, group: NDArray[np.int64]) -> Compared:
    """`group` by attempt: who could have copied from whom (one room, one enterprise, one evening);
    below zero: nobody. Only pairs within a group are looked at."""
    answers = answered_of(responses)
    model = _Model(answers, answers.same(wrong_only=False), answers.same(wrong_only=True))
    looked_at, striking = 0, list[Pair]()
    for one, other in _pairs(group):
        for start in range(0, len(one), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found, many = _batch(model, one[part], other[part])
            striking += found
            looked_at += many
    return Compared(looked_at, sorted(striking, key=lambda pair: pair.chance))


def _pairs(group: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    order = np.argsort(group, kind="stable")
    order = order[group[order] >= 0]
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        one, other = np.triu_indices(len(members), 1)
        yield members[one], members[other]


def _batch(
    model: _Model, one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[list[Pair], int]:
    code = model.answers.code
    common = ((code[one] >= 0) & (code[other] >= 0)).sum(axis=1)
    enough = common >= FEWEST_COMMON
    one, other = one[enough], other[enough]
    found = list[Pair]()
    agreements = [_agreement(model, one, other), _agreement(model, other, one)]
    for row in np.union1d(*(agreement.striking() for agreement in agreements)):
        chance = 2 * min(agreement.tail(int(row)) for agreement in agreements)
        found.append(_pair(model, agreements[0], int(one[row]), int(other[row]), int(row), chance))
    return found, int(enough.sum())


def _agreement(model: _Model, copier: NDArray[np.int64], source: NDArray[np.int64]) -> Agreement:
    answers = model.answers
    mine, given = answers.code[copier], answers.code[source]
    both = (mine >= 0) & (given >= 0)
    chance = answers.share[np.where(both, given, 0), answers.band[copier][:, None]]
    return Agreement(both, both & (mine == given), chance)


def _pair(
    model: _Model, agreement: Agreement, one: int, other: int, row: int, chance: float
) -> Pair:
    both, same = agreement.both[row], agreement.same[row]
    bands = model.answers.band[one], model.answers.band[other]
    wrong = ~model.answers.right[model.answers.code[one]]
    return Pair(
        attempts=(one, other),
        common=int(both.sum()),
        alike=int(same.sum()),
        alike_expected=float(model.alike[bands][both].sum()),
        alike_wrong=int((same & wrong).sum()),
        alike_wrong_expected=float(model.wrong[bands][both].sum()),
        chance=min(chance, 1.0),
    )


def twin_answers(
    responses: Responses, group: NDArray[np.int64], false_alarms: float = FALSE_ALARMS
) -> list[Signal]:
    """`false_alarms`: how many may be expected of honest people in the whole run."""
    return twin_signals(compared(responses, group), false_alarms)


def twin_signals(found: Compared, false_alarms: float = FALSE_ALARMS) -> list[Signal]:
    return [
        _signal(pair, found.pairs)
        for pair in found.striking
        if pair.chance * found.pairs <= false_alarms
    ]


def _signal(pair: Pair, among: int) -> Signal:
    return Signal(
        kind=Kind.TWIN_ANSWERS,
        attempts=pair.attempts,
        chance=pair.chance,
        among=among,
        zh=(
            f"两份答卷有 {pair.common} 道相同的题，{pair.alike} 题所选完全相同（按两人水平预期约 "
            f"{pair.alike_expected:.1f} 题），其中错得一样的 {pair.alike_wrong} 题（预期约 "
            f"{pair.alike_wrong_expected:.1f} 题）。各自作答而如此相似的概率约 "
            f"1/{one_in(pair.chance)}；本次共比对 {among:,} 对。"
            "同班学员也可能有共同的误解，请人工核查，不作为结论。"
        ),
        en=(
            f"Both papers hold {pair.common} of the same items; {pair.alike} answers are identical "
            f"(about {pair.alike_expected:.1f} expected of their abilities), {pair.alike_wrong} of "
            f"them wrong alike (about {pair.alike_wrong_expected:.1f} expected). Two people on "
            f"their own agree so much about once in {one_in(pair.chance)}; {among:,} pairs were "
            "compared. A class may share a misunderstanding: look into it, this decides nothing."
        ),
    )
