"""QTI: what each construct of its documentation becomes, element by element, in 3.0 and 2.2."""

import pytest

from courses.items.interactions import (
    Case,
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
    TrueFalse,
)
from courses.items.rich_text import Formula, Paragraph, Run, Table, paragraphs, plain
from tests.courses.exchange.qti_samples import (
    BAD,
    GOOD,
    MAP,
    MATCH,
    NEW,
    SCORE,
    SHOWN,
    as_2_2,
    asks,
    body,
    counted,
    earn,
    item,
    mapping,
    options,
    read,
    response,
    show,
)

ABC = options("simple-choice", "ABC")
CHOICE = asks("choice", ABC, 'shuffle="true" max-choices="1"')
PAIRS = "".join(
    f"<qti-simple-match-set>{options('simple-associable-choice', names)}</qti-simple-match-set>"
    for names in ("AB", "XYZ")
)
ABOUT = '<qti-variable identifier="RESPONSE"/>'
MASK = 'pattern-mask=".*"'
NUMBER = '<qti-base-value base-type="float">{}</qti-base-value>'


def modal(name: str, words: str) -> str:
    shown = f'outcome-identifier="SHOWN" identifier="{name}" show-hide="show"'
    return f"<qti-modal-feedback {shown}>{words}</qti-modal-feedback>"


def rules(*conditions: str) -> str:
    """Each: a test and what follows: `if`, then `else-if`; without a test, `else`."""
    made = ""
    for at, one in enumerate(conditions):
        name = "else" if one.startswith("<qti-set") else "else-if" if at else "if"
        made += f"<qti-response-{name}>{one}</qti-response-{name}>"
    condition = f"<qti-response-condition>{made}</qti-response-condition>"
    return f"<qti-response-processing>{condition}</qti-response-processing>"


