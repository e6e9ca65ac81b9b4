"""Columns of the workbook that authors fill in, and the words they use for kinds and answers."""

import re
from collections.abc import Mapping

from courses.items.kinds import Kind

SHEET, EXAMPLES, GUIDE = "试题", "示例", "说明"
MOST_ROWS, MOST_COLUMNS = 20_000, 60
WIDEST = 1000
"""Empty cells that only carry a format may stand beyond the columns, up to here."""
KIND, STEM, ANSWER, EXPLANATION = "题型", "题干", "答案", "解析"
CODE, FEEDBACK, UNITS, CASE = "编号", "选项反馈", "单位", "区分大小写"
OF_CASE, WEIGHT = "案例编号", "权重"
"""Of a question of a case: the code in the row of its story, its share of the points."""
OPTION = re.compile(r"选项\s*([A-T])")
FILED: Mapping[str, str] = {
    "依据标准": "standard",
    "标准版本": "edition",
    "依据条款": "clause",
    "难度": "difficulty",
    "层次": "level",
    "知识点": "topic",
    "作者": "author",
    "状态": "status",
    "修订号": "version",
    "小节": "lesson",
    "孪生题组": "twin_group",
    "锚题": "anchor",
}
YES = "是"
KINDS: Mapping[Kind, str] = {
    Kind.SINGLE: "单选题",
    Kind.MULTIPLE: "多选题",
    Kind.TRUE_FALSE: "判断题",
    Kind.ORDERING: "排序题",
    Kind.MATCHING: "配对题",
    Kind.NUMERIC: "数值题",
    Kind.SHORT_TEXT: "简答题",
    Kind.ESSAY: "论述题",
    Kind.CLOZE: "填空题",
    Kind.CASE: "案例题",
}
STATUSES: Mapping[str, str] = {
    "draft": "草稿",
    "in-review": "审核中",
    "in-use": "启用",
    "practice": "练习",
    "retired": "停用",
}
TRUE_WORDS = {"正确", "对", "是", "√", "t", "true", "y"}
FALSE_WORDS = {"错误", "错", "否", "×", "x", "f", "false", "n"}
LETTERS = "ABCDEFGHIJKLMNOPQRST"


def headings(options: int) -> tuple[str, ...]:
    letters = [f"选项{letter}" for letter in LETTERS[:options]]
    more = (FEEDBACK, UNITS, CASE, OF_CASE, WEIGHT)
    return (CODE, KIND, STEM, *letters, ANSWER, EXPLANATION, *FILED, *more)


_PART = re.compile(r"(?:\\.|[^|｜\n\\]|\\$)+", re.DOTALL)
_SHARE = re.compile(r"((?:\\.|[^\\])*?)@\s*(\d{1,3})\s*%", re.DOTALL)


def parted(text: str) -> list[str]:
    r"""`甲|乙` at its bars; `\|`, `\@` and `\\` are the marks themselves."""
    return [part for found in _PART.finditer(text) if (part := found[0].strip())]


def with_percent(text: str) -> tuple[str, int]:
    """`认可@50%` as its words and percent."""
    found = _SHARE.fullmatch(text)
    words, percent = (found[1], int(found[2])) if found else (text, 100)
    return unquoted(words).strip(), percent


def unquoted(text: str) -> str:
    return re.sub(r"\\([|｜@\\])", r"\1", text)


def quoted(text: str) -> str:
    return re.sub(r"[|｜@\\]", r"\\\g<0>", text)
