"""Reading a criterion as it was frozen, also in the form of before there were so many kinds."""

from collections.abc import Mapping
from typing import Any

import msgspec

from backend.assessment.domain import Criterion
from courses.items.answers import Answer, Picked


def frozen(criterion: Criterion) -> bytes:
    """As it is kept and hashed: the same criterion is the same bytes."""
    return msgspec.json.encode(criterion, order="sorted")


_OF_FIRST_FORM = {"kind", "options"}


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
