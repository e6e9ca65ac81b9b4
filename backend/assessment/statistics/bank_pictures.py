"""Pictures of a whole exam or bank: marks, items by difficulty and discrimination, drift."""

from collections.abc import Sequence

import numpy as np

from backend.assessment.statistics.distribution import BARS, Distribution
from backend.assessment.statistics.drift import FAR_FROM_THE_LINE, Drift, deltas
from backend.assessment.statistics.item_analysis import ItemStatistics
from backend.assessment.statistics.item_flags import Flag, findings_of
from backend.assessment.statistics.pictures import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    Language,
    Picture,
    in_percent,
    look,
    note,
    sheet,
)

SERIOUS = {Flag.KEY_MAY_BE_WRONG, Flag.SECOND_KEY, Flag.NEGATIVE}
_NOTHING = {Flag.TOO_FEW}
_MOST_NAMES = 12


@look()
def marks_picture(
    found: Distribution, pass_share: float, error: float, language: Language = "zh"
) -> Picture:
    """Bars of marks, the pass mark, and the band around it in which luck may have decided."""
    zh = language == "zh"
    title = f"成绩分布（{found.attempts:,} 份）" if zh else f"Marks ({found.attempts:,} papers)"
    figure, axes = sheet(title, "得分率" if zh else "share of points", "份数" if zh else "papers")
    lefts = np.arange(BARS) / BARS
    colours = [BLUE if left >= pass_share - 1e-9 else GREY for left in lefts]
    axes.bar(lefts, found.bars, width=0.92 / BARS, align="edge", color=colours)
    axes.axvspan(pass_share - error, pass_share + error, color=ORANGE, alpha=0.25, linewidth=0)
    axes.axvline(pass_share, color=RED, linewidth=2)
    axes.set_xlim(0, 1)
    top = max(*found.bars, 1)
    axes.set_ylim(0, 1.22 * top)
    passed, near = (f"{100 * share:.0f}%" for share in (found.passed, found.near))
    words = f"及格线 {100 * pass_share:.0f}%" if zh else f"pass mark {100 * pass_share:.0f}%"
    side = "right" if pass_share > 0.5 else "left"
    away = -6 if side == "right" else 6
    note(axes, (pass_share, 1.14 * top), words, xytext=(away, 0), ha=side)
    words = "阴影：±1 标准误" if zh else "shaded: ±1 standard error"
    note(axes, (pass_share, 1.06 * top), words, xytext=(away, 0), ha=side, fontsize=8)
    in_percent(axes, "x")
    told = (
        f"平均 {100 * found.mean:.0f}%，及格 {passed}，{near} 的答卷距及格线不足一个测量标准误"
        if zh
        else f"Mean {100 * found.mean:.0f}%, passed {passed}; {near} of the papers lie within one "
        "standard error of the pass mark"
    )
    return Picture(figure, told)


@look()
def bank_picture(items: Sequence[ItemStatistics], language: Language = "zh") -> Picture:
    """Every item by facility and discrimination; those to look at are marked, the worst named."""
    zh = language == "zh"
    title = "题库：得分率与区分度" if zh else "Bank: facility and discrimination"
    figure, axes = sheet(
        title, "得分率" if zh else "facility", "区分度" if zh else "discrimination"
    )
    groups = _grouped(items)
    looks = (("o", BLUE, 14), ("^", ORANGE, 26), ("X", RED, 46))
    names = ("正常", "可改进", "先核对答案") if zh else ("fine", "could be better", "check the key")
    for members, (marker, colour, size), name in zip(groups, looks, names, strict=True):
        across, up = [i.facility for i in members], [i.discrimination for i in members]
        label = f"{name} {len(members)}"
        axes.scatter(
            across, up, s=size, c=colour, marker=marker, alpha=0.8, linewidths=0, label=label
        )
    for item in sorted(groups[2], key=lambda item: item.discrimination)[:_MOST_NAMES]:
        note(axes, (item.facility, item.discrimination), item.code, xytext=(5, 3), fontsize=7.5)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(top=max(0.7, *(i.discrimination for g in groups for i in g), 0) + 0.12)
    in_percent(axes, "x")
    axes.legend(loc="upper left", ncols=3, frameon=False, handletextpad=0.1, columnspacing=0.9)
    listed = ", ".join(item.code for item in groups[2])
    fine, weak, _ = map(len, groups)
    told = (
        f"{fine} 题正常，{weak} 题可改进；须先核对答案：{listed or '无'}"
        if zh
        else f"{fine} items fine, {weak} could be better; keys to check: {listed or 'none'}"
    )
    return Picture(figure, told)


def _grouped(items: Sequence[ItemStatistics]) -> list[list[ItemStatistics]]:
    """Fine, weak, serious; items without figures are left out."""
    groups: list[list[ItemStatistics]] = [[], [], []]
    for item in items:
        if not np.isnan(item.discrimination):
            flags = {finding.flag for finding in findings_of(item)}
            groups[2 if flags & SERIOUS else 1 if flags - _NOTHING else 0].append(item)
    return groups


@look()
def drift_picture(drifts: Sequence[Drift], language: Language = "zh") -> Picture:
    """Angoff's delta plot: items on the line kept their place; who left it is named."""
    zh = language == "zh"
    title = "两个时期的难度" if zh else "Difficulty at both times"
    figure, axes = sheet(
        title, "此前（越右越难）" if zh else "before (harder to the right)",
        "此后（越上越难）" if zh else "after (harder upwards)",
    )  # fmt: skip
    before, after = (deltas(np.array([d.facility[n] for d in drifts])) for n in (0, 1))
    far = np.array([abs(d.distance) >= FAR_FROM_THE_LINE for d in drifts], bool)
    near = ~far & ~np.isnan(before + after)
    axes.scatter(before[near], after[near], s=16, c=BLUE, marker="o", alpha=0.8, linewidths=0)
    axes.scatter(before[far], after[far], s=46, c=RED, marker="X", linewidths=0)
    left = [
        (d.code, at)
        for d, at, off in zip(drifts, zip(before, after, strict=True), far, strict=True)
        if off
    ]
    for code, at in left:
        note(axes, at, code, xytext=(5, 3))
    known = np.concatenate([before, after])[~np.isnan(np.concatenate([before, after]))]
    ends = np.array([known.min(initial=13) - 0.5, known.max(initial=13) + 0.5])
    axes.plot(ends, ends, color=GREY, linestyle=":")
    word = "未变" if zh else "unchanged"
    note(axes, (ends[1], ends[1]), word, xytext=(-14, -2), ha="right")
    listed = ", ".join(code for code, _ in left) or ("无" if zh else "none")
    told = f"偏离的试题：{listed}" if zh else f"Items off the line: {listed}"
    return Picture(figure, told)
