"""What a learner answers, one type for each way of answering. Bounded, since it comes from outside.

A number stays the text that was typed: reading it is part of marking it, and the evidence shows
what the learner wrote.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from courses.items.interactions import MOST_CHARACTERS, OptionId
from courses.items.rich_text import GapId


class _Answer(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True
):
    pass


class Picked(_Answer, frozen=True, kw_only=True, tag="choice"):
    """Options of a single or multiple choice, or of true and false; their order is nothing."""

    picked: Annotated[tuple[OptionId, ...], Meta(max_length=20)]


class Ordered(_Answer, frozen=True, kw_only=True, tag="order"):
    order: Annotated[tuple[OptionId, ...], Meta(max_length=20)]


class Paired(_Answer, frozen=True, kw_only=True, tag="pairs"):
    """Left id -> right id, of those paired so far."""

    pairs: Annotated[dict[OptionId, OptionId], Meta(max_length=20)]


class Number(_Answer, frozen=True, kw_only=True, tag="number"):
    """`value` may end in the unit; `unit` is for pages that ask for it apart."""

    value: Annotated[str, Meta(max_length=64)]
    unit: Annotated[str, Meta(max_length=32)] = ""


class Written(_Answer, frozen=True, kw_only=True, tag="text"):
    text: Annotated[str, Meta(max_length=MOST_CHARACTERS)]


GapAnswer = Picked | Number | Written


class Filled(_Answer, frozen=True, kw_only=True, tag="gaps"):
    """By gap, of those filled so far."""

    gaps: Annotated[dict[GapId, GapAnswer], Meta(max_length=30)]


PartAnswer = Picked | Ordered | Paired | Number | Written | Filled


class Parts(_Answer, frozen=True, kw_only=True, tag="parts"):
    """By question of the case, of those answered so far."""

    parts: Annotated[dict[GapId, PartAnswer], Meta(max_length=20)]


Answer = PartAnswer | Parts


def blank(answer: Answer | None) -> bool:
    """Whether nothing was answered; an ideographic space is nothing, too."""
    match answer:
        case None:
            return True
        case Picked(picked=given) | Ordered(order=given) | Paired(pairs=given):
            return not given
        case Number(value=text) | Written(text=text):
            return not text.strip()
        case Filled(gaps=answers) | Parts(parts=answers):
            return all(blank(one) for one in answers.values())


def settled(answer: Answer) -> Answer:
    """The same answer is kept as the same bytes: options picked are a set, not a list."""
    if isinstance(answer, Picked):
        return Picked(picked=tuple(sorted(set(answer.picked))))
    return answer