CORRECT = f'<qti-match>{ABOUT}<qti-correct identifier="RESPONSE"/></qti-match>'
NEAR = f'<qti-equal tolerance-mode="absolute" tolerance="0.5 0.5">{ABOUT}{NUMBER}</qti-equal>'
CASES: dict[str, tuple[str, type[Interaction], str]] = {
    "a choice": (
        response("B") + body(f"<p>谁？</p>{CHOICE}") + MATCH,
        Single,
        "+response processing, +option ×3, +key, +qti-choice-interaction",
    ),
    "two options in their order are true or false": (
        response("T") + body(asks("choice", options("simple-choice", "TF"))) + MATCH,
        TrueFalse,
        "+response processing, +option ×2, +key, +qti-choice-interaction",
    ),
    "several options by a mapping of equal and of unequal shares, a limit, an order": (
        response("A B", cardinality="multiple", mapping=mapping("A=1", "B=2", "C=-3"))
        + body(asks("choice", ABC, 'max-choices="2"'))
        + MAP,
        Multiple,
        "+response processing, +mapping, ~weight ×2, +weight, +option ×3, +key ×2, "
        "~shuffle, ~max-choices, +qti-choice-interaction",
    ),
    "an order": (
        response("C A B", cardinality="ordered") + body(asks("order", ABC)) + MATCH,
        Ordering,
        "+response processing, +option ×3, +key, +qti-order-interaction",
    ),
    "pairs of two sets, with default and bounds": (
        response(
            "", "directedPair", "multiple", mapping("A X=1", "B X=1", more='default-value="-1"')
        )
        + body(asks("match", PAIRS))
        + MAP,
        Matching,
        "+response processing, ~mapping, +pair ×2, +extra right side ×2, +qti-match-interaction",
    ),
    "pairs of one set": (
        response("A:C B:D", "pair", "multiple")
        + body(asks("associate", options("simple-associable-choice", "ABCDE")))
        + MATCH,
        Matching,
        "+response processing, ~associate, +pair ×2, +extra right side, +qti-associate-interaction",
    ),
    "words to drag into a text": (
        response("A:g2 B:g1", "directedPair", "multiple")
        + body(
            asks(
                "gap-match",
                options("gap-text", "ABC")
                + '<p>由<qti-gap identifier="g1"/>到<qti-gap identifier="g2"/></p>',
            )
        )
        + MATCH,
        Cloze,
        "+response processing, +option ×3, +qti-gap-match-interaction, +gap ×2",
    ),
    "words to pick in a text": (
        response("B") + body(asks("hottext", f"<p>看{options('hottext', 'ABC')}</p>")) + MATCH,
        Single,
        "+response processing, ~hottext, +option ×3, +key, +qti-hottext-interaction",
    ),
    "a text entry alone": (
        response("", "string", mapping=mapping("认证=2", "认可=1"))
        + body(f"<p>叫什么？</p><p>{asks('text-entry', more=MASK)}</p>")
        + MAP,
        ShortText,
        "+response processing, +mapping, +qti-text-entry-interaction, +answer ×2, ~pattern-mask",
    ),
    "a number with tolerance, and one that earns half": (
        response("12", "float")
        + body(f"<p>多少？</p><p>{asks('text-entry')}</p>")
        + rules(
            NEAR.format(12) + earn(2),
            f"<qti-and><qti-gte>{ABOUT}{NUMBER}</qti-gte>".format(1)
            + f"<qti-lte>{ABOUT}{NUMBER}</qti-lte></qti-and>".format(3)
            + earn(1),
            earn(0),
        ),
        Numeric,
        "+response processing, +qti-text-entry-interaction, +answer ×2",
    ),
    "gaps of two types in a sentence": (
        response("3", "integer")
        + response("B", name="R2")
        + body(
            f"<p>共{asks('text-entry')}份，由"
            f"{asks('inline-choice', options('inline-choice', 'ABC'), name='R2')}发</p>"
        ),
        Cloze,
        "~response processing, +qti-text-entry-interaction, +answer, +gap, "
        "~response processing, +qti-inline-choice-interaction, +option ×3, +key, +gap",
    ),
    "an essay with a scorer's rubric and a tutor's": (
        response("答案", "string")
        + body(
            '<qti-rubric-block view="scorer">看条款</qti-rubric-block>'
            '<qti-rubric-block view="tutor">别说</qti-rubric-block>'
            '<qti-rubric-block view="candidate">请写</qti-rubric-block>'
            + asks("extended-text", more='expected-length="200"')
        ),
        Essay,
        "~rubric block ×2, +qti-extended-text-interaction, ~expected-length, "
        "+model answer, +rubric",
    ),
    "several questions about a story": (
        response("B")
        + response("C A B", cardinality="ordered", name="R2")
        + response("甲", "string", name="R3")
        + body(
            f"<p>故事</p><div>{CHOICE}<p>再排</p>{asks('order', ABC, name='R2')}</div>"
            f"<p>叫{asks('text-entry', name='R3')}</p>"
        ),
        Case,
        "~response processing, +option ×3, +key, +qti-choice-interaction, "
        "~response processing, +option ×3, +key, +qti-order-interaction, "
        "~response processing, +qti-text-entry-interaction, +answer, +gap, +part ×3",
    ),
}


@pytest.mark.parametrize("older", [False, True], ids=["as 3.0", "as 2.2"])
@pytest.mark.parametrize(("within", "kind", "asked"), CASES.values(), ids=CASES.keys())
def test_each_construct_is_counted(
    within: str, kind: type[Interaction], asked: str, older: bool
) -> None:
    text = item(within)
    (made,), lines = read(as_2_2(text) if older else text)
    assert type(made.interaction) is kind
    # Without explanation, citation and level, what comes is a draft, under a code of ours.
    assert lines == counted(f"{asked}, +stem, ~question, ~name")


