"""Items as a bank's file, in the shorthand of `courses.bank_files`, which reads them back alike."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from courses.items.item import Item, flat

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLACE = ("module", "topic")


def bank_text(items: Iterable[Item], place: Mapping[str, str]) -> str:
    """`place`: module and topic that the folder says already."""
    return "".join(f"[[items]]\n{_item(item, place)}\n" for item in items)


def _item(item: Item, place: Mapping[str, str]) -> str:
    fields = flat(item)
    fields = {
        name: value
        for name, value in fields.items()
        if not (name in _PLACE and value == place.get(name))
    }
    lines = []
    for name, value in fields.items():
        if name in {"options", "left", "right"}:
            lines += [f"{name}.{_key(one['id'])} = {_value(_said(one))}" for one in value]
        elif name == "key" and all(len(id_) == 1 for id_ in value):
            lines.append(f"key = {_value(''.join(value))}")
        else:
            lines.append(f"{name} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _said(choice: Mapping[str, Any]) -> object:
    rest = {name: value for name, value in choice.items() if name != "id"}
    return rest["text"] if set(rest) == {"text"} else rest


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: object) -> str:
    """TOML's inline forms. Its strings take JSON's escapes, but not a bare DEL."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        value = {**value, **value.get("interaction", {})}  # gaps and parts are flat, too
        value.pop("interaction", None)
        inner = ", ".join(f"{_key(str(name))} = {_value(one)}" for name, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
