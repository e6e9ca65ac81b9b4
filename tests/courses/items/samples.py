"""An item of every kind, and the answers that earn all of its points."""

from decimal import Decimal

from courses.format import CheckQuestion, Option
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
    AcceptedNumber,
    AcceptedText,
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    GapInteraction,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    PartInteraction,
    RubricLine,
    ShortText,
    Single,
    SubQuestion,
    TrueFalse,
    Unit,
)
from courses.items.item import Item
from courses.items.kinds import Citation, Level
from courses.items.rich_text import RichText


def key_of(question: CheckQuestion | Item) -> tuple[str, ...]:
    """Of a choice."""
    if isinstance(question, CheckQuestion):
        return question.key
    assert isinstance(question.interaction, Single | Multiple | TrueFalse)
    return question.interaction.key


def options_of(question: CheckQuestion | Item) -> tuple[Choice, ...] | tuple[Option, ...]:
    """Of a choice."""
    if isinstance(question, CheckQuestion):
        return question.options
    assert isinstance(question.interaction, Single | Multiple | TrueFalse)
    return question.interaction.options


def choices(ids: str, word: str = "说法") -> tuple[Choice, ...]:
    return tuple(Choice(id=id_, text=f"{word}{id_}", feedback=f"反馈{id_}") for id_ in ids)


SINGLE = Single(options=choices("ABCD"), key=("B",))
MULTIPLE = Multiple(options=choices("ABCDE"), key=("A", "C", "D"))
TRUE_FALSE = TrueFalse(options=choices("TF"), key=("F",))
ORDERING = Ordering(options=choices("ABCD"), key=("C", "A", "D", "B"))
MATCHING = Matching(
    left=choices("ABC"), right=choices("wxyz", "对应"), pairs={"A": "x", "B": "y", "C": "x"}
)
NUMERIC = Numeric(
    accepted=(
        AcceptedNumber(value=Decimal("0.3"), tolerance=Decimal("0.1")),
        AcceptedNumber(value=Decimal("0.3"), tolerance=Decimal("0.2"), percent=50),
    ),
    units=(Unit(symbol="kg"), Unit(symbol="g", factor=Decimal("0.001"))),
)
BARE = Numeric(accepted=(AcceptedNumber(value=Decimal(1200)),))
SHORT_TEXT = ShortText(
    accepted=(
        AcceptedText(text="知识产权证"),
        AcceptedText(text="IP certificate"),
        AcceptedText(text="GB/T 29490-2023", percent=50),
    )
)
CLOZE = Cloze(
    gaps=(
        Gap(id="a", interaction=SHORT_TEXT, weight=2),
        Gap(id="b", interaction=BARE),
        Gap(id="c", interaction=SINGLE),
    )
)
ESSAY = Essay(rubric=(RubricLine(id="1", text="指出不符合的条款"),), at_most=400)
CASE = Case(
    parts=(
        SubQuestion(id="1", stem="哪一项不符合？", interaction=SINGLE, weight=3),
        SubQuestion(id="2", stem="哪些是证据？", interaction=MULTIPLE, weight=3),
        SubQuestion(id="3", stem="一年有[[a]]，[[b]]，[[c]]。", interaction=CLOZE, weight=4),
        SubQuestion(id="4", stem="排序。", interaction=ORDERING, explanation="秘密解析"),
    )
)
MACHINE_MARKED: dict[str, Interaction] = {
    one.kind.value: one
    for one in (
        *(SINGLE, MULTIPLE, TRUE_FALSE, ORDERING, MATCHING, NUMERIC, SHORT_TEXT, CLOZE, CASE),
    )
}
EVERY = {**MACHINE_MARKED, "essay": ESSAY}
GAPPED: RichText = "证书叫[[a]]，共[[b]]份，属于[[c]]。"


def an_item(interaction: Interaction, id: str = "M02-900") -> Item:
    return Item(
        id=id,
        stem=GAPPED if interaction.kind == "cloze" else f"关于{interaction.kind}的题",
        interaction=interaction,
        explanation="因为办法这样规定。",
        citation=Citation(standard="GB/T 29490", edition="2023", clause="9.2"),
        module="M02",
        topic="诚信",
        level=Level.APPLY,
    )


def full(interaction: Interaction) -> Answer:
    """The answer that earns all points."""
    if isinstance(interaction, Case):
        return Parts(parts={part.id: of_part(part.interaction) for part in interaction.parts})
    return of_part(interaction)


def of_part(interaction: PartInteraction) -> PartAnswer:
    match interaction:
        case Multiple(key=key) | TrueFalse(key=key):
            return Picked(picked=key)
        case Ordering(key=key):
            return Ordered(order=key)
        case Matching(pairs=pairs):
            return Paired(pairs=dict(pairs))
        case Cloze(gaps=gaps):
            return Filled(gaps={gap.id: of_gap(gap.interaction) for gap in gaps})
        case Essay():
            return Written(text="论述")
        case _:
            return of_gap(interaction)


def of_gap(interaction: GapInteraction) -> GapAnswer:
    match interaction:
        case Single(key=key):
            return Picked(picked=key)
        case Numeric(accepted=accepted):
            return Number(value=str(accepted[0].value))
        case ShortText(accepted=accepted):
            return Written(text=accepted[0].text)
