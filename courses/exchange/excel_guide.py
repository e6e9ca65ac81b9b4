"""Examples and explanations that stand in the workbook itself."""

from decimal import Decimal

from courses.items.interactions import (
    AcceptedNumber,
    AcceptedText,
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
    RubricLine,
    ShortText,
    Single,
    SubQuestion,
    TrueFalse,
    Unit,
)
from courses.items.item import Item
from courses.items.kinds import Citation, Difficulty, Level


def _choices(*texts: str, ids: str = "ABCDEFGH") -> tuple[Choice, ...]:
    return tuple(Choice(id=id_, text=text) for id_, text in zip(ids, texts, strict=False))


def _example(number: int, stem: str, asked: Interaction, explanation: str) -> Item:
    return Item(
        id=f"M02-{900 + number}",
        stem=stem,
        interaction=asked,
        explanation=explanation,
        citation=Citation(standard="知识产权认证管理办法", edition="2018"),
        module="M02",
        topic="诚信",
        level=Level.UNDERSTAND,
        difficulty=Difficulty.MIDDLE,
    )


EXAMPLE_ITEMS = (
    _example(
        1,
        "认证证书由谁颁发？",
        Single(options=_choices("认证机构", "申请组织", "咨询机构", "审核员"), key=("A",)),
        "认证证书由认证机构颁发。",
    ),
    _example(
        2,
        "审核中可以收集哪些证据？",
        Multiple(
            options=_choices("记录", "访谈", "现场观察", "未经核实的传闻"), key=("A", "B", "C")
        ),
        "证据应当可以核实。",
    ),
    _example(
        3,
        "为申请人提供咨询的人可以审核该申请人。",
        TrueFalse(options=_choices("正确", "错误", ids="TF"), key=("F",)),
        "咨询与认证必须分开。",
    ),
    _example(
        4,
        "把一次认证的步骤排成先后顺序。",
        Ordering(options=_choices("审核", "申请", "认证决定"), key=("B", "A", "C")),
        "先申请，再审核，后作决定。",
    ),
    _example(
        5,
        "为每项活动选出它的主体。",
        Matching(
            left=_choices("认证", "认可"),
            right=_choices("认证机构", "认可机构", "申请组织"),
            pairs={"A": "A", "B": "B"},
        ),
        "认证与认可的主体不同。",
    ),
    _example(
        6,
        "12 项中有 3 项不符合，占多少？",
        Numeric(
            accepted=(AcceptedNumber(value=Decimal(25), tolerance=Decimal("0.5")),),
            units=(Unit(symbol="%"),),
        ),
        "3 除以 12 为 25%。",
    ),
    _example(
        7,
        "由认证机构证明管理体系符合标准的活动叫什么？",
        ShortText(accepted=(AcceptedText(text="认证"), AcceptedText(text="评定", percent=50))),
        "该活动称为认证。",
    ),
    _example(
        8,
        "说明公正性为什么重要。",
        Essay(
            rubric=(
                RubricLine(id="A", text="说出利益冲突", weight=2),
                RubricLine(id="B", text="举出一例"),
            )
        ),
        "结论只有在作出者不从中获利时才可信。",
    ),
    _example(
        9,
        "认证证书由[[a]]颁发，有效期一般为[[b]]年，获证后接受[[c]]。",
        Cloze(
            gaps=(
                Gap(
                    id="a",
                    interaction=ShortText(accepted=(AcceptedText(text="认证机构"),)),
                    weight=2,
                ),
                Gap(
                    id="b",
                    interaction=Numeric(accepted=(AcceptedNumber(value=Decimal(3)),)),
                ),
                Gap(
                    id="c",
                    interaction=Single(
                        options=_choices("监督审核", "行政处罚", "入学考试"), key=("A",)
                    ),
                ),
            )
        ),
        "获证组织在有效期内接受监督审核。",
    ),
    _example(
        10,
        "某公司申请认证，审核员发现其知识产权手册未经批准即已发放。",
        Case(
            parts=(
                SubQuestion(
                    id="1",
                    stem="这首先涉及哪一方面？",
                    interaction=Single(
                        options=_choices("文件控制", "合同评审", "设备校准"), key=("A",)
                    ),
                    weight=2,
                ),
                SubQuestion(
                    id="2",
                    stem="审核员可以替公司改写手册。",
                    interaction=TrueFalse(options=_choices("正确", "错误", ids="TF"), key=("F",)),
                ),
            )
        ),
        "文件发放前应当得到批准；审核员不提供咨询。",
    ),
)

MEANINGS = (
    ("编号", "可不填；模块加序号，如 M02-101", "optional; module and number"),
    ("题型", "从下拉列表选择", "choose from the list"),
    ("题干", "纯文字；以 [html] 开头时可含格式", "plain words, or HTML after [html]"),
    ("选项A …", "排序题填各步骤，配对题写“左 => 右”", "steps to order; pairs as “left => right”"),
    ("选项A …（论述题）", "评分要点，权重写在后面：要点 ×2", "rubric lines, weight behind: ×2"),
    ("答案（选择、排序）", "选项字母，如 B、ACD、BAC", "letters: B, ACD, in order: BAC"),
    ("答案（判断）", "正确 或 错误", "正确 or 错误"),
    ("答案（数值）", "25±0.5；部分得分：30@50%；多个用 | 隔开", "25±0.5; part: 30@50%; | between"),
    ("答案（简答）", "可接受的答案用 | 隔开：认证|评定@50%", "accepted answers, | between"),
    ("答案（填空）", "每空一行：[[a]]×2 填空：甲|乙", "a line a gap; [[a]] in the stem says where"),
    (
        "答案（填空）的类型",
        "填空、填空（区分大小写）、数值、单选（* 正确项）",
        "* before the key",
    ),
    (
        "案例题",
        "一行写背景；其下每问一行，填案例编号与权重",
        "the story, then a row a question",
    ),
    ("答案（论述）", "参考答案，可不填", "a model answer, optional"),
    ("依据标准、标准版本、依据条款", "解析的出处；缺少时作为草稿导入", "the citation"),
    ("难度、层次、状态", "从下拉列表选择", "choose from the list"),
    ("小节", "考的是哪个小节：M02-L03", "the lesson that taught it"),
    ("孪生题组", "互相提示或重复的题写同样的名称", "one name for items no paper has two of"),
    ("锚题", "各版次保留、用来比较的题写“是”", "是: kept from edition to edition"),
    ("选项反馈", "每行一项：A：……", "a line an option: A: …"),
    ("单位", "%；换算：g=0.001；必须写单位：必写", "%; factor: g=0.001; 必写: needed"),
)
