"""Characters that no format carries: XML forbids them, a workbook spells them out as `_x0001_`."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from courses.exchange.report import Refused

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def refuse_controls(told: object) -> None:
    """Of an item or a part of one, in any text. Raises Refused."""
    if any(_CONTROL.search(text) for text in _texts(msgspec.to_builtins(told))):
        zh = "含有看不见的控制字符，任何格式都不能承载，请删除"
        raise Refused(zh, "a control character, which no format can carry: delete it")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
