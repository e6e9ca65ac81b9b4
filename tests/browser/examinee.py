"""A learner at the door of the exam, and a paper with an item of every kind."""

import asyncio
import hashlib
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec

from backend.assessment.criteria import frozen
from backend.assessment.domain import Criterion, PaperItem
from backend.assessment.practice.domain import PracticeItem, PracticePaper
from backend.curriculum import pictures
from backend.demo.answers import Answers
from backend.progress.bitmap import Bitmap
from courses.items.interactions import (
    Case,
    Choice,
    Cloze,
    Essay,
    Gap,
    Interaction,
    Multiple,
    RubricLine,
    Single,
    SubQuestion,
)
from courses.items.kinds import Citation
from courses.items.marking_rules import MarkingRules
from courses.items.rich_text import (
    Formula,
    Image,
    Line,
    MediaType,
    Paragraph,
    RichText,
    Run,
    Script,
    Table,
)
from infra.ids import uuid7
from infra.objects import ObjectStore
from tests.backend.curriculum.test_pictures import PNG, SHA256, folder_with
from tests.browser.people import newcomer, token_of
from tests.courses.items.samples import (
    BARE,
    MATCHING,
    NUMERIC,
    ORDERING,
    SHORT_TEXT,
    SINGLE,
    TRUE_FALSE,
    choices,
)
from tests.live import Live

_WATCHED = """
UPDATE lesson_watch SET watched = $2, watched_seconds = duration_seconds, needs_reading_seconds = 0
WHERE id = $1
"""
_DUE = "UPDATE exam_attempt SET due_at = now() + $2 WHERE id = $1"
_PRACTICE = """
INSERT INTO practice_paper (id, learner_id, enrolment_id, paper, started_at)
VALUES ($1, $2, $3, $4, now())
"""
_PAPER = "UPDATE exam_attempt SET criterion = $2, criterion_sha256 = $3 WHERE id = $1"


def in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """For this one has a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def write(live: Live, *statements: tuple[Any, ...]) -> None:
    async def run() -> None:
        database = await asyncpg.connect(live.running.environment["DATABASE_URL"])
        for statement, *arguments in statements:
            await database.execute(statement, *arguments)
        await database.close()

    in_a_thread(run())


async def _keep_image(live: Live) -> None:
    store = ObjectStore.from_url(live.running.environment["OBJECTS_URL"])
    with TemporaryDirectory() as name:
        await pictures.keep(folder_with(Path(name), a=PNG), store)


class Examinee:
    """Has watched the demonstration's lesson, as far as the server knows."""

    def __init__(self, live: Live) -> None:
        self.live, self.login = live, newcomer(live)
        bearer = {"Authorization": f"Bearer {token_of(live, self.login)}"}
        with httpx.Client(base_url=live.base_url, headers=bearer) as api:
            enrolled = api.post("/v1/enrolments", json={"programme": "DEMO"})
            self.enrolment = enrolled.raise_for_status().json()["id"]
            lesson = {"enrolmentId": self.enrolment, "lesson": "M02-L01"}
            session = api.post("/v1/play-sessions", json=lesson).raise_for_status().json()
            self._watch(session["durationSeconds"])
            answers = Answers.of_this_installation().for_lesson("M02-L01")
            body = {"enrolmentId": self.enrolment, "answers": answers}
            assert api.post("/v1/lessons/M02-L01/check", json=body).json()["passed"]

    def _watch(self, seconds: int) -> None:
        whole = Bitmap().set_range(0, seconds).to_bytes(seconds)
        newest = "(SELECT id FROM lesson_watch WHERE enrolment_id = $1)"
        write(self.live, (_WATCHED.replace("$1", newest), UUID(self.enrolment), whole))

    def begin(self, paper: Criterion) -> str:
        """The attempt, drawn as any other is; then it is given this paper."""
        bearer = {"Authorization": f"Bearer {token_of(self.live, self.login)}"}
        with httpx.Client(base_url=self.live.base_url, headers=bearer) as api:
            begun = api.post("/v1/attempts", json={"enrolmentId": self.enrolment})
        attempt: str = begun.raise_for_status().json()["id"]
        in_a_thread(_keep_image(self.live))
        content = frozen(paper)
        sha256 = hashlib.sha256(content).hexdigest()
        write(self.live, (_PAPER, UUID(attempt), content, sha256))
        return attempt

    def practise(self) -> str:
        """A practice paper with a case and feedback, which the bank sets none aside of."""
        bearer = {"Authorization": f"Bearer {token_of(self.live, self.login)}"}
        with httpx.Client(base_url=self.live.base_url, headers=bearer) as api:
            me = api.get("/v1/me").json()["id"]
        paper, ids = uuid7(), (UUID(me), UUID(self.enrolment))
        content = msgspec.json.encode(to_practise(), order="sorted")
        write(self.live, (_PRACTICE, paper, *ids, content))
        return str(paper)

    def saved(self) -> dict[str, list[str]]:
        """Options picked, by item, as the server has them."""
        bearer = {"Authorization": f"Bearer {token_of(self.live, self.login)}"}
        with httpx.Client(base_url=self.live.base_url, headers=bearer) as api:
            query = {"enrolmentId": self.enrolment}
            (mine,) = api.get("/v1/attempts", params=query).json()["items"]
            attempt = api.get(f"/v1/attempts/{mine['id']}").json()
        ids = [item["id"] for item in attempt["items"]]
        return {ids[one["position"] - 1]: one["answer"]["picked"] for one in attempt["answers"]}

    def has_left(self, attempt: str, *, seconds: int) -> None:
        """Of the time of the exam."""
        write(self.live, (_DUE, UUID(attempt), timedelta(seconds=seconds)))


