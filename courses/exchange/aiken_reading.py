"""Questions in Aiken's form: a stem, options `A.` or `A)`, and `ANSWER: B`. Single choices only."""

import re

from courses.exchange.answers_reading import letters
from courses.exchange.filing import Draft, Filing
from courses.exchange.markup import from_plain
from courses.exchange.report import Refused
from courses.items.interactions import Choice, Single

_OPTION = re.compile(r"([A-Z])[.)]\s+(.*\S)")
_ANSWER = re.compile(r"ANSWER:\s*(\S.*)?")
Numbered = tuple[int, str]


def read_aiken(text: str, filing: Filing) -> None:
    """A question ends with its answer; what follows the last one is told as well."""
    lines: list[Numbered] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        lines.append((number, line.strip()))
        if _ANSWER.fullmatch(line.strip()):
            _question(lines, filing)
            lines = []
    if lines:
        _question(lines, filing)


def _question(lines: list[Numbered], filing: Filing) -> None:
    where, report = f"line {lines[0][0]}", filing.report
    with report.question(where):
        answer = _ANSWER.fullmatch(lines[-1][1])
        if answer is None:
            raise Refused("没有 ANSWER: 一行", "no line ANSWER: ends it")
        first = next((at for at, (_, line) in enumerate(lines) if _OPTION.fullmatch(line)), 0)
        if not first:
            raise Refused("没有题干，或没有选项", "no stem before its options, or no options")
        options = _options(lines[first:-1])
        report.imported(where, "option", len(options))
        if answer[1] not in {option.id for option in options}:
            raise Refused(f"答案 {answer[1]} 没有对应选项", f"the answer {answer[1]} is no option")
        report.imported(where, "key")
        report.imported(where, "stem")
        stem = from_plain("\n".join(line for _, line in lines[:first]))
        asked = Single(options=options, key=(answer[1],))
        filing.add(Draft(where=where, name="", stem=stem, interaction=asked))


def _options(lines: list[Numbered]) -> tuple[Choice, ...]:
    found = []
    for (number, line), wanted in zip(lines, letters(len(lines)), strict=True):
        option = _OPTION.fullmatch(line)
        if option is None or option[1] != wanted:
            zh = f"第 {number} 行应以“{wanted}. ”开头"
            raise Refused(zh, f"line {number} should begin with “{wanted}. ”")
        found.append(Choice(id=wanted, text=from_plain(option[2])))
    return tuple(found)
