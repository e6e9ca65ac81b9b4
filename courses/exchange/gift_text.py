"""GIFT as text: questions divided by blank lines, marks of the syntax told from escaped ones.

Escaped characters stand for themselves; while the syntax is looked for they are kept in a private
plane of Unicode, where nothing of the syntax can find them.
"""

import re
from collections.abc import Iterator

import msgspec

from courses.exchange.report import Report

_ESCAPED = {f"\\{mark}": chr(0xF0000 + ord(mark)) for mark in "~=#{}:\\"}
_ESCAPED["\\n"] = chr(0xF0000 + ord("\n"))
_MARKED = re.compile(r"\\[~=#{}:\\n]")
_HIDDEN = re.compile("[\U000f0000-\U000f007f]")
_TAG = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One question as it stands, its escaped characters hidden."""

    line: int
    text: str
    tags: tuple[str, ...]


def hidden(text: str) -> str:
    """A character of the private plane that was there already cannot be told from ours."""
    return _MARKED.sub(lambda found: _ESCAPED[found[0]], _HIDDEN.sub("\ufffd", text))


def shown(text: str) -> str:
    return _HIDDEN.sub(lambda found: chr(ord(found[0]) - 0xF0000), text)


def escaped(text: str) -> str:
    """For one line of GIFT."""
    return re.sub(r"[~=#{}:\\]", r"\\\g<0>", text).replace("\n", "\\n")


def tag_comment(tags: tuple[str, ...]) -> str:
    quoted = (re.sub(r"[\]\\]", r"\\\g<0>", tag).replace("\n", " ") for tag in tags)
    return "// " + " ".join(f"[tag:{tag}]" for tag in quoted)


def blocks(text: str, report: Report) -> Iterator[Block]:
    """Comments and categories are told as they are met."""
    lines: list[str] = []
    tags: list[str] = []
    start = 1
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        bare = line.strip()
        if bare.startswith("//"):
            tags += _comment(f"line {number}", bare, report)
        elif bare.startswith("$CATEGORY:"):
            zh = "题目归入所选文件夹的模块，分类未保留"
            en = "left out: items belong to the module of their folder"
            report.changed(f"line {number}", "category", zh, en)
        elif bare:
            start = start if lines else number
            lines.append(line)
        elif lines:
            yield Block(line=start, text=hidden("\n".join(lines)).strip(), tags=tuple(tags))
            lines, tags = [], []


def _comment(where: str, line: str, report: Report) -> list[str]:
    found = list(_TAG.finditer(line))
    for one in found:
        if one[1] == "id":
            zh, en = f"题号 {one[2]} 未保留", "left out: items have codes of their own"
            report.changed(where, "id", zh, en)
    rest = _TAG.sub("", line.lstrip("/")).strip()
    if rest:
        report.changed(where, "comment", "注释未保留", "left out: not part of a question")
    return [re.sub(r"\\(.)", r"\1", one[2]) for one in found if one[1] == "tag"]
