"""What an author should look at, said in words. A flag is a question to the author, no verdict.

Bounds: Ebel & Frisbie, Essentials of Educational Measurement (1991), ch. 13 (upper-lower below
0.20 is poor); Haladyna & Downing, Educational and Psychological Measurement 53 (1993): a distractor
works if at least 5 percent pick it. Statistical evidence is asked for at three standard errors, as
a bank of five hundred items asks five hundred times.
"""

from collections.abc import Iterator
from enum import StrEnum

import msgspec
import numpy as np

from backend.assessment.statistics.item_analysis import ItemStatistics, OptionStatistics

ENOUGH_ANSWERS = 50
ENOUGH_PICKS = 10
EVIDENCE = 3.0
POOR_UPPER_LOWER, POOR_DISCRIMINATION = 0.20, 0.15
TOO_EASY, TOO_HARD = 0.95, 0.20
WORKING_DISTRACTOR = 0.05
OFTEN_BLANK = 0.10


class Flag(StrEnum):
    KEY_MAY_BE_WRONG = "key-may-be-wrong"
    SECOND_KEY = "second-key"
    NEGATIVE = "negative-discrimination"
    WEAK = "weak-discrimination"
    TOO_EASY = "too-easy"
    TOO_HARD = "too-hard"
    DEAD_DISTRACTOR = "dead-distractor"
    OFTEN_BLANK = "often-blank"
    TOO_FEW = "too-few-answers"


class Finding(msgspec.Struct, frozen=True):
    flag: Flag
    zh: str
    en: str


def findings_of(item: ItemStatistics) -> list[Finding]:
    """Most serious first; empty for an item that works."""
    if item.answers < ENOUGH_ANSWERS:
        return [_too_few(item)]
    return [*(_multiple_key(item) if item.multiple else _single_key(item)), *_plain(item)]


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _too_few(item: ItemStatistics) -> Finding:
    return Finding(
        Flag.TOO_FEW,
        f"仅有 {item.answers} 份作答，少于 {ENOUGH_ANSWERS} 份，数据尚不足以评价本题。",
        f"Only {item.answers} answers, fewer than {ENOUGH_ANSWERS}: too early to judge this item.",
    )


def _single_key(item: ItemStatistics) -> Iterator[Finding]:
    """Does a distractor draw better people than the key?"""
    keys = [option for option in item.options if option.keyed]
    for option in item.options:
        if keys and not option.keyed and _draws_better(option, keys[0]):
            yield _rival(option, keys[0])


def _draws_better(option: OptionStatistics, key: OptionStatistics) -> bool:
    """The means of what their pickers earned elsewhere, apart by three standard errors (Welch)."""
    if option.picked < ENOUGH_PICKS or not option.discrimination > 0:
        return False
    if key.picked < 2:
        return True
    apart = option.rest_mean - key.rest_mean
    return bool(apart > EVIDENCE * np.hypot(option.rest_error, key.rest_error))


def _rival(option: OptionStatistics, key: OptionStatistics) -> Finding:
    at_the_top = (_percent(option.upper), _percent(key.upper))
    if option.upper > key.upper:
        return Finding(
            Flag.KEY_MAY_BE_WRONG,
            f"多数高分者选了 {option.option}：答案可能有误（高分组中 {at_the_top[0]} 选 "
            f"{option.option}，{at_the_top[1]} 选标准答案 {key.option}）。",
            f"Most people who do well picked {option.option}: the key may be wrong "
            f"({at_the_top[0]} of the upper group, against {at_the_top[1]} for {key.option}).",
        )
    return Finding(
        Flag.SECOND_KEY,
        f"选 {option.option} 的人其他题得分高于选标准答案 {key.option} 的人：{option.option} "
        "可能也成立，请核对题干与依据条款。",
        f"Those who picked {option.option} do better elsewhere than those who picked the key "
        f"{key.option}: {option.option} may hold as well; compare stem and clause.",
    )