def test_keys_points_and_texts_are_those_of_the_sample() -> None:
    asked = {name: read(item(within))[0][0] for name, (within, _, _) in CASES.items()}
    found = {name: one.interaction for name, one in asked.items()}
    order, pairs = found["an order"], found["pairs of one set"]
    assert isinstance(order, Ordering)
    assert order.key == ("C", "A", "B")
    assert isinstance(pairs, Matching)
    assert pairs.pairs == {"A": "C", "B": "D"}
    number = found["a number with tolerance, and one that earns half"]
    assert isinstance(number, Numeric)
    first, half = number.accepted
    assert f"{first.value} {first.tolerance} {first.percent}" == "12 0.5 100"
    assert f"{half.value} {half.tolerance} {half.percent}" == "2 1 50"
    text = found["a text entry alone"]
    assert isinstance(text, ShortText)
    assert text.case_matters
    assert [(one.text, one.percent) for one in text.accepted] == [("认证", 100), ("认可", 50)]
    dragged = asked["words to drag into a text"]
    assert dragged.stem == "由[[g1]]到[[g2]]"
    assert isinstance(dragged.interaction, Cloze)
    assert [_key(gap) for gap in dragged.interaction.gaps] == ["B", "A"]
    case = asked["several questions about a story"]
    assert isinstance(case.interaction, Case)
    assert case.stem == "故事"
    assert [plain(part.stem) for part in case.interaction.parts] == ["", "再排", "叫[[R3]]"]
    essay = found["an essay with a scorer's rubric and a tutor's"]
    assert isinstance(essay, Essay)
    assert (essay.at_most, essay.model_answer, essay.rubric[0].text) == (200, "答案", "看条款")


def _key(gap: Gap) -> str:
    assert isinstance(gap.interaction, Single)
    return gap.interaction.key[0]


def test_feedback_goes_to_the_option_or_explains() -> None:
    inline = (
        '<qti-feedback-inline outcome-identifier="SHOWN" identifier="B">近了</qti-feedback-inline>'
    )
    choice = CHOICE.replace("说B", f"说B{inline}")
    chosen = '<qti-member><qti-base-value base-type="identifier">C</qti-base-value>' + ABOUT
    processing = rules(CORRECT + earn(1) + show("right"), earn(0) + show("wrong")).replace(
        "</qti-response-processing>",
        f"<qti-response-condition><qti-response-if>{chosen}</qti-member>{show('ofC')}"
        f"</qti-response-if></qti-response-condition>{show('always')}"
        "</qti-response-processing>",
    )
    modals = [modal("ofC", "不对"), modal("always", "解析"), modal("right", "好")]
    within = response("A") + SCORE + SHOWN + body(choice) + processing + "".join(modals)
    (made,), lines = read(item(within + modal("never", "从不")))
    assert isinstance(made.interaction, Single)
    assert [one.feedback for one in made.interaction.options][1:] == ["近了", "不对"]
    assert plain(made.explanation) == "解析\n好\n从不"
    fed = [line for line in lines if "feedback" in line[0]]
    assert fed == counted("+modal feedback, ~modal feedback ×2, +feedback ×2")


