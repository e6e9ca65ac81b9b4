"""Items as GIFT. What it has no form for is refused or told; its tags carry what it has no place
for, so that a bank comes back as it went."""

from collections.abc import Iterable
from decimal import Decimal

from courses.exchange.filing import tags_of
from courses.exchange.gift_text import escaped, tag_comment
from courses.exchange.markup_writing import as_html, no_image
from courses.exchange.report import Refused, Report
from courses.items.interactions import (
    AcceptedNumber,
    AcceptedText,
    Choice,
    Cloze,
    Essay,
    Interaction,
    Matching,
    Multiple,
    Numeric,
    ShortText,
    Single,
    TrueFalse,
)
from courses.items.item import Item
from courses.items.rich_text import RichText, images, plain

_AS_WRITTEN = {"T": "正确", "F": "错误"}


def write_gift(items: Iterable[Item], report: Report) -> str:
    written = []
    for item in items:
        with report.question(item.id):
            written.append(_Writer(item, report).question())
            report.imported(item.id, "question")
    return "".join(written)


class _Writer:
    def __init__(self, item: Item, report: Report) -> None:
        self.item, self.report = item, report

    def question(self) -> str:
        stem, tail = self._stem()
        general = f"####{self.text(self.item.explanation)}" if self.item.explanation else ""
        answers = self._answers(self.item.interaction)
        head = f"{tag_comment(tags_of(self.item))}\n::{escaped(self.item.id)}::"
        return f"{head}{stem}{{{answers}{general}}}{tail}\n\n"

    def text(self, text: RichText) -> str:
        for image in images(text):
            zh, en = f"图片以文字“{image.alt}”代替", f"only the words stay: {image.alt}"
            self.report.changed(self.item.id, "image", zh, en)
        if isinstance(text, str):
            return f"[plain]{escaped(text)}"
        return f"[html]{escaped(as_html(text, no_image))}"

    def words(self, text: RichText, element: str) -> str:
        """Where GIFT takes plain words only."""
        said = plain(text)
        if "->" in said or not isinstance(text, str):
            zh, en = "以纯文字写出", "written as plain words, -> as →"
            self.report.changed(self.item.id, element, zh, en)
        return escaped(said.replace("->", "→"))

    def _stem(self) -> tuple[str, str]:
        if not isinstance(self.item.interaction, Cloze):
            return self.text(self.item.stem), ""
        gaps = self.item.interaction.gaps
        if len(gaps) != 1 or not isinstance(self.item.stem, str):
            zh = "GIFT 只能表示一个空的纯文字填空题"
            raise Refused(zh, "GIFT has one gap at most, in plain words")
        before, _, after = self.item.stem.partition(f"[[{gaps[0].id}]]")
        if not after.strip():
            zh, en = "空在句末，改为简答或选择题", "a gap at the end becomes a question"
            self.report.changed(self.item.id, "gap", zh, en)
        return f"[plain]{escaped(before)}", escaped(after)

    def _answers(self, asked: Interaction) -> str:
        match asked:
            case Single() | Multiple():
                return "".join(self._option(one, asked) for one in asked.options)
            case TrueFalse():
                return self._true_false(asked)
            case Matching():
                return self._matching(asked)
            case Numeric():
                return self._numeric(asked)
            case ShortText(accepted=accepted):
                return self._short_text("".join(map(self._accepted, accepted)))
            case Cloze(gaps=(gap,)):
                return self._answers(gap.interaction)
            case Essay():
                return self._essay(asked)
        raise Refused(f"GIFT 没有题型 {asked.kind}", f"GIFT has no {asked.kind}")

    def _option(self, option: Choice, asked: Single | Multiple) -> str:
        right = option.id in asked.key
        if isinstance(asked, Single):
            mark = "=" if right else "~"
        else:
            share = f"{Decimal(100) / len(asked.key):.5f}".rstrip("0").rstrip(".")
            mark = f"~%{share}%" if right else "~%-100%"
        return mark + self.text(option.text) + self._feedback(option)

    def _feedback(self, one: Choice | AcceptedText | AcceptedNumber) -> str:
        return f"#{self.text(one.feedback)}" if one.feedback else ""

    def _true_false(self, asked: TrueFalse) -> str:
        options = {option.id: option for option in asked.options}
        if {id_: option.text for id_, option in options.items()} != _AS_WRITTEN:
            zh, en = "选项文字改为 正确/错误", "the options become true and false"
            self.report.changed(self.item.id, "option", zh, en)
        if set(options) != set(_AS_WRITTEN):
            raise Refused("判断题的选项不是 T 和 F", "its options are not T and F")
        right = asked.key[0]
        wrong = "F" if right == "T" else "T"
        said = [options[wrong].feedback or "", options[right].feedback or ""]
        return right + "".join(f"#{self.text(one)}" for one in said if any(said))

    def _matching(self, asked: Matching) -> str:
        right = {one.id: self.words(one.text, "right side") for one in asked.right}
        if any(one.feedback for one in (*asked.left, *asked.right)):
            zh, en = "配对题各项反馈未导出", "feedback of single pairs is left out"
            self.report.changed(self.item.id, "feedback", zh, en)
        pairs = [f"={self._left(one)} -> {right[asked.pairs[one.id]]}" for one in asked.left]
        extra = sorted(set(right) - set(asked.pairs.values()))
        return "".join((*pairs, *(f"= -> {right[one]}" for one in extra)))

    def _left(self, one: Choice) -> str:
        said = self.text(one.text)
        return said if "->" not in said else f"[plain]{self.words(one.text, 'left side')}"

    def _numeric(self, asked: Numeric) -> str:
        if asked.units:
            zh, en = "GIFT 不含单位", "GIFT has no units"
            self.report.changed(self.item.id, "unit", zh, en)
        said = []
        for one in asked.accepted:
            weight = "" if one.percent == 100 else f"%{one.percent}%"
            said.append(f"={weight}{one.value}:{one.tolerance}{self._feedback(one)}")
        return "#" + "".join(said)

    def _short_text(self, answers: str) -> str:
        if "->" in answers:
            raise Refused("GIFT 把 -> 读作配对", "GIFT takes -> in an answer for a pair")
        return answers

    def _accepted(self, one: AcceptedText) -> str:
        weight = f"%{one.percent}%"
        return f"={weight}{escaped(one.text.replace('*', chr(92) + '*'))}{self._feedback(one)}"

    def _essay(self, asked: Essay) -> str:
        said = [name for name in ("rubric", "model_answer") if getattr(asked, name)]
        said += ["limits"] if (asked.at_least, asked.at_most) != (0, 5000) else []
        for name in said:
            zh, en = f"GIFT 没有 {name} 的位置", f"GIFT has no place for {name}"
            self.report.changed(self.item.id, name, zh, en)
        return ""
