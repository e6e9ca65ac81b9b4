"""Another key for an item, brought to a paper that shows its options in an order of its own."""

from collections.abc import Mapping, Sequence

import msgspec

from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    ShortText,
    Single,
    SubQuestion,
    TrueFalse,
)
from courses.items.rich_text import RichText

replace = msgspec.structs.replace


class OtherItem(ValueError):
    """The corrected item shows something else than the paper does: only its key may differ."""


def on_paper(shown: Interaction, corrected: Interaction) -> Interaction:
    """`shown` with the key of `corrected`. Elements that a draw numbers anew are known by their
    texts. Raises OtherItem."""
    match shown, corrected:
        case (
            (Single() | Multiple() | TrueFalse() | Ordering()),
            (Single() | Multiple() | TrueFalse() | Ordering()),
        ) if shown.kind == corrected.kind:
            now = _ids(corrected.options, shown.options)
            return replace(shown, key=tuple(now[id_] for id_ in corrected.key))
        case Matching(), Matching(pairs=pairs):
            left = _ids(corrected.left, shown.left)
            right = _ids(corrected.right, shown.right)
            return replace(shown, pairs={left[a]: right[b] for a, b in pairs.items()})
        case (Numeric(), Numeric()) | (ShortText(), ShortText()):
            return corrected
        case Cloze(gaps=gaps), Cloze(gaps=others):
            return replace(shown, gaps=_gaps(gaps, others))
        case Case(parts=parts), Case(parts=others):
            return replace(shown, parts=_parts(parts, others))
        case Essay(), Essay() if shown == corrected:
            return shown
    raise OtherItem


def _ids(corrected: Sequence[Choice], shown: Sequence[Choice]) -> Mapping[str, str]:
    """Id in the corrected item -> id on the paper."""
    here = [(one.text, one.id) for one in shown]
    if len(corrected) != len(here):
        raise OtherItem
    return {one.id: _only(one.text, here) for one in corrected}


def _only(text: RichText, here: Sequence[tuple[RichText, str]]) -> str:
    found = [id_ for other, id_ in here if other == text]
    if len(found) != 1:
        raise OtherItem
    return found[0]


def _gaps(shown: Sequence[Gap], corrected: Sequence[Gap]) -> tuple[Gap, ...]:
    others = {one.id: one for one in corrected}
    if set(others) != {one.id for one in shown}:
        raise OtherItem
    made = []
    for gap in shown:
        asked = on_paper(gap.interaction, others[gap.id].interaction)
        assert isinstance(asked, Single | Numeric | ShortText)
        made.append(replace(gap, interaction=asked))
    return tuple(made)


def _parts(
    shown: Sequence[SubQuestion], corrected: Sequence[SubQuestion]
) -> tuple[SubQuestion, ...]:
    others = {one.id: one for one in corrected}
    if set(others) != {one.id for one in shown}:
        raise OtherItem
    made = []
    for part in shown:
        asked = on_paper(part.interaction, others[part.id].interaction)
        assert not isinstance(asked, Case)
        made.append(replace(part, interaction=asked))
    return tuple(made)
