"""An item as people met it: what it asked, what its key says, and what they answered."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from backend.assessment.domain import PaperItem
from backend.assessment.marking.remedies import repository
from backend.assessment.marking.remedies.domain import NobodyAnswered, Sat
from backend.assessment.marking.remedies.schemas import ItemMet
from courses.items.answers import Picked
from courses.items.marking import mark
from courses.items.shown import shown
from courses.items.solutions import solution
from infra.database import UnitOfWork
from infra.engine import DB


async def item_met(item_id: str, version: int) -> ItemMet:
    """NobodyAnswered. Reads all marked attempts with it, as a preview does."""
    async with UnitOfWork(DB):
        item = await repository.item_on_papers(item_id, version)
        if item is None:
            raise NobodyAnswered
        tally = Tally(item)
        async for sat in repository.sat_with(item_id, item.sha256):
            tally.add(sat)
    return ItemMet(
        item=shown(item.id, item.stem, item.interaction, item.points),
        solution=solution(item.interaction),
        papers=tally.papers,
        facility=tally.facility,
        picks=dict(tally.picks),
    )


class Tally:
    """Of marked attempts with the item, by the key they were marked by."""

    def __init__(self, item: PaperItem) -> None:
        self._item, self.papers, self.picks = item, 0, Counter[str]()
        self._shares = Decimal(0)

    def add(self, sat: Sat) -> None:
        on_paper = next(one for one in sat.criterion.items if one.id == self._item.id)
        answer = sat.answers.get(on_paper.id)
        if isinstance(answer, Picked):
            self.picks.update(answer.picked)
        people = _sum(one.points for one in sat.essays if one.item_id == on_paper.id)
        earned = mark(on_paper.interaction, answer, on_paper.points, sat.criterion.rules).points
        self.papers += 1
        self._shares += (earned + people) / on_paper.points if on_paper.points else 0

    @property
    def facility(self) -> float | None:
        """Mean share of the points, in thousandths; None where nobody's paper with it is marked."""
        return float(round(self._shares / self.papers, 3)) if self.papers else None


def _sum(points: Iterable[Decimal]) -> Decimal:
    return sum(points, Decimal(0))
