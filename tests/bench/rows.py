"""A row of the bench: a figure, the floor it is held against in the same run, and its target."""

import operator
import re
from collections.abc import Callable
from statistics import median

import msgspec

_RULE = re.compile(r"(ratio|value) (>=|<=) ([0-9.]+)")
_COMPARE = {">=": operator.ge, "<=": operator.le}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    target: str
    """Such as `ratio >= 0.5` or `value >= 5000`."""
    met: bool


def row(name: str, *, value: float, unit: str, floor: float, target: str) -> Row:
    ratio = value / floor
    return Row(
        name=name,
        value=round(value, 3),
        unit=unit,
        floor=round(floor, 3),
        ratio=round(ratio, 3),
        target=target,
        met=met(target, value=value, ratio=ratio),
    )


def met(target: str, *, value: float, ratio: float) -> bool:
    found = _RULE.fullmatch(target)
    if found is None:
        raise ValueError(f"a target reads like `ratio >= 10`, not {target!r}")
    figure = {"ratio": ratio, "value": value}[found[1]]
    return bool(_COMPARE[found[2]](figure, float(found[3])))


def interleaved(*measures: Callable[[], float], rounds: int = 3) -> list[float]:
    """The median of each measure, taken in turns so that a noisy minute hits all alike."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for results, measure in zip(taken, measures, strict=True):
            results.append(measure())
    return [median(results) for results in taken]
