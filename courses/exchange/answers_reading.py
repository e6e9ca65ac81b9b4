"""Lists of answers with percents to choices and accepted texts. The percents of a choice give way
to the blueprint's rule; whatever that changes is told."""

import re
from collections.abc import Sequence
from decimal import Decimal

from courses.exchange.report import Refused, Report
from courses.exchange.weights import AnswerSaid, whole_percent
from courses.items.interactions import AcceptedText, Choice, Multiple, Single

MOST_OPTIONS = 20
_STAR = re.compile(r"(?<!\\)\*")
"""As Moodle finds it: a backslash before it is all that counts."""
NEAR = Decimal("0.01")


def letters(count: int) -> list[str]:
    if count > MOST_OPTIONS:
        raise Refused(f"超过 {MOST_OPTIONS} 项", f"more than {MOST_OPTIONS} options")
    return [chr(ord("A") + at) for at in range(count)]


def weighted_choices(
    said: Sequence[AnswerSaid],
    several: bool,
    where: str,
    report: Report,
    ids: Sequence[str] = (),
) -> Single | Multiple:
    """`ids`: of the options; letters, unless said."""
    ids = ids or letters(len(said))
    options = tuple(
        Choice(id=id_, text=one.text)
        if one.feedback is None
        else Choice(id=id_, text=one.text, feedback=one.feedback)
        for id_, one in zip(ids, said, strict=True)
    )
    right = [one for one in said if one.percent > 0]
    key = [id_ for id_, one in zip(ids, said, strict=True) if one.percent > 0]
    if not several:
        key = [id_ for id_, one in zip(ids, said, strict=True) if one.percent == 100]
    _tell_weights(said, len(right) if several else 1, several, where, report)
    report.imported(where, "option", len(options))
    report.imported(where, "feedback", sum(one.feedback is not None for one in said))
    if not key:
        raise Refused("没有正确选项", "no option is right")
    report.imported(where, "key", len(key))
    if not several and len(key) > 1:
        zh = "单选题有多个得满分的选项"
        raise Refused(zh, "a single choice where two options each earn all points")
    if several and len(key) == 1:
        zh, en = "多选题只有一个正确选项，改为单选题", "one right option: a single choice now"
        report.changed(where, "kind", zh, en)
    return (
        Single(options=options, key=(*key,))
        if len(key) == 1
        else Multiple(options=options, key=(*key,))
    )


def _tell_weights(
    said: Sequence[AnswerSaid], right: int, several: bool, where: str, report: Report
) -> None:
    """A weight that only says what the key says came whole."""
    for one in said:
        if not one.weighted:
            continue
        share = Decimal(100) / max(right, 1)
        usual = {Decimal(0), Decimal(-100)} if one.percent <= 0 else {share}
        if not several:
            usual = {Decimal(0), Decimal(100)}
        if any(abs(one.percent - wanted) < NEAR for wanted in usual):
            report.imported(where, "weight")
        else:
            zh = f"{one.percent}% 未保留：部分得分由双向细目表规定"
            en = f"{one.percent}% is left out: the blueprint's rule gives part marks"
            report.changed(where, "weight", zh, en)


def accepted_texts(
    said: Sequence[AnswerSaid], where: str, report: Report
) -> tuple[AcceptedText, ...]:
    """`*` stands for anything there; here accepted answers are listed, so it is refused."""
    accepted = []
    for one in said:
        if _STAR.search(one.raw):
            zh = f"通配符答案“{one.raw}”不能保留，请列出各个答案"
            en = f"“{one.raw}”: answers with * cannot be kept, list each answer"
            report.refused(where, "answer", zh, en)
            continue
        percent = whole_percent(one.percent, where, report)
        if percent is None:
            continue
        report.imported(where, "answer")
        text = one.raw.replace("\\*", "*")
        if one.feedback is None:
            accepted.append(AcceptedText(text=text, percent=percent))
        else:
            report.imported(where, "feedback")
            accepted.append(AcceptedText(text=text, percent=percent, feedback=one.feedback))
    if not accepted:
        raise Refused("没有可接受的答案", "no answer is accepted")
    return tuple(accepted)
