"""Pictures of one item: who picks which option, and how the chance of being right rises."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backend.assessment.statistics.answer_shares import bands_of
from backend.assessment.statistics.item_response import ItemParameters
from backend.assessment.statistics.pictures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    Language,
    Picture,
    in_percent,
    look,
    note,
    sheet,
)
from backend.assessment.statistics.responses import (
    Floats,
    KeyedItem,
    Responses,
    rest_shares,
    scores_of,
)

_FIFTHS = 5
_MARKERS = "so^Dv<>p"
_COLOURS = (RED, GREEN, ORANGE, PURPLE, GREY)


def option_shares(responses: Responses, place: int) -> Floats:
    """Options × fifths of those who drew the item, by the rest of their papers."""
    rest = rest_shares(responses, scores_of(responses))
    mine = responses.item == place
    return _by_fifth(responses.items[place], rest[mine], responses.picked[mine])


def all_option_shares(responses: Responses) -> list[Floats]:
    """Of every item, in one pass over the rows."""
    rest = rest_shares(responses, scores_of(responses))
    order = np.argsort(responses.item, kind="stable")
    ends = np.searchsorted(responses.item[order], np.arange(len(responses.items) + 1))
    rows = [order[begin:end] for begin, end in pairwise(ends)]
    return [
        _by_fifth(item, rest[mine], responses.picked[mine])
        for item, mine in zip(responses.items, rows, strict=True)
    ]


def _by_fifth(item: KeyedItem, rest: Floats, picked: NDArray[np.int64]) -> Floats:
    known = ~np.isnan(rest)
    if not known.any():
        return np.full((len(item.options), _FIFTHS), np.nan)
    fifth, picked = bands_of(rest[known], _FIFTHS), picked[known]
    count = np.bincount(fifth, minlength=_FIFTHS)
    shares = [
        np.bincount(fifth, (picked >> bit) & 1, _FIFTHS) / np.maximum(count, 1)
        for bit in range(len(item.options))
    ]
    return np.where(count > 0, np.array(shares).reshape(-1, _FIFTHS), np.nan)


@look()
def option_picture(responses: Responses, place: int, language: Language = "zh") -> Picture:
    """A line an option over the fifths. The key's should rise, all others fall."""
    item = responses.items[place]
    return shares_picture(item, option_shares(responses, place), language)


@look()
def shares_picture(item: KeyedItem, shares: Floats, language: Language = "zh") -> Picture:
    """The same, of shares that were worked out before."""
    zh = language == "zh"
    title = f"{item.code}：各选项由谁选" if zh else f"{item.code}: who picks which option"
    across = "其他题得分由低到高（每组五分之一）" if zh else "fifths by the rest of the paper"
    figure, axes = sheet(title, across, "选择比例" if zh else "share who picked it")
    for n, option in enumerate(item.options):
        keyed = option in item.key
        axes.plot(
            range(_FIFTHS),
            shares[n],
            color=BLUE if keyed else _COLOURS[n % len(_COLOURS)],
            marker=_MARKERS[n % len(_MARKERS)],
            linewidth=3 if keyed else 1.4,
            linestyle="-" if keyed else "--",
        )
    for option, height in _apart(dict(zip(item.options, shares[:, -1], strict=True))).items():
        word = ("（答案）" if zh else " (key)") if option in item.key else ""
        note(axes, (_FIFTHS - 1, height), f"{option}{word}", xytext=(9, -3))
    ends = ("最低", "较低", "中间", "较高", "最高") if zh else ("lowest", "", "middle", "", "top")
    axes.set_xticks(range(_FIFTHS), ends)
    axes.set_xlim(-0.2, _FIFTHS - 0.25)
    axes.set_ylim(-0.02, 1.02)
    in_percent(axes, "y")
    return Picture(figure, _told(item.options, shares, zh))


def _apart(heights: dict[str, float]) -> dict[str, float]:
    """Where to write the words, so that none covers another."""
    placed: dict[str, float] = {}
    lowest = -np.inf
    for option, height in sorted(heights.items(), key=lambda pair: np.nan_to_num(pair[1])):
        lowest = max(float(np.nan_to_num(height)), lowest + 0.06)
        placed[option] = lowest
    return placed


def _told(options: tuple[str, ...], shares: Floats, zh: bool) -> str:
    ends = [
        f"{option} {100 * low:.0f}% → {100 * high:.0f}%"
        for option, low, high in zip(options, shares[:, 0], shares[:, -1], strict=True)
    ]
    if zh:
        return "各选项在最低与最高五分之一中的选择比例：" + "，".join(ends)
    return "Share of each option in the lowest and the top fifth: " + ", ".join(ends)


@look()
def curve_picture(code: str, parameters: ItemParameters, language: Language = "zh") -> Picture:
    """The chance of being right over ability, with what two standard errors of difficulty leave
    open."""
    zh = language == "zh"
    title = f"{code}：水平与答对的可能" if zh else f"{code}: ability and the chance of being right"
    across = "水平（0 为平均）" if zh else "ability (0 is the average)"
    figure, axes = sheet(title, across, "答对的可能" if zh else "chance of being right")
    ability = np.linspace(-4, 4, 161)
    a, b = parameters.slope, parameters.difficulty
    off = 2 * np.nan_to_num(parameters.difficulty_error)
    low, middle, high = (1 / (1 + np.exp(-a * (ability - at))) for at in (b + off, b, b - off))
    axes.fill_between(ability, low, high, color=BLUE, alpha=0.15, linewidth=0)
    axes.plot(ability, middle, color=BLUE, linewidth=2.5)
    axes.set_ylim(0, 1)
    in_percent(axes, "y")
    if -4 < b < 4:
        axes.plot([b, b, -4], [0, 0.5, 0.5], color=GREY, linestyle=":")
        note(axes, (b, 0.5), f"{'难度' if zh else 'difficulty'} {b:.2f}", xytext=(8, -12))
    axes.set_xlim(-4, 4)
    told = f"难度 {b:.2f}，区分度参数 {a:.2f}" if zh else f"Difficulty {b:.2f}, slope {a:.2f}"
    return Picture(figure, told)
