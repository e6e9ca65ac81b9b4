"""Items as authors write them: short, flat tables, spelled out here for the typed model.

`options.A = "…"` or `{ text = "…", feedback = "…" }`; `key = "AC"`; `accepted = ["认证", "认可"]`;
`units = { "%" = "0.01" }`; the questions of a case and the gaps of a cloze are tables of their own.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from courses.authored import Authored
from courses.format import Kind
from courses.items.interactions import BY_KIND, Gap, Single, SubQuestion
from courses.items.item import Item, gathered

Table = dict[str, Any]
RIGHT_OR_WRONG = [{"id": "T", "text": "正确"}, {"id": "F", "text": "错误"}]
_CHOICES = ("options", "left", "right")


def items_of(file: Authored, module: Table) -> list[Item]:
    """The items of one bank; `module`: its module.toml, which says module and topic."""
    place = {"module": module.get("code"), "topic": module.get("topic")}
    found = []
    for at, table in enumerate(file.each("items")):
        known = {**place, **spelled_out(table)}
        built = file.build(_flat_shape(table.get("kind")), known, header="items", nth=at)
        if built is not None:
            found.append(msgspec.convert(gathered(msgspec.to_builtins(built)), Item))
    return found


def _flat_shape(kind: object) -> type[msgspec.Struct]:
    """All fields of an item of this kind side by side, so that one reading finds every fault."""
    return _shape(Kind(kind) if isinstance(kind, str) and kind in {*Kind} else Kind.SINGLE)


@cache
def _shape(kind: Kind) -> type[msgspec.Struct]:
    asked = msgspec.structs.fields(BY_KIND.get(kind, Single))
    own = [field for field in msgspec.structs.fields(Item) if field.name != "interaction"]
    fields: list[Any] = [("kind", Kind)]
    for field in (*own, *asked):
        default = () if field.required else (field.default,)
        fields.append((field.name, field.type, *default))
    return msgspec.defstruct(f"{kind.name.title()}Item", fields, kw_only=True)


def spelled_out(table: Table) -> Table:
    """The author's shorthand in full; what is not understood stays as it is, to be reported."""
    spelled = dict(table)
    if table.get("kind") == Kind.TRUE_FALSE:
        spelled.setdefault("options", RIGHT_OR_WRONG)
    for name in _CHOICES:
        if isinstance(choices := spelled.get(name), Mapping):
            spelled[name] = [_choice(id_, said) for id_, said in choices.items()]
    if isinstance(key := table.get("key"), str):
        spelled["key"] = list(key)
    if isinstance(units := table.get("units"), Mapping):
        spelled["units"] = [{"symbol": unit, "factor": factor} for unit, factor in units.items()]
    if isinstance(accepted := table.get("accepted"), list):
        name = "value" if table.get("kind") == Kind.NUMERIC else "text"
        spelled["accepted"] = [_table_of(name, one) for one in accepted]
    for name, shape in (("gaps", Gap), ("parts", SubQuestion)):
        if isinstance(within := table.get(name), list):
            spelled[name] = [_nested(one, shape) for one in within]
    return spelled


def _choice(id_: str, said: object) -> Table:
    return {"id": id_, **_table_of("text", said)}


def _table_of(name: str, said: object) -> Table:
    return dict(said) if isinstance(said, Mapping) else {name: said}


def _nested(table: object, shape: type[msgspec.Struct]) -> object:
    """A gap or a question of a case: its own fields, and what it asks for in a part of its own."""
    if not isinstance(table, Mapping):
        return table
    own = set(shape.__struct_fields__) - {"interaction"}
    asked = {name: value for name, value in table.items() if name not in own}
    return {
        **{name: value for name, value in table.items() if name in own},
        "interaction": spelled_out(asked),
    }
