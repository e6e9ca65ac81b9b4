"""What is worked out from an edition once, because an edition never changes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from courses.format import Edition

T = TypeVar("T")


class WorkedOut(Generic[T]):
    """Results by edition in memory and a key. To hash an edition would be to read it whole, so it
    is known by its place; it is kept along, so that no other can come to stand there."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[int, Hashable], tuple[Edition, T]] = OrderedDict()

    def of(self, edition: Edition, key: Hashable, work_out: Callable[[], T]) -> T:
        place = (id(edition), key)
        if place not in self._kept:
            self._kept[place] = (edition, work_out())
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(place)
        return self._kept[place][1]