VARIABLE = '<qti-template-declaration identifier="N" cardinality="single" base-type="integer"/>'
AREA = MATCH.replace("match_correct.xml", "map_response_point.xml")
OWN = MATCH.split()[0] + '><qti-set-outcome-value identifier="SCORE">{}</qti-set-outcome-value>'
OWN += "</qti-response-processing>"
REFUSED = {
    "areas of an image": response("A") + body(asks("hotspot")) + AREA,
    "choosing on an image": response("A") + body(asks("hotspot")) + MATCH,
    "a slider": response("5", "integer") + body(asks("slider")) + MATCH,
    "a file": response("", "file") + body(asks("upload")),
    "code of its own": response("A") + body(asks("portable-custom")) + MATCH,
    "numbers that differ": VARIABLE + response("A") + body(CHOICE) + MATCH,
    "words that differ": response("A")
    + body(f'<p><qti-printed-variable identifier="N"/></p>{CHOICE}')
    + MATCH,
    "nothing asked": body("<p>说明</p>"),
    "no body": response("A"),
    "an answer declared nowhere": body(CHOICE) + MATCH,
    "one answer asked for twice": response("A") + body(CHOICE + CHOICE) + MATCH,
    "two answers of one name": response("A") + response("B") + body(CHOICE) + MATCH,
    "no key": response("") + body(CHOICE) + MATCH,
    "a key that is no option": response("Z") + body(CHOICE) + MATCH,
    "options of one name": response("A") + body(asks("choice", ABC + ABC)) + MATCH,
    "an order of some": response("A", cardinality="ordered") + body(asks("order", ABC)) + MATCH,
    "a left side without a right one": response("A:X", "directedPair", "multiple")
    + body(asks("match", PAIRS))
    + MATCH,
    "a mapping without points": response("", mapping=mapping("A=0")) + body(CHOICE) + MAP,
    "a mapping that is no number": response("", mapping=mapping("A=多")) + body(CHOICE) + MAP,
    "a bound that is no number": response("A", mapping=mapping("A=1", more='upper-bound="多"'))
    + body(CHOICE)
    + MAP,
    "a template of another's": response("A") + body(CHOICE) + MATCH.replace("match_", "my_"),
    "processing that computes": response("A") + body(CHOICE) + OWN.format("<qti-random/>"),
    "processing that runs code": response("A")
    + body(CHOICE)
    + OWN.format("<qti-custom-operator/>"),
    "points whatever one answers": response("A") + body(CHOICE) + rules(CORRECT + earn(1), earn(1)),
    "ends of a range that do not count": response("3", "float")
    + body(asks("text-entry"))
    + rules(
        NEAR.format(3).replace("<qti-equal", '<qti-equal include-lower-bound="false"') + earn(1)
    ),
    "a question in a table": response("A") + body(f"<table><tr><td>{CHOICE}</td></tr></table>"),
    "a gap in a prompt": response("A")
    + response("B", name="R2")
    + body(asks("choice", f"<qti-prompt>{asks('text-entry', name='R2')}</qti-prompt>{ABC}")),
    "a condition that asks nothing": response("A") + body(CHOICE) + rules("<qti-and/>" + earn(1)),
    "a stimulus in another file": '<qti-assessment-stimulus-ref identifier="S" href="s.xml"/>'
    + response("A")
    + body(CHOICE),
}


@pytest.mark.parametrize("within", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_come_is_refused_with_its_reason(within: str) -> None:
    items, lines = read(item(within))
    assert items == []
    assert lines[-1] == ("question", BAD)
    assert {outcome for _, outcome in lines} == {BAD}


def test_texts_come_with_tables_formulas_and_marks() -> None:
    math = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="a 平方除以二">'
        "<mfrac><msup><mi>a</mi><mn>2</mn></msup><mn>2</mn></mfrac></math>"
    )
    table = (
        "<table><tr><th>甲</th></tr><tr><td><b>乙</b> &lt;x&gt; <![CDATA[<y>]]></td></tr></table>"
    )
    text = f"<p>求{math}</p>{table}<script>x</script><qti-other>y</qti-other>{CHOICE}"
    (made,), lines = read(item(response("A") + body(text) + MATCH))
    line, rows = paragraphs(made.stem)
    formula = Formula(latex=r"\frac{{a}^{2}}{2}", alt="a 平方除以二")
    assert line == Paragraph(content=(Run(text="求"), formula))
    assert isinstance(rows, Table)
    assert rows.header_rows == 1
    assert plain((rows,)) == "甲\n乙 <x> <y>"
    assert {("<script>", NEW), ("<qti-other>", NEW), ("formula", GOOD)} <= {*lines}


def test_settings_that_have_no_place_are_told_once_each() -> None:
    within = options("simple-choice", "ABC", 'template-identifier="T" weight="2"')
    asked = asks("choice", within, 'shuffle="true" orientation="horizontal" min-choices="1"')
    _, lines = read(item(response("A") + body(asked) + MATCH, more='title="第一题"'))
    assert lines[-6:-3] == counted(
        "~title, ~<qti-choice-interaction>@orientation, ~<qti-simple-choice>@weight"
    )


def test_whatever_an_item_has_besides_is_named() -> None:
    besides = (
        '<qti-context-declaration identifier="C"/><qti-stylesheet href="a.css"/><qti-catalog-info/>'
    )
    within = response("A") + response("B", name="R9") + body(CHOICE) + MATCH + besides
    _, lines = read(item(within, "M02-007", 'xml:lang="en" time-dependent="true"'))
    assert lines[-9:] == counted(
        "~response-declaration, ~language, ~time-dependent, ~<qti-context-declaration>, "
        "~<qti-stylesheet>, ~<qti-catalog-info>, +stem, ~question, +name"
    )
