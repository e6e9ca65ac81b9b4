"""Strategies: answers a learner could give to an item, and any at all that a client could send."""

from hypothesis import strategies as st

from courses.items.answers import (
    Answer,
    Filled,
    GapAnswer,
    Number,
    Ordered,
    Paired,
    PartAnswer,
    Parts,
    Picked,
    Written,
)
from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    GapInteraction,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    PartInteraction,
    ShortText,
    Single,
    TrueFalse,
)

NUMBERS = st.text("0123.,-−３．e gk", max_size=8)
WORDS = st.text(max_size=8)


def ids_of(choices: tuple[Choice, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from([choice.id for choice in choices])


def answers_to(asked: Interaction) -> st.SearchStrategy[Answer]:
    if isinstance(asked, Case):
        each = {part.id: answers_to_part(part.interaction) for part in asked.parts}
        return st.builds(Parts, parts=st.fixed_dictionaries({}, optional=each))
    return answers_to_part(asked)


def answers_to_part(asked: PartInteraction) -> st.SearchStrategy[PartAnswer]:
    match asked:
        case Multiple(options=options) | TrueFalse(options=options):
            picked = st.lists(ids_of(options), unique=True).map(tuple)
            return st.builds(Picked, picked=picked)
        case Ordering(options=options):
            order = st.permutations([option.id for option in options]).map(tuple)
            return st.builds(Ordered, order=order)
        case Matching(left=left, right=right):
            return st.builds(Paired, pairs=st.dictionaries(ids_of(left), ids_of(right)))
        case Cloze(gaps=gaps):
            each = {gap.id: answers_to_gap(gap.interaction) for gap in gaps}
            return st.builds(Filled, gaps=st.fixed_dictionaries({}, optional=each))
        case Essay():
            return st.builds(Written, text=WORDS)
        case _:
            return answers_to_gap(asked)


def answers_to_gap(asked: GapInteraction) -> st.SearchStrategy[GapAnswer]:
    match asked:
        case Single(options=options):
            picked = st.lists(ids_of(options), unique=True, max_size=2).map(tuple)
            return st.builds(Picked, picked=picked)
        case Numeric():
            return st.builds(Number, value=NUMBERS | WORDS, unit=st.sampled_from(["", "g", "kg"]))
        case ShortText(accepted=accepted):
            known = st.sampled_from([one.text for one in accepted])
            return st.builds(Written, text=known | WORDS)


_IDS = st.text("ABCTFwx1", min_size=1, max_size=2)
_SIMPLE: list[st.SearchStrategy[GapAnswer]] = [
    st.builds(Picked, picked=st.lists(_IDS, max_size=5).map(tuple)),
    st.builds(Number, value=WORDS | NUMBERS, unit=st.text(max_size=5)),
    st.builds(Written, text=WORDS),
]


_PARTS: st.SearchStrategy[PartAnswer] = st.one_of(
    *_SIMPLE,
    st.builds(Ordered, order=st.lists(_IDS, max_size=6).map(tuple)),
    st.builds(Paired, pairs=st.dictionaries(_IDS, _IDS, max_size=3)),
    st.builds(Filled, gaps=st.dictionaries(st.sampled_from("abcz"), st.one_of(*_SIMPLE))),
)
ANY_ANSWER: st.SearchStrategy[Answer] = _PARTS | st.builds(
    Parts, parts=st.dictionaries(st.sampled_from("12349"), _PARTS, max_size=3)
)
