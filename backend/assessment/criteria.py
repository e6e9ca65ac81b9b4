"""Reading a criterion as it was frozen, also in the form of before there were so many kinds."""

from collections.abc import Mapping, Sequence
from typing import Any, overload

import msgspec

from backend.assessment.domain import Criterion, PaperItem
from courses.items.answers import Answer, Picked


def frozen(criterion: Criterion) -> bytes:
    """As it is kept and hashed: the same criterion is the same bytes."""
    return msgspec.json.encode(criterion, order="sorted")


_decode = msgspec.json.Decoder(Criterion).decode
_decode_item = msgspec.json.Decoder(PaperItem).decode
_OF_FIRST_FORM = {"kind", "options"}


def thawed(kept: bytes) -> Criterion:
    """As `frozen` wrote it; what is of the first form is read more slowly."""
    try:
        return _decode(kept)
    except msgspec.ValidationError:
        return criterion_from(msgspec.json.decode(kept))


class _Sealed(msgspec.Struct):
    items: tuple[msgspec.Raw, ...]


_open = msgspec.json.Decoder(_Sealed).decode


class ItemsAsked(Sequence[PaperItem]):
    """Of a paper of which only an item or two are looked at: the others are not read."""

    def __init__(self, kept: bytes) -> None:
        self._items = _open(kept).items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, at: int) -> PaperItem: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[PaperItem]: ...
    def __getitem__(self, at: int | slice) -> PaperItem | Sequence[PaperItem]:
        if isinstance(at, slice):
            return [_decode_item(one) for one in self._items[at]]
        return _decode_item(self._items[at])


def items_of(kept: bytes) -> Sequence[PaperItem]:
    """Of a frozen criterion, in the order of the paper."""
    asked = ItemsAsked(kept)
    try:
        asked[0]
    except (msgspec.ValidationError, IndexError):
        return thawed(kept).items
    return asked


def criterion_from(stored: Mapping[str, Any]) -> Criterion:
    """From JSON. The first form had the key beside the items, and choices only."""
    if "key" in stored:
        stored = {
            "pass_mark": stored["pass_mark"],
            "total_points": stored["total_points"],
            "rules": {"multiple": stored["multiple_rule"]},
            "items": [_with_key(item, stored["key"][item["id"]]) for item in stored["items"]],
        }
    return msgspec.convert(stored, Criterion)


def _with_key(item: Mapping[str, Any], key: list[str]) -> dict[str, Any]:
    own = {name: value for name, value in item.items() if name not in _OF_FIRST_FORM}
    asked = {"kind": item["kind"], "options": item["options"], "key": key}
    return {**own, "interaction": asked}


def answer_from(stored: object) -> Answer:
    """From JSON. The first form was the list of the options picked."""
    if isinstance(stored, list):
        return Picked(picked=tuple(map(str, stored)))
    answer: Answer = msgspec.convert(stored, Answer)
    return answer
