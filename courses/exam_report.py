"""What the banks of an edition hold for each programme's exam, as authors read it."""

from collections.abc import Iterator

import msgspec

from courses.exam_rules import Shortage, bank_problems, pool_for, shortages, warnings
from courses.format import Edition, Programme


class ProgrammePapers(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    programme: str
    exam: str
    short: tuple[Shortage, ...]
    """Cells with less than the bank must hold."""
    problems: tuple[str, ...]
    """Why no paper can be drawn: those cells, or what lies across cells."""
    warnings: tuple[str, ...]

    @property
    def lacking(self) -> int:
        """Items still to be written."""
        return sum(one.needed - one.held for one in self.short)

    def lines(self) -> Iterator[str]:
        """One for the programme, then one for each cell, in both languages."""
        zh, en = "可以组卷", "papers can be drawn"
        if self.short:
            zh = f"{len(self.short)} 个单元格缺 {self.lacking} 题"
            en = f"{len(self.short)} cells lack {self.lacking} items"
        elif self.problems:
            zh, en = "不能组卷", "no paper can be drawn"
        yield f"{self.programme} {self.exam}: {zh} · {en}"
        yield from (f"  {problem}" for problem in self.problems)
        yield from (f"  提示 warning: {warning}" for warning in self.warnings)


def papers_of(edition: Edition, programme: Programme) -> ProgrammePapers:
    pool = pool_for(edition, programme)
    problems = tuple(f"{one.what} -> {one.cure}" for one in bank_problems(edition, programme))
    told = () if problems else warnings(edition, programme)
    return ProgrammePapers(
        programme=programme.code,
        exam=programme.exam,
        short=tuple(shortages(pool, pool.blueprint.bank_multiple)),
        problems=problems,
        warnings=tuple(f"{one.what} -> {one.cure}" for one in told),
    )
