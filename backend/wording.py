"""What msgspec says of a wrong input, in words that tell a person what to correct."""

import re

_TYPES = {
    "str": "文本",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "object": "对象",
    "array": "列表",
    "null": "空",
}
_FIELD = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
MISSING_BODY = {
    "zh": "缺少请求内容，或不是 JSON 对象",
    "en": "is missing, or is no JSON object",
}
_NUMBER = "Expected `(?:int|float)`"
_MANY = "Expected `(?:array|object)` of length"
_TIME = "2026-03-02T09:00:00Z"
_RULES = [
    (r"missing required field `(?P<field>[^`]+)`", "is missing", "缺少此项"),
    (r"unknown field `(?P<field>[^`]+)`", "is not known here; leave it out", "未知字段，请删除"),
    (r"`str` of length >= (\d+)", "needs at least {0} characters", "至少需要 {0} 个字符"),
    (r"`str` of length <= (\d+)", "takes at most {0} characters", "最多 {0} 个字符"),
    (_MANY + r" >= (\d+)", "needs at least {0} entries", "至少需要 {0} 项"),
    (_MANY + r" <= (\d+)", "takes at most {0} entries", "最多 {0} 项"),
    (_NUMBER + r" >= (\S+)", "must be {0} or more", "不得小于 {0}"),
    (_NUMBER + r" <= (\S+)", "must be {0} or less", "不得大于 {0}"),
    (_NUMBER + r" > (\S+)", "must be more than {0}", "必须大于 {0}"),
    (_NUMBER + r" < (\S+)", "must be less than {0}", "必须小于 {0}"),
    (r"`str` matching regex", "is not written in the expected form", "格式不正确"),
    (r"UUID", "must be an id (UUID)", "必须是有效的编号（UUID）"),
    (r"RFC3339", f"must be a time such as {_TIME}", f"必须是时间，如 {_TIME}"),
    (r"Invalid enum value", "is not one of the allowed values", "不是允许的取值"),
    (r"Expected `([^`]+)`, got `([^`]+)`", "must be {0}, not {1}", "应为{0}，而不是{1}"),
]
"""(msgspec's message, English, Chinese): the first that fits is taken."""


def worded(field: str, message: str, language: str) -> tuple[str, str]:
    """(name of the field in camelCase, what to correct) for one of the framework's messages."""
    for pattern, en, zh in _RULES:
        if found := re.search(pattern, message):
            named = found.groupdict().get("field")
            groups = [_type(g, language) for g in found.groups()]
            return _joined(field, named), (zh if language == "zh" else en).format(*groups)
    if field == "body":
        return field, MISSING_BODY[language]
    return field, "格式不正确" if language == "zh" else "is not right"


def _joined(parent: str, field: str | None) -> str:
    if field is None:
        return parent
    if not _FIELD.fullmatch(field):
        field = "?"  # somebody's number in the place of a name is not repeated
    return field if parent in {"", "data", "body"} else f"{parent}.{field}"


def _type(text: str, language: str) -> str:
    names = text.split(" | ")
    if language != "zh":
        return " or ".join(names)
    return "或".join(_TYPES.get(name, name) for name in names)
