"""Banks laid out for drawing, kept for as long as a process draws from them."""

from backend.assessment.exposure.service import Standing
from courses.blueprint import blueprint_of
from courses.format import Edition, Programme
from courses.papers.pool import Pool, pool_of, rested
from courses.programmes import bank_of
from courses.worked_out import WorkedOut

_POOLS = WorkedOut[Pool](most=64)


def pool_for(edition: Edition, programme: Programme, standing: Standing) -> Pool:
    """With what was seen most lately laid aside."""

    def laid_out() -> Pool:
        bank, exam = bank_of(edition, programme), edition.exam(programme.exam)
        pool = pool_of(bank, exam, blueprint_of(edition, programme))
        return rested(pool, standing.seen.lately)

    return _POOLS.of(edition, (programme, standing.lately_sha256), laid_out)