def _multiple_key(item: ItemStatistics) -> Iterator[Finding]:
    for option in item.options:
        # The error of a correlation near zero is the root of one over the number of answers.
        evidence = option.discrimination * np.sqrt(item.answers)
        if option.keyed and evidence < -EVIDENCE:
            yield Finding(
                Flag.KEY_MAY_BE_WRONG,
                f"高分者反而较少选 {option.option}（高分组 {_percent(option.upper)}，低分组 "
                f"{_percent(option.lower)}）：{option.option} 作为正确选项可能有误。",
                f"People who do well pick {option.option} less often ({_percent(option.upper)} "
                f"of the upper group, {_percent(option.lower)} of the lower): it may not belong "
                "to the key.",
            )
        if not option.keyed and evidence > EVIDENCE:
            yield Finding(
                Flag.SECOND_KEY,
                f"高分者更多选 {option.option}（高分组 {_percent(option.upper)}，低分组 "
                f"{_percent(option.lower)}）：{option.option} 可能也是正确选项。",
                f"People who do well pick {option.option} more often ({_percent(option.upper)} "
                f"of the upper group, {_percent(option.lower)} of the lower): it may belong to "
                "the key.",
            )


def _plain(item: ItemStatistics) -> Iterator[Finding]:
    yield from _difficulty(item)
    # Where nearly all are right, little is left to tell people apart: said once is enough.
    if item.facility <= TOO_EASY:
        yield from _discrimination(item)
    yield from _unused(item)


def _difficulty(item: ItemStatistics) -> Iterator[Finding]:
    right = _percent(item.facility)
    if item.facility > TOO_EASY:
        yield Finding(
            Flag.TOO_EASY,
            f"得分率 {right}，几乎人人答对，难以区分水平。",
            f"Facility {right}: nearly everybody is right, so it tells nobody apart.",
        )
    if item.facility < TOO_HARD:
        yield Finding(
            Flag.TOO_HARD,
            f"得分率仅 {right}：请核对答案，或确认课程中讲过。",
            f"Facility only {right}: check the key, and that the course teaches it.",
        )


def _discrimination(item: ItemStatistics) -> Iterator[Finding]:
    figures = f"{item.discrimination:.2f}"
    if item.discrimination * np.sqrt(item.answers) < -2:
        yield Finding(
            Flag.NEGATIVE,
            f"区分度为负（{figures}）：水平高的人更容易答错，请核对答案和表述。",
            f"Discrimination is negative ({figures}): the able fail it more often; check key and "
            "wording.",
        )
    elif item.upper_lower < POOR_UPPER_LOWER and item.discrimination < POOR_DISCRIMINATION:
        yield Finding(
            Flag.WEAK,
            f"区分度低（{figures}）：高分者与低分者答对的比例相差不大。",
            f"Discrimination is weak ({figures}): strong and weak people are right about as often.",
        )


def _unused(item: ItemStatistics) -> Iterator[Finding]:
    distractors = [option for option in item.options if not option.keyed]
    # Where most are right, little is left for any: a quarter of an even share will do, and that
    # share must be enough to count.
    even = (1 - item.facility) / max(len(distractors), 1)
    bound = min(WORKING_DISTRACTOR, even / 4)
    dead = [option.option for option in distractors if option.share < bound]
    if dead and even * item.answers >= ENOUGH_PICKS:
        yield Finding(
            Flag.DEAD_DISTRACTOR,
            f"选项 {'、'.join(dead)} 几乎无人选，干扰作用不足，可考虑改写。",
            f"Hardly anybody picks {', '.join(dead)}: rewrite what distracts nobody.",
        )
    if item.blank > OFTEN_BLANK:
        yield Finding(
            Flag.OFTEN_BLANK,
            f"{_percent(item.blank)} 的人未作答：可能题意不清或时间不足。",
            f"{_percent(item.blank)} left it blank: unclear, or no time left.",
        )