def _line(*parts: Run | Formula | str) -> Line:
    return tuple(Run(text=part) if isinstance(part, str) else part for part in parts)


_RATE = Formula(latex=r"r = \frac{n_{1}}{N} \times 100\%", alt="r 等于 n1 除以 N 乘以百分之百")
_FINDINGS = Table(
    caption="某企业内部审核记录",
    rows=(
        (_line("部门"), _line("条款"), _line("审核发现"), _line("证据编号"), _line("责任人")),
        (
            _line("研发部"),
            _line("8.2.1"),
            _line("三个项目立项时没有检索报告"),
            _line("YF-2026-017、YF-2026-018"),
            _line("研发主管"),
        ),
        (
            _line("采购部"),
            _line("8.4"),
            _line("两份采购合同未约定知识产权责任"),
            _line("CG-2026-003"),
            _line("采购主管"),
        ),
    ),
)
_TOLD: RichText = (
    Paragraph(
        content=_line(
            "审核员在某机械制造企业查阅 2026 年度记录，发现研发立项前的检索、采购合同的知识产权条款"
            "和保密管理都有缺口。",
            Run(text="企业负责人解释", strong=True),
            "：检索由外部代理机构口头完成，没有留下书面报告；合同由供应商提供格式文本。",
        )
    ),
    _FINDINGS,
    Paragraph(content=_line("覆盖率按下式计算：", _RATE, "，其中 N 为项目总数。")),
)
_WORDS = (
    "最高管理者对知识产权方针的制定和实施负责",
    "研发部门在立项之前进行检索，并保存检索报告",
    "内部审核由与被审核活动无关的人员进行",
    "以上都不需要形成文件",
)
_LONG_SINGLE = Single(
    options=tuple(
        Choice(id=i, text=text, feedback=f"{i}：请再读条款。")
        for i, text in zip("ABCD", _WORDS, strict=True)
    ),
    key=("B",),
)
_MULTIPLE = Multiple(
    options=(
        Choice(id="A", text="目标应可测量"),
        Choice(id="B", text=(Paragraph(content=_line("覆盖率 ", _RATE)),)),
        Choice(
            id="C",
            text=(Paragraph(content=_line("水是 H", Run(text="2", script=Script.BELOW), "O")),),
        ),
    ),
    key=("A", "B"),
)
_STEPS = ("确定审核方案", "实施现场审核", "编制审核报告", "验证纠正措施")
_ORDERING = type(ORDERING)(
    options=tuple(Choice(id=i, text=text) for i, text in zip("ABCD", _STEPS, strict=True)),
    key=("A", "B", "C", "D"),
)
_CLOZE = Cloze(
    gaps=(
        Gap(id="a", interaction=SHORT_TEXT),
        Gap(id="b", interaction=BARE),
        Gap(id="c", interaction=SINGLE),
    )
)
_CASE = Case(
    parts=(
        SubQuestion(id="1", stem="哪一项不符合？", interaction=_LONG_SINGLE, weight=3),
        SubQuestion(
            id="2",
            stem="哪些是证据？",
            interaction=Multiple(options=choices("ABC"), key=("A", "C")),
        ),
        SubQuestion(id="3", stem="证书叫[[a]]，共[[b]]份，属于[[c]]。", interaction=_CLOZE),
    )
)
_ESSAY = Essay(rubric=(RubricLine(id="1", text="指出条款"),), at_least=20, at_most=400)
_ASKED: tuple[tuple[RichText, Interaction], ...] = (
    ("GB/T 29490-2023 对研发活动的要求，下列说法正确的是？", _LONG_SINGLE),
    ("关于知识产权目标，下列说法正确的有？", _MULTIPLE),
    ("获得认证证书的企业可以在产品上直接使用认证标志。", TRUE_FALSE),
    ("按先后顺序排列一次内部审核的步骤。", _ORDERING),
    ("将左侧各项与对应的要求匹配。", MATCHING),
    (
        (
            _FINDINGS,
            Image(sha256=SHA256, media_type=MediaType.PNG, alt="样品照片"),
            Paragraph(content=_line("按 ", _RATE, " 计算，样品平均重多少？")),
        ),
        NUMERIC,
    ),
    ("认证机构颁发给企业的文件叫什么？", SHORT_TEXT),
    ("证书叫[[a]]，有效期[[b]]天，属于[[c]]。", _CLOZE),
    (_TOLD, _CASE),
    ("结合上例，说明审核员应当如何处理该企业的解释，并写出一项不符合的描述。", _ESSAY),
)


def of_every_kind() -> Criterion:
    items = tuple(
        PaperItem(id=f"T-{n:03}", stem=stem, interaction=asked, points=Decimal(10))
        for n, (stem, asked) in enumerate(_ASKED)
    )
    return Criterion(
        pass_mark=Decimal(60), total_points=Decimal(100), rules=MarkingRules(), items=items
    )


def to_practise() -> PracticePaper:
    """A single choice and the case."""
    items = [of_every_kind().items[n] for n in (0, 8)]
    source = Citation(standard="GB/T 29490", edition="2023", clause="8.2.1")
    why = "立项之前检索，是为了不重复研发，也不侵犯他人的权利。"
    return PracticePaper(
        rules=MarkingRules(),
        items=tuple(PracticeItem(item=i, explanation=why, citation=source) for i in items),
    )
