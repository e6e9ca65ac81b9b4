"""From an edition to a paper and the criterion that will mark it."""

import hashlib
import secrets
from decimal import Decimal

import msgspec

from backend.assessment.domain import Criterion, Drawn, PaperItem
from backend.assessment.exposure.service import UNSEEN, Standing
from backend.assessment.pools import pool_for
from courses.format import Blueprint, Edition, Exam, Item, Programme
from courses.items.item import content_sha256
from courses.papers.balance import BandMissed
from courses.papers.drawing import Paper, draw
from courses.papers.matching import BankTooSmall
from courses.papers.pool import Pool
from courses.worked_out import WorkedOut
from infra.errors import Unavailable


class NoPaper(Unavailable):
    """No paper can be drawn from the question bank just now; its authors must add to it."""

    zh = "题库暂时无法组成试卷，须由命题人员补充试题，请稍后再试。"


def new_seed() -> bytes:
    """256 bits: not to be guessed, and kept, so that the draw can be repeated."""
    return secrets.token_bytes(32)


def criterion_of(
    edition: Edition, programme: Programme, seed: bytes, standing: Standing = UNSEEN
) -> Criterion:
    """Items and options in the order of the draw, points, key and pass mark. The same seed and the
    same standing give the same paper."""
    pool = pool_for(edition, programme, standing)
    try:
        paper = draw(pool, seed, standing.seen.by_learner)
    except (BankTooSmall, BandMissed) as error:
        raise NoPaper from error
    points, known = _points(pool.exam), _HASHES.of(edition, programme, _Hashes)
    return Criterion(
        pass_mark=Decimal(pool.exam.pass_mark),
        total_points=sum(points, Decimal(0)),
        rules=pool.blueprint.marking_rules,
        blueprint_sha256=known.of_blueprint(pool.blueprint),
        items=tuple(
            _item(item, known.of_item(pool.items[item.id]), worth)
            for item, worth in zip(paper.items, points, strict=True)
        ),
        drawn=_how(pool, paper, standing),
    )


class _Hashes:
    """Of an edition's blueprint and items as they stand in the bank: worked out once a process and
    not for every paper, for a bank never changes within its edition."""

    def __init__(self) -> None:
        self._blueprint = ""
        self._items: dict[str, str] = {}

    def of_blueprint(self, blueprint: Blueprint) -> str:
        if not self._blueprint:
            content = msgspec.json.encode(blueprint, order="sorted")
            self._blueprint = hashlib.sha256(content).hexdigest()
        return self._blueprint

    def of_item(self, item: Item) -> str:
        if item.id not in self._items:
            self._items[item.id] = content_sha256(item)
        return self._items[item.id]


_HASHES = WorkedOut[_Hashes](most=64)


def _how(pool: Pool, paper: Paper, standing: Standing) -> Drawn:
    """Of what the learner has had, what this bank holds: nothing else has a say."""
    had = {id_: n for id_, n in standing.seen.by_learner.items() if id_ in pool.items}
    return Drawn(method=paper.method, lately_sha256=standing.lately_sha256, by_learner=had)


def _points(exam: Exam) -> list[Decimal]:
    """Of each place on the paper: sections keep their order in a draw. `str` keeps 1.5 exact."""
    return [Decimal(str(s.points)) for s in exam.sections for _ in range(s.count)]


def _item(item: Item, sha256: str, points: Decimal) -> PaperItem:
    """`item` as drawn, its options shuffled; `sha256` as it stands in the bank."""
    return PaperItem(
        id=item.id,
        version=item.version_or_one,
        sha256=sha256,
        stem=item.stem,
        interaction=item.interaction,
        points=points,
        module=item.module,
    )
