"""Banks laid out for drawing, kept for as long as a process draws from them."""

from collections import OrderedDict

from backend.assessment.exposure.service import Standing
from courses.blueprint import blueprint_of
from courses.format import Edition, Programme
from courses.papers.pool import Pool, pool_of, rested
from courses.programmes import bank_of

_MOST = 64
_kept: OrderedDict[tuple[int, str, str], tuple[Edition, Pool]] = OrderedDict()
"""By edition in memory, programme and count of exposure. The edition is kept along, so that no
other can come to stand in its place in memory."""


def pool_for(edition: Edition, programme: Programme, standing: Standing) -> Pool:
    """With what was seen most lately laid aside."""
    key = (id(edition), programme.code, standing.lately_sha256)
    if key not in _kept:
        _kept[key] = (edition, _laid_out(edition, programme, standing))
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key][1]


def _laid_out(edition: Edition, programme: Programme, standing: Standing) -> Pool:
    bank, exam = bank_of(edition, programme), edition.exam(programme.exam)
    return rested(pool_of(bank, exam, blueprint_of(edition, programme)), standing.seen.lately)
