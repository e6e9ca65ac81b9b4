"""From an edition to a paper and the criterion that will mark it."""

import hashlib
import secrets
from decimal import Decimal

import msgspec

from backend.assessment.domain import Criterion, PaperItem
from courses.blueprint import blueprint_of
from courses.format import Edition, Exam, Item, Programme
from courses.items.item import content_sha256
from courses.papers.drawing import paper_of
from courses.programmes import bank_of


def new_seed() -> bytes:
    """256 bits: not to be guessed, and kept, so that the draw can be repeated."""
    return secrets.token_bytes(32)


def criterion_of(edition: Edition, programme: Programme, seed: bytes) -> Criterion:
    """Items and options in the order of the draw, points, key and pass mark. The same seed gives
    the same paper."""
    exam, blueprint = edition.exam(programme.exam), blueprint_of(edition, programme)
    bank = {item.id: item for item in bank_of(edition, programme)}
    paper = paper_of(bank.values(), exam, blueprint, seed)
    points = _points(exam)
    return Criterion(
        pass_mark=Decimal(exam.pass_mark),
        total_points=sum(points, Decimal(0)),
        rules=blueprint.marking_rules,
        blueprint_sha256=hashlib.sha256(msgspec.json.encode(blueprint, order="sorted")).hexdigest(),
        items=tuple(
            _item(item, content_sha256(bank[item.id]), worth)
            for item, worth in zip(paper.items, points, strict=True)
        ),
    )


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
