"""Gaps of a cloze in one cell, a line each: `[[a]]×2 填空：认证|评定@50%`, `[[b]] 数值：25±0.5`,
`[[c]] 单选：甲|*乙|丙` with a star before the right option."""

import re
from collections.abc import Callable, Iterator

from courses.exchange.answers_reading import letters
from courses.exchange.excel_answers import numbers, numbers_written, texts, texts_written
from courses.exchange.excel_columns import parted, quoted, unquoted
from courses.exchange.report import Refused
from courses.items.interactions import Choice, Gap, GapInteraction, Numeric, ShortText, Single
from courses.items.rich_text import RichText

_LINE = re.compile(r"\[\[([A-Za-z0-9_-]{1,16})\]\]\s*(?:[×x*]\s*(\d{1,5}))?\s*([^:：]+)[:：](.*)")
TEXT, CASED, NUMBER, CHOICE = "填空", "填空（区分大小写）", "数值", "单选"
Words = Callable[[str], RichText]
Tell = Callable[[str, str], None]


def gaps_of(cell: str, words: Words) -> Iterator[Gap]:
    """Raises Refused."""
    for line in filter(str.strip, cell.split("\n")):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            zh = f"“{line}”应写作“[[a]] 填空：认证|认可”"
            raise Refused(zh, f"“{line}”: write a gap as “[[a]] 填空：认证|认可”")
        asked = _asked(found[3].strip(), found[4].strip(), words)
        yield Gap(id=found[1], interaction=asked, weight=max(1, int(found[2] or "1")))


def _asked(kind: str, answer: str, words: Words) -> GapInteraction:
    if kind in {TEXT, CASED}:
        return ShortText(accepted=texts(answer), case_matters=kind == CASED)
    if kind == NUMBER:
        return Numeric(accepted=numbers(answer))
    if kind == CHOICE:
        return _single(parted(answer), words)
    listed = "、".join((TEXT, CASED, NUMBER, CHOICE))
    raise Refused(f"空的类型“{kind}”应为 {listed}", f"“{kind}”: a gap is one of {listed}")


def _single(said: list[str], words: Words) -> Single:
    ids = letters(len(said))
    key = [id_ for id_, one in zip(ids, said, strict=True) if one.startswith("*")]
    if len(key) != 1:
        raise Refused("单选的空应有一个加 * 的选项", "a star before the one right option of a gap")
    bare = [one.removeprefix("*") if one.startswith("*") else _starred(one) for one in said]
    made = (Choice(id=i, text=words(unquoted(one))) for i, one in zip(ids, bare, strict=True))
    return Single(options=tuple(made), key=(*key,))


def _starred(one: str) -> str:
    return one[1:] if one.startswith("\\*") else one


def gap_written(gap: Gap, written: Callable[[RichText], str], lose: Tell) -> str:
    """`written`: a text without line ends; `lose`: element and what it is, that has no place."""
    asked = gap.interaction
    share = f"×{gap.weight}" if gap.weight != 1 else ""
    if isinstance(asked, ShortText):
        kind, said = CASED if asked.case_matters else TEXT, texts_written(asked.accepted, lose)
    elif isinstance(asked, Numeric):
        kind, said = NUMBER, numbers_written(asked.accepted, lose)
        if asked.units:
            lose("unit", "空中单位")
    else:
        kind, said = CHOICE, "|".join(_option(one, asked, written) for one in asked.options)
        if any(one.feedback for one in asked.options):
            lose("feedback", "空的选项反馈")
    return f"[[{gap.id}]]{share} {kind}：{said}"


def _option(one: Choice, asked: Single, written: Callable[[RichText], str]) -> str:
    words = quoted(written(one.text))
    if one.id in asked.key:
        return f"*{words}"
    return f"\\{words}" if words.startswith("*") else words
